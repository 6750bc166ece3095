import type { LibraryAccess } from '@spindle/library';
import type { LivePublisher, Producer } from '@spindle/queues';
import { createTokenBox, type TokenKey } from '@spindle/service-kit';
import { type InstanceWatch, openSpotify, type SpotifyAccessParts } from '@spindle/worker-kit';

/** What the processors of this worker work with. */
export interface StatsContext extends LibraryAccess {
  readonly producer: Pick<Producer, 'add'>;
  readonly live: LivePublisher;
  /** Absent where there is no operator to be told of anything: in tests. */
  readonly watch?: InstanceWatch;
}

export interface StatsContextParts extends Omit<SpotifyAccessParts, 'box'> {
  readonly producer: Pick<Producer, 'add'>;
  readonly tokenKeys: readonly TokenKey[];
}

/** Builds the context in the order of its dependencies. */
export function createStatsContext(parts: StatsContextParts): StatsContext {
  const { db, producer, live, clock } = parts;
  const { spotify } = openSpotify({ ...parts, box: createTokenBox(parts.tokenKeys) });
  return { db, producer, live, clock, spotify };
}
