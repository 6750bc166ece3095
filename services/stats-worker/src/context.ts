import type { Database } from '@spindle/db';
import type { LivePublisher, Producer } from '@spindle/queues';
import type { Clock } from '@spindle/service-kit';

/** What the processors of this worker work with. */
export interface StatsContext {
  readonly db: Database;
  readonly producer: Pick<Producer, 'add'>;
  readonly live: LivePublisher;
  readonly clock: Clock;
}
