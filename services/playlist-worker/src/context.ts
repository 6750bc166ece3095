import type { Database } from '@spindle/db';
import { type Clock, createTokenBox, type TokenKey } from '@spindle/service-kit';
import type { Spotify } from '@spindle/spotify';
import { openSpotify, type SpotifyAccessParts } from '@spindle/worker-kit';

/** What the processors of this worker work with. */
export interface PlaylistContext {
  readonly db: Database;
  readonly spotify: Spotify;
  readonly clock: Clock;
}

export interface PlaylistContextParts extends Omit<SpotifyAccessParts, 'box'> {
  readonly tokenKeys: readonly TokenKey[];
}

/** Builds the context in the order of its dependencies. */
export function createPlaylistContext(parts: PlaylistContextParts): PlaylistContext {
  const { db, clock } = parts;
  const { spotify } = openSpotify({ ...parts, box: createTokenBox(parts.tokenKeys) });
  return { db, clock, spotify };
}
