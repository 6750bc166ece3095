import { createLogger, createMetrics, systemClock } from '@spindle/service-kit';
import { createQueueMetrics, createWorkerFor, type Handlers } from '../src/index.ts';
import { type TestRegistry, testRegistry } from './test-jobs.ts';

/** A worker in a process of its own, to be killed: takes one job, says so, and never ends it. */
const [redisUrl = '', prefix = ''] = process.argv.slice(2);
const hang = (): Promise<never> => {
  process.send?.('took a job');
  return new Promise(() => {});
};
const handlers: Handlers<object, 'work', TestRegistry> = {
  double: hang,
  hurried: hang,
  fleeting: hang,
  single: hang,
  latest: hang,
  long: hang,
  lane: hang,
  patient: hang,
  sweep: hang,
};
createWorkerFor(
  testRegistry,
  'work',
  handlers,
  {},
  {
    redisUrl,
    prefix,
    concurrency: 1,
    logger: createLogger({ service: 'mortal', level: 'error' }),
    clock: systemClock,
    metrics: createQueueMetrics(createMetrics('mortal')),
    lockDurationMs: 1_000,
  },
);
