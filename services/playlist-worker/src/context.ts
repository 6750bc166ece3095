import type { Database } from '@spindle/db';
import type { LibraryAccess } from '@spindle/library';
import type { Producer } from '@spindle/queues';
import { type Clock, createTokenBox, type TokenKey } from '@spindle/service-kit';
import type { Governor, Spotify } from '@spindle/spotify';
import { openSpotify, type SpotifyAccessParts } from '@spindle/worker-kit';

/** What the processors of this worker work with. */
export interface PlaylistContext extends LibraryAccess {
  readonly db: Database;
  readonly spotify: Spotify;
  readonly governor: Governor;
  readonly clock: Clock;
  readonly producer: Producer;
}

export interface PlaylistContextParts extends Omit<SpotifyAccessParts, 'box'> {
  readonly tokenKeys: readonly TokenKey[];
  readonly producer: Producer;
}

/** Builds the context in the order of its dependencies. */
export function createPlaylistContext(parts: PlaylistContextParts): PlaylistContext {
  const { db, clock, producer } = parts;
  const { spotify, governor } = openSpotify({ ...parts, box: createTokenBox(parts.tokenKeys) });
  return { db, clock, spotify, governor, producer };
}
