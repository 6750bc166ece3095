import type { PlayerReading, TrackItem } from '@spindle/db';
import { trackItem } from '@spindle/library';
import type { SpotifyPlayer } from '@spindle/spotify';

/** A reading without the row id of its track, which the catalogue gives. */
export interface ReadPlayer {
  /** What is stored and shown; `trackId` is still to be filled in. */
  readonly reading: PlayerReading;
  /** The track, when a catalogued one plays in public. */
  readonly track: TrackItem | null;
}

const NOTHING: Omit<PlayerReading, 'observedAt'> = {
  kind: 'nothing',
  isPlaying: false,
  trackId: null,
  title: null,
  subtitle: null,
  durationMs: null,
  progressMs: null,
  deviceName: null,
  deviceType: null,
  isPrivate: false,
  contextUri: null,
};

/** Reads the player's answer (null: nothing is active). Of a private session only that it is one is kept. */
export function readPlayer(player: SpotifyPlayer | null, observedAt: Date): ReadPlayer {
  if (!player) return { reading: { ...NOTHING, observedAt }, track: null };
  if (player.device?.is_private_session) {
    return { reading: { ...NOTHING, observedAt, isPrivate: true }, track: null };
  }
  const common = {
    observedAt,
    trackId: null,
    isPlaying: player.is_playing,
    progressMs: player.progress_ms ?? null,
    deviceName: player.device?.name || null,
    deviceType: player.device?.type ?? null,
    isPrivate: false,
    contextUri: player.context?.uri ?? null,
  };
  const { item } = player;
  if (!item) {
    const kind = player.currently_playing_type === 'ad' ? 'ad' : player.is_playing ? 'unknown' : 'nothing';
    return { reading: { ...common, kind, title: null, subtitle: null, durationMs: null }, track: null };
  }
  if (item.type === 'episode') {
    const subtitle = item.show?.name ?? null;
    return {
      reading: { ...common, kind: 'episode', title: item.name, subtitle, durationMs: item.duration_ms },
      track: null,
    };
  }
  const track = trackItem(item);
  const named = { title: item.name, subtitle: item.artists.map((artist) => artist.name).join(', ') };
  return {
    reading: { ...common, ...named, kind: track ? 'track' : 'local', durationMs: item.duration_ms },
    track,
  };
}
