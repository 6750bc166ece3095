import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type RedisServer, startRedis } from '@spindle/testkit';
import { Bench } from './queue-bench.ts';

let redis: RedisServer;
let bench: Bench;
beforeEach(async () => {
  redis = await startRedis();
  bench = new Bench(undefined, redis.url);
});
afterEach(async () => {
  await bench.close();
  await redis.stop();
});

const asked = { requestId: 'request-1' };

describe('a worker that stops', () => {
  it('hands the job in hand back at once, with no attempt used', async () => {
    const first = await bench.worker(
      {
        double: async (_context, _payload, job) => {
          await new Promise((resolve) => job.signal.addEventListener('abort', resolve));
          throw new Error('aborted');
        },
      },
      { drainMs: 50 },
    );
    const { id } = await bench.producer.add('work', 'double', { n: 3 }, asked);
    await bench.until(id, (view) => view.state === 'running');
    const stoppedAt = performance.now();
    await first.close();
    expect(performance.now() - stoppedAt).toBeLessThan(2_000);
    expect(await bench.producer.get(id)).toMatchObject({ state: 'queued' });
    const attempts: number[] = [];
    await bench.worker({
      double: async (_context, { n }, job) => {
        attempts.push(job.attempt);
        return { doubled: 2 * n };
      },
    });
    expect(await bench.producer.waitFor(id, 2_000)).toMatchObject({
      state: 'succeeded',
      result: { doubled: 6 },
    });
    expect(attempts).toEqual([1]);
  });

  it('lets a short job finish', async () => {
    const { promise: hold, resolve: release } = Promise.withResolvers<void>();
    const worker = await bench.worker({
      double: async (_context, { n }) => {
        await hold;
        return { doubled: 2 * n };
      },
    });
    const { id } = await bench.producer.add('work', 'double', { n: 3 }, asked);
    await bench.until(id, (view) => view.state === 'running');
    const closed = worker.close();
    await expect(worker.check()).rejects.toThrow('takes no jobs');
    release();
    await closed;
    expect(await bench.producer.get(id)).toMatchObject({ state: 'succeeded' });
  });

  it('hands back even a job that does not listen to its signal', async () => {
    const worker = await bench.worker({ double: () => new Promise(() => {}) }, { drainMs: 0 });
    const { id } = await bench.producer.add('work', 'double', { n: 3 }, asked);
    await bench.until(id, (view) => view.state === 'running');
    await worker.close();
    expect(await bench.producer.get(id)).toMatchObject({ state: 'queued' });
  });

  it('comes to its end though Redis is away', async () => {
    const worker = await bench.worker(
      {
        double: async (_context, _payload, job) => {
          await new Promise((resolve) => job.signal.addEventListener('abort', resolve));
          throw new Error('aborted');
        },
      },
      { drainMs: 0 },
    );
    const { id } = await bench.producer.add('work', 'double', { n: 3 }, asked);
    await bench.until(id, (view) => view.state === 'running');
    await redis.kill();
    const stoppedAt = performance.now();
    await worker.close();
    expect(performance.now() - stoppedAt).toBeLessThan(8_000);
  });
});
