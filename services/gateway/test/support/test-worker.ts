import {
  createQueueMetrics,
  createWorker,
  type Handlers,
  type QueueName,
  type QueueWorker,
  registry,
  type WorkerOptions,
} from '@spindle/queues';
import { createMetrics, type Environment, silentLogger, systemClock } from '@spindle/service-kit';

const unexpected = async (): Promise<never> => {
  throw new Error('no test wanted this job');
};

/**
 * Stands in for the service that works a queue off: does what a test tells it. Jobs that the test says nothing
 * of fail.
 */
export async function startTestWorker<Q extends QueueName>(
  environment: Environment,
  queue: Q,
  handlers: Partial<Handlers<null, Q>>,
  options: Pick<WorkerOptions, 'concurrency'> & Partial<Pick<WorkerOptions, 'logger' | 'live'>>,
): Promise<QueueWorker> {
  const others = Object.fromEntries(Object.keys(registry[queue]).map((job) => [job, unexpected]));
  const worker = createWorker(queue, { ...others, ...handlers } as unknown as Handlers<null, Q>, null, {
    redisUrl: environment.REDIS_URL ?? '',
    prefix: environment.QUEUE_PREFIX ?? '',
    drainMs: 0,
    logger: silentLogger(),
    clock: systemClock,
    metrics: createQueueMetrics(createMetrics('test-worker')),
    ...options,
  });
  await worker.ready();
  return worker;
}
