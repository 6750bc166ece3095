import type { Database } from '@spindle/db';
import type { LivePublisher } from '@spindle/queues';
import type { Clock } from '@spindle/service-kit';
import type { ArchiveLimits } from './archive/limits.ts';

/** What the processor of this worker works with. */
export interface ImportContext {
  readonly db: Database;
  readonly live: LivePublisher;
  readonly clock: Clock;
  readonly limits: ArchiveLimits;
}
