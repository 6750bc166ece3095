import { afterEach, describe, expect, it } from '@jest/globals';
import { GiveUp } from '@spindle/service-kit';
import { waitFor } from '@spindle/testkit';
import type { Processor } from '../src/index.ts';
import { Bench, fastClock } from './queue-bench.ts';
import type { TestRegistry } from './test-jobs.ts';

let bench: Bench;
afterEach(() => bench.close());

const asked = { requestId: 'request-1', ownerId: 1 };

/** Notes how often it was started and how often it looked for its children. */
function sweepProcessor() {
  const counts = { starts: 0, lists: 0 };
  const sweep: Processor<object, 'work', 'sweep', TestRegistry> = async (_context, { keys }, job) => {
    counts.starts += 1;
    const { succeeded, failed } = await job.fanOut('fleeting', async () => {
      counts.lists += 1;
      return keys.map((key) => ({ key, payload: { n: Number(key) } }));
    });
    return {
      sum: succeeded.reduce((total, one) => total + one.result.n, 0),
      errors: failed.map((one) => `${one.key}: ${one.failure.message}`),
    };
  };
  return { sweep, counts };
}

describe('a sweep', () => {
  it('sums its children; a failed one is an entry, not the end', async () => {
    bench = new Bench();
    const { sweep, counts } = sweepProcessor();
    await bench.worker(
      {
        sweep,
        fleeting: async (_context, { n }, job) => {
          expect(job.requestId).toBe('request-1');
          if (n === 3) throw new GiveUp({ code: 'reauth_needed', message: 'Sign in again.' });
          if (n === 4) throw new Error('secret of the database');
          return { n };
        },
      },
      // Fewer hands than parts: the parent must not hold one while it waits.
      { concurrency: 1 },
    );
    const { id } = await bench.producer.add('work', 'sweep', { keys: ['1', '2', '3', '4', '5'] }, asked);
    expect(await bench.producer.waitFor(id, 10_000)).toMatchObject({
      state: 'succeeded',
      result: {
        sum: 8,
        errors: expect.arrayContaining([
          '3: Sign in again.',
          '4: The job failed. It was recorded for the operator.',
        ]),
      },
    });
    expect(counts).toEqual({ starts: 2, lists: 1 });
  });

  it('ends at once without children', async () => {
    bench = new Bench();
    const { sweep } = sweepProcessor();
    await bench.worker({ sweep });
    const { id } = await bench.producer.add('work', 'sweep', { keys: [] }, asked);
    expect(await bench.producer.waitFor(id, 5_000)).toMatchObject({
      state: 'succeeded',
      result: { sum: 0, errors: [] },
    });
  });

  it('is at work while its children run', async () => {
    bench = new Bench();
    const { sweep } = sweepProcessor();
    const { promise: hold, resolve: release } = Promise.withResolvers<void>();
    await bench.worker({
      sweep,
      fleeting: async (_context, { n }) => {
        await hold;
        return { n };
      },
    });
    const { id } = await bench.producer.add('work', 'sweep', { keys: ['1'] }, asked);
    const view = await bench.producer.waitFor(id, 200);
    expect(view).toMatchObject({ state: 'running', result: null, finishedAt: null });
    release();
    expect(await bench.producer.waitFor(id, 5_000)).toMatchObject({ state: 'succeeded' });
  });

  it('that fails after its children does not run them again', async () => {
    bench = new Bench();
    const { sweep, counts } = sweepProcessor();
    let children = 0;
    await bench.worker({
      sweep: async (context, payload, job) => {
        const result = await sweep(context, payload, job);
        if (job.attempt === 1) throw new Error('the database was away');
        return result;
      },
      fleeting: async (_context, { n }) => {
        children += 1;
        return { n };
      },
    });
    const { id } = await bench.producer.add('work', 'sweep', { keys: ['1', '2'] }, asked);
    expect(await bench.producer.waitFor(id, 5_000)).toMatchObject({ state: 'succeeded', result: { sum: 3 } });
    expect(children).toBe(2);
    expect(counts.lists).toBe(1);
  });

  it('holds many children', async () => {
    bench = new Bench();
    const { sweep } = sweepProcessor();
    await bench.worker({ sweep, fleeting: async (_context, { n }) => ({ n }) }, { concurrency: 50 });
    const keys = Array.from({ length: 2_500 }, (_, index) => String(index + 1));
    const { id } = await bench.producer.add('work', 'sweep', { keys }, asked);
    expect(await bench.producer.waitFor(id, 20_000)).toMatchObject({
      result: { sum: (2_500 * 2_501) / 2, errors: [] },
    });
  });
});

describe('schedules', () => {
  it('become what the table says: known ones set, unknown ones removed', async () => {
    bench = new Bench();
    const runs: number[] = [];
    const entry = { queue: 'work', job: 'double' } as const;
    const first = await bench.producer.schedule([
      { ...entry, id: 'often', payload: { n: 1 }, everyMs: 60 },
      { ...entry, id: 'daily', payload: { n: 2 }, pattern: '0 4 * * *', timeZone: 'Europe/Lisbon' },
    ]);
    expect(first).toEqual({ kept: ['often', 'daily'], removed: [] });
    const { promise: thrice, resolve } = Promise.withResolvers<void>();
    await bench.worker({
      double: async (_context, { n }, job) => {
        expect(job.requestId).toBe('cron:often');
        runs.push(n);
        if (runs.length === 3) resolve();
        return { doubled: n };
      },
    });
    await thrice;
    expect(
      await bench.producer.schedule([{ ...entry, id: 'often', payload: { n: 9 }, everyMs: 50 }]),
    ).toEqual({
      kept: ['often'],
      removed: ['daily'],
    });
    const seen = runs.length;
    await waitFor(() => runs.slice(seen).includes(9), { timeoutMs: 5_000, what: 'the new payload' });
    expect((await bench.producer.schedule([])).removed).toEqual(['often']);
    const [queue] = await bench.producer.bullQueues();
    expect(await queue?.getJobSchedulersCount()).toBe(0);
  });

  it('recur on the clock of the process, and on a fast one not more often than the machine bears', async () => {
    bench = new Bench(fastClock());
    const entry = { queue: 'work', job: 'double', payload: { n: 1 } } as const;
    await bench.producer.schedule([
      { ...entry, id: 'hourly', everyMs: 3_600_000 },
      { ...entry, id: 'each-second', everyMs: 1_000 },
      { ...entry, id: 'at-once', everyMs: 60 },
    ]);
    const [queue] = await bench.producer.bullQueues();
    const known = (await queue?.getJobSchedulers()) ?? [];
    expect(Object.fromEntries(known.map(({ key, every }) => [key, Number(every)]))).toEqual({
      hourly: 36_000,
      'each-second': 250,
      'at-once': 60,
    });
  });
});
