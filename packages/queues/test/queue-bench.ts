import { randomUUID } from 'node:crypto';
import { type Clock, createMetrics, scaledClock, silentLogger, systemClock } from '@spindle/service-kit';
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
  lane: unexpected,
  patient: unexpected,
  sweep: unexpected,
};

/** A clock on which everything takes a hundredth of the time. */
export const fastClock = (): Clock =>
  scaledClock({ simEpochMs: 1_767_225_600_000, wallOriginMs: Date.now(), speed: 100 });

/** A producer and workers on a prefix of their own. */
export class Bench {
  readonly prefix = `{test-${randomUUID().slice(0, 8)}}`;
  readonly metrics = createMetrics('test');
  readonly clock: Clock;
  readonly producer: Producer<TestRegistry>;
  readonly #redisUrl: string;
  readonly #workers: QueueWorker[] = [];

  constructor(redisUrl: string, clock: Clock = systemClock) {
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

  /** Waits until the job is as wanted; fails after `ms`. */
  async until(id: string, wanted: (view: JobView) => boolean, ms = 8_000): Promise<JobView> {
    const deadline = Date.now() + ms;
    let view: JobView | undefined;
    while (Date.now() < deadline) {
      view = await this.producer.get(id);
      if (view && wanted(view)) return view;
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    throw new Error(`The job did not come to it: ${JSON.stringify(view)}`);
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.close()));
    await this.producer.close();
  }
}
