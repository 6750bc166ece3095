import type { Sounding } from '../../catalogue/items.ts';
import type { PlayContext } from '../../listening/context.ts';
import type { Device } from '../../listening/device.ts';
import type { PlayerState } from '../../listening/player.ts';
import type { WireObjects } from './wire-objects.ts';

export function deviceObject(
  device: Device,
  active: boolean,
  privateSession: boolean,
): Record<string, unknown> {
  return {
    id: device.id,
    is_active: active,
    is_private_session: active && privateSession,
    is_restricted: device.restricted,
    name: device.name,
    supports_volume: device.supportsVolume,
    type: device.type,
    volume_percent: device.supportsVolume ? device.volumePercent : null,
  };
}

export function contextObject(
  wire: WireObjects,
  context: Pick<PlayContext, 'kind' | 'uri'> | null,
): Record<string, unknown> | null {
  if (!context) return null;
  const id = context.uri.split(':')[2] ?? '';
  return {
    external_urls: {
      spotify:
        context.kind === 'collection'
          ? 'https://open.spotify.com/collection/tracks'
          : `https://open.spotify.com/${context.kind}/${id}`,
    },
    href: context.kind === 'collection' ? wire.href('me/tracks') : wire.href(`${context.kind}s/${id}`),
    type: context.kind,
    uri: context.uri,
  };
}

/** What `/me/player/currently-playing` shows; `/me/player` adds the device and the modes. */
export function playingObject(
  wire: WireObjects,
  state: PlayerState,
  reach: { next: boolean; previous: boolean },
  episodes: boolean,
): Record<string, unknown> {
  const { item } = state;
  return {
    timestamp: state.changedAtMs,
    context: contextObject(wire, state.context),
    progress_ms: state.progressMs,
    item: soundingObject(wire, item, episodes),
    currently_playing_type: item?.kind ?? 'unknown',
    actions: {
      disallows: {
        ...(state.playing ? { resuming: true } : { pausing: true }),
        ...(!reach.next && { skipping_next: true }),
        ...(!reach.previous && { skipping_prev: true }),
        ...(item?.kind === 'ad' && { seeking: true, skipping_next: true, skipping_prev: true }),
      },
    },
    is_playing: state.playing,
  };
}

function soundingObject(wire: WireObjects, item: Sounding | null, episodes: boolean): unknown {
  if (!item || item.kind === 'ad') return null;
  if (item.kind === 'track') return wire.track(item);
  return episodes ? wire.episode(item) : null;
}
