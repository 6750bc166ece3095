import { type Logger, TurnOver } from '@spindle/service-kit';
import type { Job, Queue } from 'bullmq';
import type { ChildJob, FanOutOutcome } from './fan-out.ts';
import type { JobProgress } from './job-view.ts';
import type { AnyRegistry, JobName, PayloadOf, QueueName, Registry, ResultOf } from './registry.ts';

/** What a processor may know and do about the job it runs. */
export interface RunningJob<Q extends QueueName<R>, R extends AnyRegistry = Registry> {
  /** The public id, as in `GET /api/jobs/{id}`. */
  readonly id: string;
  readonly name: string;
  readonly requestId: string;
  readonly ownerId: number | undefined;
  /** 1 on the first run; postponed runs do not count. */
  readonly attempt: number;
  /** The attempts of the definition: on the last, an error is final. */
  readonly maxAttempts: number;
  readonly log: Logger;
  /** Aborts at the job's timeout, when its lock was lost, and when the worker stops. */
  readonly signal: AbortSignal;
  /** Tells whoever watches; written at most four times a second, the last always. */
  progress(progress: JobProgress): Promise<void>;
  /**
   * To be called where a long run may be interrupted: when it has lasted some seconds and others wait in the
   * queue, it is their turn, and this job goes on behind them.
   *
   * @throws TurnOver which must not be caught for good.
   */
  takeTurns(): Promise<void>;
  /**
   * Runs one child for each entry and gives their results. The processor is started twice: on the first
   * run this call ends it (by an error that must not be caught), on the second it returns without
   * calling `children`. So whatever stands before it happens twice.
   */
  fanOut<J extends JobName<Q, R>>(
    job: J,
    children: () => Promise<readonly ChildJob<PayloadOf<Q, J, R>>[]>,
  ): Promise<FanOutOutcome<ResultOf<Q, J, R>>>;
}

/** Ends a run when its turn is over and somebody waits. */
export class Turn {
  readonly #queue: Pick<Queue, 'getJobCountByTypes'>;
  readonly #lengthMs: number;
  #since = performance.now();

  /** @param lengthMs how long a run may go on while others wait, real ms */
  constructor(queue: Pick<Queue, 'getJobCountByTypes'>, lengthMs: number) {
    this.#queue = queue;
    this.#lengthMs = lengthMs;
  }

  async check(): Promise<void> {
    if (performance.now() - this.#since < this.#lengthMs) return;
    if ((await this.#queue.getJobCountByTypes('prioritized', 'waiting')) > 0) throw new TurnOver();
    this.#since = performance.now();
  }
}

const WRITE_EVERY_MS = 250;

/** Writes progress at most every 250 ms. */
export class ProgressWriter {
  readonly #job: Job;
  readonly #written: () => void;
  #lastAt = Number.NEGATIVE_INFINITY;
  #held: JobProgress | undefined;

  constructor(job: Job, written: () => void) {
    this.#job = job;
    this.#written = written;
  }

  async write(progress: JobProgress): Promise<void> {
    this.#held = progress;
    if (performance.now() - this.#lastAt >= WRITE_EVERY_MS) await this.flush();
  }

  /** Writes what was held back. */
  async flush(): Promise<void> {
    const held = this.#held;
    if (!held) return;
    this.#held = undefined;
    this.#lastAt = performance.now();
    await this.#job.updateProgress({ ...held });
    this.#written();
  }
}
