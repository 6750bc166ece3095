import {
  type Clock,
  cryptoRandom,
  GiveUp,
  type Logger,
  markCurrentFailed,
  type Random,
  RetryLater,
  runWork,
} from '@spindle/service-kit';
import { Worker as BullWorker, type Job, Queue, type Telemetry } from 'bullmq';
import { boundedRun, NOTICE_MS, RunAborted, settlesWithin } from './bounded-run.ts';
import { watchErrors } from './connection-watch.ts';
import { type Envelope, envelopeSchema } from './envelope.ts';
import { fanOut } from './fan-out.ts';
import type { JobDefinition } from './job-definition.ts';
import { type RunOutcome, translateJobError } from './job-error-translation.ts';
import { publicJobId } from './job-id.ts';
import { toJobView } from './job-view.ts';
import { type LivePublisher, userRoom } from './live.ts';
import { type QueueConnection, queueConnection } from './queue-connection.ts';
import type { QueueMetrics } from './queue-metrics.ts';
import {
  type AnyRegistry,
  definitionOf,
  type JobName,
  type PayloadOf,
  type QueueName,
  type Registry,
  type ResultOf,
  registry,
} from './registry.ts';
import { ProgressWriter, type RunningJob, Turn } from './running-job.ts';

/** A plain function that does one job. May run twice, and may be killed in the middle. */
export type Processor<
  C,
  Q extends QueueName<R>,
  J extends JobName<Q, R>,
  R extends AnyRegistry = Registry,
> = (context: C, payload: PayloadOf<Q, J, R>, job: RunningJob<Q, R>) => Promise<ResultOf<Q, J, R>>;

/** One processor for every job of the queue. */
export type Handlers<C, Q extends QueueName<R>, R extends AnyRegistry = Registry> = {
  readonly [J in JobName<Q, R>]: Processor<C, Q, J, R>;
};

export interface WorkerOptions {
  readonly redisUrl: string;
  readonly prefix: string;
  /** Jobs at the same time in this process. */
  readonly concurrency: number;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly metrics: QueueMetrics;
  readonly random?: Random;
  /** Tells the owner of a job how it gets on. */
  readonly live?: LivePublisher;
  readonly telemetry?: Telemetry;
  /**
   * After this many real ms without a sign of life a worker counts as dead and its jobs go to another
   * (default 30 000); looked for every half of it.
   */
  readonly lockDurationMs?: number;
  /**
   * How often a job may be taken over from a worker that vanished, before it is suspected of taking
   * workers down and failed (default 3). More for jobs that go on where they were left.
   */
  readonly maxStalls?: number;
  /** How long a job that takes turns goes on while others wait in the queue (default 3 000 real ms). */
  readonly turnMs?: number;
  /** How long jobs in hand may go on when the worker stops, before they are handed back (default 3 000 ms). */
  readonly drainMs?: number;
}

export interface QueueWorker {
  readonly queue: string;
  /** Resolves when both connections to Redis stand. */
  ready(): Promise<void>;
  /** Throws when the worker takes no jobs; a check for readiness. */
  check(): Promise<void>;
  /** Takes no more jobs, lets those in hand finish or hands them back, closes the connections. */
  close(): Promise<void>;
}

/** The longest that a stop waits, after all jobs were told to end: for those that do not listen, and for Redis. */
const CLOSE_MS = NOTICE_MS + 2_000;
/** Until a worker of a newer version takes the job. */
const UNKNOWN_JOB_DELAY_MS = 30_000;

type AnyProcessor = (context: unknown, payload: unknown, job: unknown) => Promise<unknown>;

/** Whose doing a job is; jobs that cannot be read are their own. */
const requestIdOf = (job: Job): string =>
  envelopeSchema.safeParse(job.data).data?.requestId ?? `job:${job.id ?? ''}`;

class Host {
  readonly #queueName: string;
  readonly #jobs: AnyRegistry;
  readonly #handlers: Readonly<Record<string, AnyProcessor>>;
  readonly #context: unknown;
  readonly #options: WorkerOptions;
  readonly #shutdown = new AbortController();
  readonly #connection: QueueConnection;
  readonly #queue: Queue;
  readonly #worker: BullWorker;
  #closing: Promise<void> | undefined;

  constructor(
    queueName: string,
    jobs: AnyRegistry,
    handlers: Readonly<Record<string, AnyProcessor>>,
    context: unknown,
    options: WorkerOptions,
  ) {
    this.#queueName = queueName;
    this.#jobs = jobs;
    this.#handlers = handlers;
    this.#context = context;
    this.#options = options;
    this.#connection = queueConnection(options.redisUrl, options.logger);
    const lockDuration = options.lockDurationMs ?? 30_000;
    const shared = {
      connection: this.#connection.connection,
      prefix: options.prefix,
      ...(options.telemetry && { telemetry: options.telemetry }),
    };
    this.#queue = new Queue(queueName, shared);
    watchErrors(this.#queue, options.logger, `queue ${queueName}`);
    this.#worker = new BullWorker(
      queueName,
      // BullMQ hands out its signal only to functions that declare three parameters.
      async (job, token, signal) =>
        runWork({ requestId: requestIdOf(job) }, () => this.#run(job, token ?? '', signal)),
      {
        ...shared,
        concurrency: options.concurrency,
        lockDuration,
        stalledInterval: Math.max(500, lockDuration / 2),
        maxStalledCount: options.maxStalls ?? 3,
        runRetryDelay: 500,
      },
    );
    watchErrors(this.#worker, options.logger, `worker of ${queueName}`);
    this.#worker.on('stalled', (jobId) => {
      options.metrics.stalled(queueName);
      options.logger.warn({ queue: queueName, jobId }, 'a worker vanished, its job is taken over');
    });
    this.#worker.on('lockRenewalFailed', (jobIds) => {
      for (const jobId of jobIds) this.#worker.cancelJob(jobId, 'lock lost');
    });
    this.#worker.on('completed', (job) => this.#tell(job, 'completed'));
    this.#worker.on('failed', (job) => {
      if (job) this.#tell(job, job.finishedOn ? 'failed' : 'delayed');
    });
  }

  async ready(): Promise<void> {
    await Promise.all([this.#worker.waitUntilReady(), this.#queue.waitUntilReady()]);
  }

  async check(): Promise<void> {
    if (this.#closing || !this.#worker.isRunning())
      throw new Error(`The worker of ${this.#queueName} takes no jobs.`);
    // Any read will do; without Redis it waits, and the health check's own limit ends it.
    await this.#queue.isPaused();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const drainMs = this.#options.drainMs ?? 3_000;
    const stop = () => this.#shutdown.abort(new RunAborted('shutdown', 'The worker is stopping.'));
    const drain = setTimeout(stop, drainMs);
    if (drainMs === 0) stop();
    if (!(await settlesWithin(this.#worker.close(), drainMs + CLOSE_MS))) {
      // Redis does not answer: whoever takes over will find the jobs by their expired locks.
      this.#options.logger.warn({ queue: this.#queueName }, 'the worker did not close in time');
      this.#worker.disconnect().catch(() => {});
    }
    clearTimeout(drain);
    if (!(await settlesWithin(this.#queue.close(), 1_000))) this.#queue.disconnect().catch(() => {});
    await settlesWithin(this.#connection.close(), 1_000);
  }

  async #run(job: Job, token: string, bullSignal: AbortSignal | undefined): Promise<unknown> {
    const { metrics, logger } = this.#options;
    const envelope = envelopeSchema.safeParse(job.data).data;
    const log = logger.child({
      queue: this.#queueName,
      job: job.name,
      jobId: publicJobId(this.#queueName, job.id ?? ''),
      requestId: envelope?.requestId,
      ...(envelope?.ownerId !== undefined && { userId: envelope.ownerId }),
    });
    const startedAt = performance.now();
    if (job.attemptsStarted <= 1) {
      metrics.started(
        this.#queueName,
        job.name,
        (job.processedOn ?? Date.now()) - job.timestamp - (job.opts.delay ?? 0),
      );
    }
    const ended = (outcome: RunOutcome) => {
      const ranMs = Math.round(performance.now() - startedAt);
      metrics.ended(this.#queueName, job.name, outcome, ranMs);
      return { outcome, ranMs, attempt: job.attemptsMade + 1 };
    };
    try {
      const result = await this.#perform(job, token, bullSignal, envelope, log);
      log.debug(ended('succeeded'), 'job done');
      return result;
    } catch (error) {
      const { outcome, thrown } = await translateJobError(error, {
        job,
        token,
        definition: this.#definition(job.name),
        clock: this.#options.clock,
        random: this.#options.random ?? cryptoRandom,
        shuttingDown: this.#shutdown.signal.aborted,
      });
      this.#log(log, outcome, { ...ended(outcome), err: error });
      if (outcome === 'parked') this.#tell(job, 'delayed');
      throw thrown;
    }
  }

  #log(log: Logger, outcome: RunOutcome, fields: { err: unknown }): void {
    if (outcome === 'failed' || outcome === 'retrying' || outcome === 'gave-up')
      markCurrentFailed(fields.err);
    if (outcome === 'failed') log.error(fields, 'job failed for good');
    else if (outcome === 'retrying') log.warn(fields, 'job failed, it is tried again');
    else if (outcome === 'gave-up') log.warn(fields, 'job given up');
    else {
      const { err, ...rest } = fields;
      const reason = err instanceof Error ? err.message : undefined;
      log.info({ ...rest, reason }, `job ${outcome}`);
    }
  }

  #definition(name: string): JobDefinition<unknown, unknown> | undefined {
    const ofQueue = this.#jobs[this.#queueName] ?? {};
    return Object.hasOwn(ofQueue, name) ? ofQueue[name] : undefined;
  }

  async #perform(
    job: Job,
    token: string,
    bullSignal: AbortSignal | undefined,
    envelope: Envelope | undefined,
    log: Logger,
  ): Promise<unknown> {
    const definition = this.#definition(job.name);
    const handler = this.#handlers[job.name];
    if (!definition || !handler) {
      const until = new Date(this.#options.clock.nowMs() + UNKNOWN_JOB_DELAY_MS);
      throw new RetryLater({ until, reason: `this version has no job ${this.#queueName}/${job.name}` });
    }
    const payload = definition.payload.safeParse(envelope?.payload);
    if (!envelope || !payload.success) {
      const message = 'What the job carries does not fit this version of the software.';
      throw new GiveUp({ code: 'invalid_payload', message, cause: payload.error });
    }
    const limit = new AbortController();
    const timer = setTimeout(() => {
      limit.abort(new RunAborted('timeout', `The run took longer than ${definition.timeoutMs} ms.`));
    }, definition.timeoutMs);
    const lost = new AbortController();
    const onLost = () =>
      lost.abort(new RunAborted('lock-lost', 'Another worker may have taken the job over.'));
    bullSignal?.addEventListener('abort', onLost, { once: true });
    const signal = AbortSignal.any([limit.signal, lost.signal, this.#shutdown.signal]);
    const progress = new ProgressWriter(job, () => this.#tell(job, 'active'));
    try {
      const running = this.#runningJob({ job, token, envelope, definition, log, signal, progress });
      const result = await boundedRun(handler(this.#context, payload.data, running), signal);
      return definition.result.parse(result);
    } finally {
      clearTimeout(timer);
      bullSignal?.removeEventListener('abort', onLost);
      // The run has its own outcome; progress that cannot be written must not become another.
      await progress.flush().catch((error: unknown) => log.warn({ err: error }, 'progress was lost'));
    }
  }

  #runningJob(run: {
    job: Job;
    token: string;
    envelope: Envelope;
    definition: JobDefinition<unknown, unknown>;
    log: Logger;
    signal: AbortSignal;
    progress: ProgressWriter;
  }): RunningJob<string, AnyRegistry> {
    const { job, envelope } = run;
    const turn = new Turn(this.#queue, this.#options.turnMs ?? 3_000);
    return {
      id: publicJobId(this.#queueName, job.id ?? ''),
      name: job.name,
      requestId: envelope.requestId,
      ownerId: envelope.ownerId,
      attempt: job.attemptsMade + 1,
      maxAttempts: run.definition.attempts,
      log: run.log,
      signal: run.signal,
      progress: (progress) => run.progress.write(progress),
      takeTurns: () => turn.check(),
      fanOut: (childName, children) =>
        fanOut(
          {
            queue: this.#queue,
            job,
            token: run.token,
            clock: this.#options.clock,
            childName,
            definition: definitionOf(this.#jobs, this.#queueName, childName),
          },
          children,
        ),
    };
  }

  #tell(job: Job, bullState: string): void {
    const { live, clock, logger } = this.#options;
    const ownerId = envelopeSchema.safeParse(job.data).data?.ownerId;
    if (!live || ownerId === undefined) return;
    live
      .publish('job', [userRoom(ownerId)], toJobView(this.#queueName, job, bullState, clock))
      .catch((error: unknown) => logger.error({ err: error }, 'a job could not be shown'));
  }
}

/**
 * Starts a worker for one queue of a registry.
 *
 * @throws Error when a job of the queue has no processor, or a processor has no job.
 */
export function createWorkerFor<C, R extends AnyRegistry, Q extends QueueName<R>>(
  jobs: R,
  queue: Q,
  handlers: Handlers<C, Q, R>,
  context: C,
  options: WorkerOptions,
): QueueWorker {
  const wanted = Object.keys(jobs[queue] ?? {});
  const given = Object.keys(handlers);
  const missing = wanted.filter((name) => !given.includes(name));
  const unknown = given.filter((name) => !wanted.includes(name));
  if (missing.length > 0)
    throw new Error(`The worker of ${queue} has no processor for: ${missing.join(', ')}.`);
  if (unknown.length > 0) throw new Error(`The queue ${queue} has no such job: ${unknown.join(', ')}.`);
  // The types were checked by `Handlers`; inside, a payload is what its schema made of it.
  const untyped = handlers as unknown as Readonly<Record<string, AnyProcessor>>;
  const host = new Host(queue, jobs, untyped, context, options);
  return { queue, ready: () => host.ready(), check: () => host.check(), close: () => host.close() };
}

/** Starts a worker for one of the system's own queues. */
export function createWorker<C, Q extends QueueName>(
  queue: Q,
  handlers: Handlers<C, Q>,
  context: C,
  options: WorkerOptions,
): QueueWorker {
  return createWorkerFor(registry, queue, handlers, context, options);
}
