import { afterEach, describe, expect, it } from '@jest/globals';
import { createMetrics, systemClock } from '@spindle/service-kit';
import { testRedis } from '@spindle/testkit';
import { createProducer, type Handlers, observeQueueDepth, type Producer, registry } from '../src/index.ts';

let producer: Producer | undefined;
afterEach(() => producer?.close());

const asked = { requestId: 'request-1' };
const open = () => {
  const { url, prefix } = testRedis();
  producer = createProducer({ redisUrl: url, prefix, clock: systemClock });
  return producer;
};

describe('the registry', () => {
  it('lets no person wait behind the reading that a machine asked for, and joins equal wishes', async () => {
    const jobs = open();
    const add = (reason: 'scheduled' | 'request' | 'sign-in' | 'sweep', userId = 1) =>
      jobs.add('sync', 'history', { userId, reason }, asked);
    const scheduled = await add('scheduled');
    expect(await add('scheduled')).toEqual(scheduled);
    const requested = await add('request');
    expect(requested).not.toEqual(scheduled);
    expect(await add('sign-in')).toEqual(requested);
    expect(await add('request', 2)).not.toEqual(requested);
    expect(await add('sweep')).not.toEqual(await add('sweep'));
    const [queue] = await jobs.bullQueues();
    const order = await queue?.getPrioritized();
    expect(order?.map((job) => job.data.payload.reason)).toEqual([
      ...['request', 'request'],
      ...['scheduled', 'sweep', 'sweep'],
    ]);
  });

  it('takes ids that can be rows, and nothing besides', async () => {
    const jobs = open();
    for (const payload of [{ userId: 0 }, { userId: 1.5 }, { userId: '1' }, { userId: 1, extra: 1 }, {}]) {
      await expect(jobs.add('sync', 'erase-user', payload as { userId: number }, asked)).rejects.toThrow(
        'The payload of sync/erase-user does not fit',
      );
    }
  });

  it('makes a worker that lacks a job not compile', () => {
    // @ts-expect-error the queue has more jobs than none
    const handlers: Handlers<object, 'imports'> = {};
    expect(Object.keys(handlers)).not.toEqual(Object.keys(registry.imports));
  });
});

describe('observeQueueDepth', () => {
  it('measures the queues at each scrape, and leaves the scrape alone when Redis is away', async () => {
    const jobs = open();
    const metrics = createMetrics('gateway');
    let away = false;
    observeQueueDepth(metrics, () => (away ? Promise.reject(new Error('away')) : jobs.counts()));
    await jobs.add('imports', 'import', { importId: 1 }, asked);
    const text = await metrics.metrics();
    expect(text).toContain('spindle_queue_jobs{queue="imports",state="queued",service="gateway"} 1');
    expect(text).toContain('spindle_queue_jobs{queue="sync",state="queued",service="gateway"} 0');
    expect(text).toMatch(/spindle_queue_oldest_job_seconds\{queue="imports",service="gateway"\} \d/);
    away = true;
    const without = await metrics.metrics();
    expect(without).toContain('process_cpu_user_seconds_total');
    expect(without).not.toContain('spindle_queue_jobs{');
  });
});
