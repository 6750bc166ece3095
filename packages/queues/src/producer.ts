import { type Clock, type Logger, silentLogger } from '@spindle/service-kit';
import { type Job, Queue, type Telemetry } from 'bullmq';
import { type Envelope, envelopeSchema } from './envelope.ts';
import { decodeFailure, isInternalFailure } from './failure-reason.ts';
import { parsePublicJobId, publicJobId } from './job-id.ts';
import { type AddOptions, jobOptions } from './job-options.ts';
import { isFinished, type JobView, toJobView } from './job-view.ts';
import { JobWaits } from './job-waits.ts';
import { ProducerConnection } from './producer-connection.ts';
import {
  type AnyRegistry,
  definitionOf,
  type JobName,
  type PayloadOf,
  type QueueName,
  type Registry,
  registry,
} from './registry.ts';
import { reconcileSchedules, type ScheduleChanges, type ScheduleEntry } from './schedule.ts';

export interface ProducerOptions {
  readonly redisUrl: string;
  /** What all keys of the queues start with; the same for producers and workers. */
  readonly prefix: string;
  readonly clock: Clock;
  readonly logger?: Logger;
  readonly telemetry?: Telemetry;
}

export interface AddJobOptions extends AddOptions {
  readonly requestId: string;
  /** The user who may look at the job. */
  readonly ownerId?: number;
}

export interface QueueDepth {
  readonly queue: string;
  readonly counts: Readonly<Record<'queued' | 'waiting' | 'running' | 'failed', number>>;
  /** For how long (real ms) the job that is next in line has been ready; 0 when none is. */
  readonly oldestMs: number;
  /** No worker takes its jobs. */
  readonly paused: boolean;
}

const RECENT_FAILURES = 100;

/** A payload that does not fit its schema: a mistake of the code that adds the job. */
export class JobPayloadError extends Error {
  override readonly name = 'JobPayloadError';
}

/**
 * Adds jobs and looks at them. Every method throws AppError 503 `queue-unavailable` within seconds when
 * Redis is away.
 */
export class Producer<R extends AnyRegistry = Registry> {
  readonly #jobs: R;
  readonly #clock: Clock;
  readonly #prefix: string;
  readonly #telemetry: Telemetry | undefined;
  readonly #connection: ProducerConnection;
  readonly #queues = new Map<string, Queue>();
  readonly #waits: JobWaits;

  constructor(jobs: R, options: ProducerOptions) {
    const logger = options.logger ?? silentLogger();
    this.#jobs = jobs;
    this.#clock = options.clock;
    this.#prefix = options.prefix;
    this.#telemetry = options.telemetry;
    this.#connection = new ProducerConnection(options.redisUrl, logger);
    this.#waits = new JobWaits({ redisUrl: options.redisUrl, prefix: options.prefix, logger });
  }

  /**
   * Adds a job, or finds the one that it is a repetition of (same `jobId`, or same dedupe id).
   *
   * @throws JobPayloadError when the payload does not fit.
   */
  async add<Q extends QueueName<R>, J extends JobName<Q, R>>(
    queue: Q,
    job: J,
    payload: PayloadOf<Q, J, R>,
    options: AddJobOptions,
  ): Promise<{ id: string }> {
    const definition = definitionOf(this.#jobs, queue, job);
    const parsed = definition.payload.safeParse(payload);
    if (!parsed.success) {
      const why = parsed.error.issues.map(
        (issue) => `${issue.path.join('.') || 'payload'}: ${issue.message}`,
      );
      throw new JobPayloadError(`The payload of ${queue}/${job} does not fit: ${why.join('; ')}`);
    }
    const data: Envelope = envelopeSchema.parse({
      v: 1,
      payload: parsed.data,
      requestId: options.requestId,
      ownerId: options.ownerId,
    });
    return this.#connection.run(async () => {
      const target = await this.#queue(queue);
      const added = await target.add(job, data, jobOptions(definition, parsed.data, this.#clock, options));
      return { id: publicJobId(queue, added.id ?? '') };
    });
  }

  /** The job as it is now; undefined when there is none, or no longer. */
  async get(id: string): Promise<JobView | undefined> {
    const parts = parsePublicJobId(id);
    if (!parts || !Object.hasOwn(this.#jobs, parts.queue)) return undefined;
    return this.#connection.run(async () => {
      const queue = await this.#queue(parts.queue);
      const job: Job | undefined = await queue.getJob(parts.bullId);
      if (!job) return undefined;
      const state = await job.getState();
      // It ended, or was parked, between the two reads: what was read first has no result, or no reason, yet.
      const isEnded = state === 'completed' || state === 'failed';
      if (state === 'delayed' || (isEnded && !job.finishedOn)) {
        const again: Job | undefined = await queue.getJob(parts.bullId);
        return again && toJobView(parts.queue, again, state, this.#clock);
      }
      return state === 'unknown' ? undefined : toJobView(parts.queue, job, state, this.#clock);
    });
  }

  /** The job when it has ended, or as it is after `ms` real milliseconds. */
  async waitFor(id: string, ms: number): Promise<JobView | undefined> {
    const parts = parsePublicJobId(id);
    if (!parts || !Object.hasOwn(this.#jobs, parts.queue)) return undefined;
    await this.#connection.run(() => this.#waits.listen(parts.queue, this.#connection.client));
    const watch = this.#waits.watch(id);
    try {
      const before = await this.get(id);
      if (!before || isFinished(before) || ms <= 0) return before;
      const ending = await watch.ended(ms);
      const after = await this.get(id);
      if (after || !ending) return after;
      // Not kept after its end: the event itself is all there is.
      const finishedAt = this.#clock.now().toISOString();
      return ending.state === 'succeeded'
        ? { ...before, state: 'succeeded', result: ending.result, waitingUntil: null, finishedAt }
        : {
            ...before,
            state: 'failed',
            failure: decodeFailure(ending.failedReason),
            waitingUntil: null,
            finishedAt,
          };
    } finally {
      watch.stop();
    }
  }

  /** Makes the recurring jobs in Redis equal to this table. */
  async schedule(table: readonly ScheduleEntry<R>[]): Promise<ScheduleChanges> {
    return this.#connection.run(async () => {
      const queues = await this.bullQueues();
      const all = new Map(queues.map((queue) => [queue.name, queue]));
      return reconcileSchedules(this.#jobs, all, table as readonly ScheduleEntry<AnyRegistry>[], this.#clock);
    });
  }

  async counts(): Promise<QueueDepth[]> {
    return this.#connection.run(async () =>
      Promise.all(
        (await this.bullQueues()).map(async (queue) => {
          const [counts, paused] = await Promise.all([queue.getJobCounts(), queue.isPaused()]);
          const [first] = await queue.getJobs(['prioritized', 'waiting'], 0, 0, true);
          const of = (...states: string[]) => states.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
          return {
            queue: queue.name,
            counts: {
              queued: of('waiting', 'prioritized', 'paused'),
              waiting: of('delayed'),
              running: of('active', 'waiting-children'),
              failed: of('failed'),
            },
            oldestMs: first ? this.#readyForMs(first) : 0,
            paused,
          };
        }),
      ),
    );
  }

  /**
   * How many jobs of each queue failed for good since a moment (real epoch ms), counted among the newest 100.
   * Those that were given up for a reason that their owner may read are no failures of the system.
   */
  async recentFailures(sinceMs: number): Promise<ReadonlyMap<string, number>> {
    return this.#connection.run(async () => {
      const counts = await Promise.all(
        (await this.bullQueues()).map(async (queue) => {
          const newest: Job[] = await queue.getJobs(['failed'], 0, RECENT_FAILURES - 1, false);
          const failed = newest.filter(
            (job) => (job?.finishedOn ?? 0) >= sinceMs && isInternalFailure(job.failedReason),
          );
          return [queue.name, failed.length] as const;
        }),
      );
      return new Map(counts);
    });
  }

  /** Does something to one queue; undefined when there is no such queue. */
  async withQueue<T>(name: string, work: (queue: Queue) => Promise<T>): Promise<T | undefined> {
    if (!Object.hasOwn(this.#jobs, name)) return undefined;
    return this.#connection.run(async () => work(await this.#queue(name)));
  }

  /** BullMQ's own objects, for the dashboard of the queues. */
  async bullQueues(): Promise<Queue[]> {
    return Promise.all(Object.keys(this.#jobs).map((name) => this.#queue(name)));
  }

  /** Throws when Redis does not answer; a check for readiness. */
  async ping(): Promise<void> {
    await this.#connection.run(() => this.#connection.client.ping());
  }

  async close(): Promise<void> {
    await this.#waits.close();
    await Promise.allSettled([...this.#queues.values()].map((queue) => queue.close()));
    await this.#connection.close();
  }

  /** For how many real ms a job could have been started: since it was added, or its wait was over. */
  #readyForMs(job: Job): number {
    const parked = envelopeSchema.safeParse(job.data).data?.parked;
    const sinceAdded = Date.now() - job.timestamp - (job.opts.delay ?? 0);
    const sinceParked = parked ? this.#clock.toWallMs(this.#clock.nowMs() - parked.untilMs) : sinceAdded;
    return Math.max(0, Math.min(sinceAdded, sinceParked));
  }

  async #queue(name: string): Promise<Queue> {
    const known = this.#queues.get(name);
    if (known) return known;
    const queue = new Queue(name, {
      connection: this.#connection.client,
      prefix: this.#prefix,
      ...(this.#telemetry && { telemetry: this.#telemetry }),
    });
    // The connection has its own listener; without one here, an error event would end the process.
    queue.on('error', () => {});
    this.#queues.set(name, queue);
    try {
      await queue.waitUntilReady();
    } catch (error) {
      // Its first handshake failed, and it does not try a second: the next call makes a new one.
      this.#queues.delete(name);
      throw error;
    }
    return queue;
  }
}

/** A producer of the system's own jobs. */
export function createProducer(options: ProducerOptions): Producer {
  return new Producer(registry, options);
}
