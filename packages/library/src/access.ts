import type { Database } from '@spindle/db';
import type { Clock } from '@spindle/service-kit';
import type { Lane, Spotify } from '@spindle/spotify';

/** What reading a library needs. */
export interface LibraryAccess {
  readonly db: Database;
  readonly spotify: Spotify;
  readonly clock: Clock;
}

export interface ReadOptions {
  readonly lane: Lane;
  readonly signal: AbortSignal;
  /** Called after each page with what was read so far; what it throws ends the reading, whose part is kept. */
  readonly onPage?: (done: number, total: number) => Promise<void> | void;
}
