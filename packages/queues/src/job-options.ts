import type { Clock } from '@spindle/service-kit';
import type { JobsOptions } from 'bullmq';
import { type JobDefinition, LANES, type Lane } from './job-definition.ts';

const DAY_S = 24 * 60 * 60;
const KEPT_FINISHED = { age: DAY_S, count: 5_000 };
/** Failed jobs stay visible, and can be run again, for two weeks. */
const KEPT_FAILED = { age: 14 * DAY_S, count: 10_000 };

export interface AddOptions {
  /** Instead of the lane of the definition. */
  readonly lane?: Lane;
  /** The id within the queue, as from `jobIdFromKey`; a second job with it is not added. */
  readonly jobId?: string;
  /** Not before this many ms from now, on the process's clock. */
  readonly delayMs?: number;
}

/** What BullMQ needs to know of one job. Its timers are real, so spans are translated. */
export function jobOptions<P>(
  definition: JobDefinition<P, unknown>,
  payload: P,
  clock: Clock,
  options: AddOptions = {},
): JobsOptions {
  const lane = typeof definition.lane === 'function' ? definition.lane(payload) : definition.lane;
  const keep =
    typeof definition.keepFinished === 'function'
      ? definition.keepFinished(payload)
      : definition.keepFinished;
  const dedupe = definition.dedupe?.(payload);
  return {
    attempts: definition.attempts,
    backoff: {
      type: 'exponential',
      delay: Math.max(1, Math.round(clock.toWallMs(definition.backoff.delayMs))),
      jitter: definition.backoff.jitter,
    },
    priority: LANES[options.lane ?? lane],
    removeOnComplete: keep ? KEPT_FINISHED : true,
    removeOnFail: KEPT_FAILED,
    stackTraceLimit: 20,
    ...(options.jobId !== undefined && { jobId: options.jobId }),
    ...(options.delayMs !== undefined && { delay: Math.round(clock.toWallMs(options.delayMs)) }),
    ...(dedupe && {
      deduplication: {
        id: dedupe.id,
        ...(dedupe.mode === 'keepLastIfActive' && { keepLastIfActive: true }),
        ...(dedupe.ttlMs !== undefined && { ttl: Math.round(clock.toWallMs(dedupe.ttlMs)) }),
      },
    }),
  };
}
