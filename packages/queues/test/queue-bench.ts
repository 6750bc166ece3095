import { type Clock, createMetrics, scaledClock, silentLogger, systemClock } from '@spindle/service-kit';
import { testRedis, waitFor } from '@spindle/testkit';
import {
  createQueueMetrics,
  createWorkerFor,
  type Handlers,
  type JobView,
  Producer,
  type QueueWorker,
  type WorkerOptions,
} from '../src/index.ts';
import { type TestRegistry, testRegistry } from './test-jobs.ts';

export type TestHandlers = Handlers<object, 'work', TestRegistry>;

const unexpected = async (): Promise<never> => {
  throw new Error('No test wanted this job.');
};
const none: TestHandlers = {
  double: unexpected,
  hurried: unexpected,
  fleeting: unexpected,
  single: unexpected,
  latest: unexpected,
  long: unexpected,
  lane: unexpected,
  patient: unexpected,
  sweep: unexpected,
};

/** A clock on which everything takes a hundredth of the time. */
export const fastClock = (): Clock =>
  scaledClock({ simEpochMs: 1_767_225_600_000, wallOriginMs: Date.now(), speed: 100 });

/** A producer and workers on a prefix of their own. */
export class Bench {
  readonly prefix = testRedis().prefix;
  readonly metrics = createMetrics('test');
  readonly clock: Clock;
  readonly producer: Producer<TestRegistry>;
  readonly #redisUrl: string;
  readonly #workers: QueueWorker[] = [];

  /** @param redisUrl the run's own Redis unless told */
  constructor(clock: Clock = systemClock, redisUrl: string = testRedis().url) {
    this.#redisUrl = redisUrl;
    this.clock = clock;
    this.producer = new Producer(testRegistry, { redisUrl, prefix: this.prefix, clock });
  }

  async worker(handlers: Partial<TestHandlers>, options: Partial<WorkerOptions> = {}): Promise<QueueWorker> {
    const worker = createWorkerFor(
      testRegistry,
      'work',
      { ...none, ...handlers },
      {},
      {
        redisUrl: this.#redisUrl,
        prefix: this.prefix,
        concurrency: 4,
        logger: silentLogger(),
        clock: this.clock,
        metrics: createQueueMetrics(this.metrics),
        ...options,
      },
    );
    this.#workers.push(worker);
    await worker.ready();
    return worker;
  }

  /** Waits until the job is as wanted. */
  until(id: string, wanted: (view: JobView) => boolean): Promise<JobView> {
    const look = async () => {
      const view = await this.producer.get(id);
      return view && wanted(view) ? view : null;
    };
    return waitFor(look, { timeoutMs: 8_000, everyMs: 15, what: `job ${id}` });
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.close()));
    await this.producer.close();
  }
}
