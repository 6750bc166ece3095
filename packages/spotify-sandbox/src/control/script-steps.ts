import type { Playable } from '../catalogue/items.ts';
import { parseSpotifyUri } from '../catalogue/spotify-ids.ts';
import type { PlayContext } from '../listening/context.ts';
import { albumContext, artistContext, showContext } from '../listening/context-resolver.ts';
import type { Intent, RepeatMode } from '../listening/intent.ts';
import type { TimedIntent } from '../listening/script.ts';
import type { Person } from '../people/person.ts';
import type { World } from '../world.ts';

/** One thing a scripted person does. `at`: ms since the epoch or Date; other times are milliseconds. */
export type ScriptStep = { at: Date | number } & (
  | {
      action: 'play';
      /** A context (`spotify:album:…`, `…:playlist:…`, `…:artist:…`, `…:show:…`, `spotify:user:{id}:collection`) … */
      contextUri?: string;
      /** … or a list of `spotify:track:…` and `spotify:episode:…`. */
      uris?: string[];
      /** Place to begin at, counted from 0. */
      offset?: number;
      positionMs?: number;
      deviceId?: string;
      shuffle?: boolean;
      repeat?: RepeatMode;
      privateSession?: boolean;
      autoplay?: boolean;
      /** Stops (closes the app) after this long. */
      forMs?: number;
    }
  | { action: 'pause' | 'resume' | 'skip' | 'previous' | 'stop' }
  | { action: 'seek'; positionMs: number }
  | { action: 'repeat'; mode: RepeatMode }
  | { action: 'shuffle' | 'privateSession'; on: boolean }
  | { action: 'enqueue'; uri: string }
  | { action: 'transfer'; deviceId: string; play?: boolean }
);

/** @throws Error naming the step when it names something that does not exist. */
export function timedIntents(world: World, person: Person, steps: readonly ScriptStep[]): TimedIntent[] {
  return steps.flatMap((step, index): TimedIntent[] => {
    const atMs = Number(step.at);
    if (!Number.isFinite(atMs)) throw new Error(`script step ${index}: "at" is not a time`);
    try {
      const intent = intentOf(world, person, step);
      const main: TimedIntent = { atMs, intent: () => intent };
      return step.action === 'play' && step.forMs !== undefined
        ? [main, { atMs: atMs + step.forMs, intent: () => ({ kind: 'stop' }) }]
        : [main];
    } catch (error) {
      throw new Error(`script step ${index}: ${error instanceof Error ? error.message : String(error)}`);
    }
  });
}

function intentOf(world: World, person: Person, step: ScriptStep): Intent {
  switch (step.action) {
    case 'play': {
      const context = step.contextUri === undefined ? null : resolveContext(world, person, step.contextUri);
      const items = context?.items ?? (step.uris ?? []).map((uri) => resolvePlayable(world, uri));
      if (items.length === 0) throw new Error('nothing to play: give contextUri or uris');
      const { at: _at, action: _action, contextUri: _contextUri, uris: _uris, forMs: _forMs, ...more } = step;
      return { kind: 'play', context, items, ...more };
    }
    case 'skip':
      return { kind: 'next' };
    case 'enqueue':
      return { kind: 'enqueue', item: resolvePlayable(world, step.uri) };
    case 'seek':
      return { kind: 'seek', positionMs: step.positionMs };
    case 'repeat':
      return { kind: 'repeat', mode: step.mode };
    case 'shuffle':
      return { kind: 'shuffle', on: step.on };
    case 'privateSession':
      return { kind: 'privateSession', on: step.on };
    case 'transfer':
      return {
        kind: 'transfer',
        deviceId: step.deviceId,
        ...(step.play !== undefined && { play: step.play }),
      };
    default:
      return { kind: step.action };
  }
}

/** @throws Error when it is not a track or episode of the catalogue. */
function resolvePlayable(world: World, uri: string): Playable {
  const item = findPlayable(world, uri);
  if (!item) throw new Error(`no such track or episode: ${uri}`);
  return item;
}

export function findPlayable(world: World, uri: string): Playable | undefined {
  const named = parseSpotifyUri(uri);
  if (named?.kind === 'track') return world.catalogue.track(named.id);
  return named?.kind === 'episode' ? world.catalogue.episode(named.id) : undefined;
}

/** @throws Error when there is no such context. */
function resolveContext(world: World, person: Person, uri: string): PlayContext {
  const context = findContext(world, person, uri);
  if (!context) throw new Error(`no such context: ${uri}`);
  return context;
}

export function findContext(world: World, person: Person, uri: string): PlayContext | undefined {
  if (uri === `spotify:user:${person.id}:collection`) return person.likedSongs();
  const named = parseSpotifyUri(uri);
  switch (named?.kind) {
    case 'album': {
      const album = world.catalogue.album(named.id);
      return album && albumContext(album);
    }
    case 'artist': {
      const artist = world.catalogue.artist(named.id);
      return artist && artistContext(artist);
    }
    case 'show': {
      const show = world.catalogue.show(named.id);
      return show && showContext(show);
    }
    case 'playlist': {
      const playlist = world.playlists.find(named.id);
      return (
        playlist && {
          kind: 'playlist',
          uri: playlist.uri,
          items: playlist.entries.flatMap(({ item }): Playable[] =>
            item && item.kind !== 'local' ? [item] : [],
          ),
        }
      );
    }
    default:
      return undefined;
  }
}
