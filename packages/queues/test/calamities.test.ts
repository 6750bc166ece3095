import { fork } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AppError } from '@spindle/service-kit';
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

describe('a worker killed with SIGKILL', () => {
  it('loses no job: another takes it over within seconds', async () => {
    const { id } = await bench.producer.add('work', 'double', { n: 3 }, asked);
    const mortal = fork(new URL('./mortal-worker.ts', import.meta.url).pathname, [redis.url, bench.prefix], {
      // Jest's own flags are not for a plain process.
      execArgv: [],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    await new Promise<void>((resolve, reject) => {
      mortal.once('message', () => resolve());
      mortal.once('exit', (code) => reject(new Error(`The worker ended with ${code}.`)));
    });
    mortal.removeAllListeners('exit');
    mortal.kill('SIGKILL');
    await bench.worker(
      { double: async (_context, { n }) => ({ doubled: 2 * n }) },
      { lockDurationMs: 1_000 },
    );
    expect(await bench.producer.waitFor(id, 10_000)).toMatchObject({
      state: 'succeeded',
      result: { doubled: 6 },
    });
    expect(await bench.metrics.metrics()).toContain(
      'spindle_jobs_stalled_total{queue="work",service="test"} 1',
    );
  });
});

describe('Redis that goes away', () => {
  it('is waited for by workers, which go on with what was queued', async () => {
    const ran: number[] = [];
    await bench.worker({
      double: async (_context, { n }) => {
        ran.push(n);
        return { doubled: 2 * n };
      },
    });
    const before = await bench.producer.add('work', 'double', { n: 1 }, asked);
    await bench.producer.waitFor(before.id, 5_000);
    const delayed = await bench.producer.add('work', 'double', { n: 2 }, { ...asked, delayMs: 1_500 });
    await redis.restart();
    const after = await bench.producer.add('work', 'double', { n: 3 }, asked);
    expect(await bench.producer.waitFor(after.id, 10_000)).toMatchObject({ result: { doubled: 6 } });
    expect(await bench.producer.waitFor(delayed.id, 10_000)).toMatchObject({ result: { doubled: 4 } });
    expect(ran.sort()).toEqual([1, 2, 3]);
  });

  it('does not lose the job that was running', async () => {
    const { promise: hold, resolve: release } = Promise.withResolvers<void>();
    await bench.worker(
      {
        double: async (_context, { n }) => {
          await hold;
          return { doubled: 2 * n };
        },
      },
      { lockDurationMs: 1_000 },
    );
    const { id } = await bench.producer.add('work', 'double', { n: 4 }, asked);
    await bench.until(id, (view) => view.state === 'running');
    await redis.kill();
    release();
    await redis.start();
    expect(await bench.producer.waitFor(id, 15_000)).toMatchObject({
      state: 'succeeded',
      result: { doubled: 8 },
    });
  });

  it('makes producers fail fast and clearly, and work again when it is back', async () => {
    await bench.producer.ping();
    await redis.kill();
    const startedAt = performance.now();
    const failure = await bench.producer
      .add('work', 'double', { n: 1 }, asked)
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AppError);
    expect(failure).toMatchObject({ status: 503, code: 'queue-unavailable' });
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    await expect(bench.producer.ping()).rejects.toMatchObject({ status: 503 });
    await redis.start();
    const { id } = await bench.producer.add('work', 'double', { n: 1 }, asked);
    expect(await bench.producer.get(id)).toMatchObject({ state: 'queued' });
  });
});
