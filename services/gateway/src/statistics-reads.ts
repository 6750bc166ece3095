import { isDeepStrictEqual } from 'node:util';
import { type Listener, loadListener, type Queryable } from '@spindle/db';
import { Counter, type Logger, metricOnce, type Registry } from '@spindle/service-kit';

/** Chooses where a statistic is read. */
export interface StatisticsReads {
  /** @param about Whom it is of, as the primary knows them now. */
  read<T>(about: readonly Listener[], make: (db: Queryable) => Promise<T>): Promise<T>;
}

/** A replica that does not tell of a listener within this is away, ms. */
const ANSWER_MS = 2_000;
/** After that it is not asked again for so long, ms. */
const COOL_DOWN_MS = 5_000;
/** Transactions that were rolled back, such as those in the way of what a standby has to replay. */
const ROLLED_BACK = '40';

const OUTCOMES = ['answered', 'behind', 'away', 'failed'] as const;
type Outcome = (typeof OUTCOMES)[number];

/**
 * With a replica, statistics are made there, as long as it tells the very same of their listeners as the
 * primary has just told: every change of a history changes its `history_states.version` in the same
 * transaction, and a standby shows transactions whole and in their order. So whoever changed something reads
 * it at once, and the replica's figures are the primary's. What is no part of a history, names and artwork of
 * the catalogue, may lag as the replica does.
 *
 * Whatever a replica cannot do, the primary does: when it is away, behind, cancels a statement, or does not
 * find something.
 */
export function createStatisticsReads(parts: {
  readonly primary: Queryable;
  readonly replica: Queryable | undefined;
  readonly metrics: Registry;
  readonly logger: Logger;
}): StatisticsReads {
  const { primary, replica, metrics, logger } = parts;
  if (!replica) return { read: (_about, make) => make(primary) };
  const outcomes = metricOnce(
    metrics,
    'spindle_replica_reads_total',
    () =>
      new Counter({
        name: 'spindle_replica_reads_total',
        help: 'Statistics by what came of asking the replica: it answered, or the primary did, since it was behind or away, or failed.',
        labelNames: ['outcome'],
        registers: [metrics],
      }),
  );
  for (const outcome of OUTCOMES) outcomes.inc({ outcome }, 0);
  /** When a lost replica may be asked again, by `performance.now()`; null while it answers. */
  let askAgainAt: number | null = null;

  /** Whether the replica knows what the primary knows; `answered` if it does. */
  const look = async (about: readonly Listener[]): Promise<Outcome> => {
    if (askAgainAt !== null) {
      if (performance.now() < askAgainAt) return 'away';
      // One request tries; the others need not wait with it.
      askAgainAt = performance.now() + COOL_DOWN_MS;
    }
    try {
      const known = await within(
        ANSWER_MS,
        Promise.all(about.map(({ userId }) => loadListener(replica, userId))),
      );
      if (askAgainAt !== null) logger.info('the replica of PostgreSQL answers again');
      askAgainAt = null;
      return isDeepStrictEqual(known, about) ? 'answered' : 'behind';
    } catch (error) {
      if (error instanceof Error && 'code' in error && String(error.code).startsWith(ROLLED_BACK))
        return 'failed';
      if (askAgainAt === null)
        logger.warn({ err: error }, 'the replica of PostgreSQL is away; the primary answers meanwhile');
      askAgainAt = performance.now() + COOL_DOWN_MS;
      return 'away';
    }
  };

  return {
    async read(about, make) {
      let outcome = await look(about);
      try {
        if (outcome === 'answered') return await make(replica);
      } catch (error) {
        // What is wrong with the question itself, the primary will say again.
        outcome = 'failed';
        logger.debug({ err: error }, 'the replica of PostgreSQL did not answer');
      } finally {
        outcomes.inc({ outcome });
      }
      return make(primary);
    },
  };
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
