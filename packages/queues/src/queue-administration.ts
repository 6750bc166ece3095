import type { Clock } from '@spindle/service-kit';
import type { Job, Queue } from 'bullmq';
import { envelopeSchema } from './envelope.ts';
import { decodeFailureForOperator, type JobFailure } from './failure-reason.ts';
import { parsePublicJobId, publicJobId } from './job-id.ts';
import { onClock } from './job-view.ts';
import type { Producer } from './producer.ts';

/** A job that failed for good, as the operator sees it. */
export interface FailedJob {
  readonly id: string;
  readonly queue: string;
  readonly name: string;
  /** ISO 8601, UTC, on the process's clock. */
  readonly createdAt: string;
  readonly failedAt: string | null;
  readonly attempts: number;
  readonly maxAttempts: number;
  readonly failure: JobFailure;
  readonly requestId: string | null;
  readonly ownerId: number | null;
}

/** Jobs that are dropped by one call of BullMQ, and retried at most in one go. */
const BATCH = 1_000;
const AT_ONCE = 50;

/**
 * What an operator does to queues. Every method answers undefined for a queue that does not exist, and
 * throws AppError 503 `queue-unavailable` when Redis is away.
 */
export class QueueAdministration {
  readonly #producer: Pick<Producer, 'withQueue'>;
  readonly #clock: Clock;

  constructor(producer: Pick<Producer, 'withQueue'>, clock: Clock) {
    this.#producer = producer;
    this.#clock = clock;
  }

  /** Jobs that failed, newest first, without the first `offset`; and how many there are. */
  async failed(
    name: string,
    page: { readonly offset: number; readonly limit: number },
  ): Promise<{ readonly jobs: FailedJob[]; readonly total: number } | undefined> {
    return this.#producer.withQueue(name, async (queue) => {
      const [jobs, total] = await Promise.all([
        queue.getFailed(page.offset, page.offset + page.limit - 1),
        queue.getFailedCount(),
      ]);
      // One that was dropped between the two reads is null.
      return { jobs: jobs.filter(Boolean).map((job) => this.#toFailedJob(name, job)), total };
    });
  }

  /** Stops workers from taking jobs of a queue, or lets them go on. */
  async setPaused(name: string, paused: boolean): Promise<true | undefined> {
    return this.#producer.withQueue(name, async (queue) => {
      await (paused ? queue.pause() : queue.resume());
      return true as const;
    });
  }

  /** Runs failed jobs again with all their attempts: one, or all (the newest thousand). Answers how many. */
  async retry(name: string, jobId?: string): Promise<number | undefined> {
    const fresh = { resetAttemptsMade: true, resetAttemptsStarted: true };
    return this.#producer.withQueue(name, async (queue) => {
      if (jobId !== undefined) {
        const job = await failedJob(queue, jobId);
        await job?.retry('failed', fresh);
        return job ? 1 : 0;
      }
      const jobs = (await queue.getFailed(0, BATCH - 1)).filter(Boolean);
      let retried = 0;
      for (let at = 0; at < jobs.length; at += AT_ONCE) {
        const outcomes = await Promise.all(
          jobs.slice(at, at + AT_ONCE).map(async (job) => {
            // Somebody else may have dropped or retried it by now.
            if (!(await job.isFailed())) return 0;
            await job.retry('failed', fresh);
            return 1;
          }),
        );
        retried += outcomes.reduce<number>((sum, one) => sum + one, 0);
      }
      return retried;
    });
  }

  /** Forgets failed jobs: one, or all. Answers how many. */
  async drop(name: string, jobId?: string): Promise<number | undefined> {
    return this.#producer.withQueue(name, async (queue) => {
      if (jobId !== undefined) {
        const job = await failedJob(queue, jobId);
        await job?.remove();
        return job ? 1 : 0;
      }
      let dropped = 0;
      for (;;) {
        const ids = await queue.clean(0, BATCH, 'failed');
        dropped += ids.length;
        if (ids.length < BATCH) return dropped;
      }
    });
  }

  #toFailedJob(queue: string, job: Job): FailedJob {
    const envelope = envelopeSchema.safeParse(job.data).data;
    return {
      id: publicJobId(queue, job.id ?? ''),
      queue,
      name: job.name,
      createdAt: onClock(this.#clock, job.timestamp),
      failedAt: job.finishedOn ? onClock(this.#clock, job.finishedOn) : null,
      attempts: job.attemptsMade,
      maxAttempts: job.opts.attempts ?? 1,
      failure: decodeFailureForOperator(job.failedReason),
      requestId: envelope?.requestId ?? null,
      ownerId: envelope?.ownerId ?? null,
    };
  }
}

/** A job of this queue that is failed at this moment. */
async function failedJob(queue: Queue, publicId: string): Promise<Job | undefined> {
  const parts = parsePublicJobId(publicId);
  if (parts?.queue !== queue.name) return undefined;
  const job: Job | undefined = await queue.getJob(parts.bullId);
  return job && (await job.isFailed()) ? job : undefined;
}
