import { afterEach, describe, expect, it } from '@jest/globals';
import { GiveUp, problems, RetryLater, scaledClock } from '@spindle/service-kit';
import { waitFor } from '@spindle/testkit';
import { createWorkerFor, JobPayloadError, jobIdFromKey } from '../src/index.ts';
import { Bench, fastClock } from './queue-bench.ts';
import { testRegistry } from './test-jobs.ts';

let bench: Bench;
const open = (clock?: ReturnType<typeof fastClock>) => {
  bench = new Bench(clock);
  return bench;
};
afterEach(() => bench.close());

const asked = { requestId: 'request-1' };

describe('adding and running', () => {
  it('carries payload, request and owner to the processor and the result back', async () => {
    const { producer } = open();
    const seen: unknown[] = [];
    await bench.worker({
      double: async (_context, { n }, job) => {
        seen.push([job.id, job.name, job.requestId, job.ownerId, job.attempt, job.maxAttempts]);
        await job.progress({ done: 1, total: 2, phase: 'half' });
        await job.progress({ done: 2, total: 2 });
        return { doubled: 2 * n };
      },
    });
    const { id } = await producer.add('work', 'double', { n: 21 }, { ...asked, ownerId: 7 });
    expect(id).toMatch(/^work\.\d+$/);
    const view = await producer.waitFor(id, 5_000);
    expect(view).toMatchObject({
      id,
      queue: 'work',
      name: 'double',
      ownerId: 7,
      state: 'succeeded',
      result: { doubled: 42 },
      failure: null,
      progress: { done: 2, total: 2 },
      waitingUntil: null,
    });
    expect(Date.parse(view?.finishedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(view?.createdAt ?? ''));
    expect(seen).toEqual([[id, 'double', 'request-1', 7, 1, 3]]);
    const text = await bench.metrics.metrics();
    expect(text).toContain(
      'spindle_job_runs_total{queue="work",job_name="double",outcome="succeeded",service="test"} 1',
    );
    expect(text).toMatch(/spindle_job_wait_seconds_count\{service="test",queue="work",job_name="double"\} 1/);
  });

  it('does not add a payload that does not fit', async () => {
    const { producer } = open();
    // @ts-expect-error a text is no number
    const added = producer.add('work', 'double', { n: 'many' }, asked);
    await expect(added).rejects.toThrow(JobPayloadError);
    await expect(added).rejects.toThrow('The payload of work/double does not fit: n: ');
    // @ts-expect-error there is no such job
    await expect(producer.add('work', 'triple', { n: 1 }, asked)).rejects.toThrow(
      'There is no job work/triple.',
    );
    expect((await producer.counts())[0]?.counts.queued).toBe(0);
  });

  it('does not run a payload that does not fit, whoever added it', async () => {
    const { producer } = open();
    let ran = 0;
    await bench.worker({
      double: async () => {
        ran += 1;
        return { doubled: 0 };
      },
    });
    const [queue] = await producer.bullQueues();
    const data = { v: 1, payload: { n: 1, extra: true }, requestId: 'r' };
    const job = await queue?.add('double', data, { attempts: 5 });
    const view = await bench.until(`work.${job?.id}`, (one) => one.state === 'failed');
    expect(view.failure?.code).toBe('invalid_payload');
    expect(ran).toBe(0);
  });

  it('needs a processor for every job, and a job for every processor', () => {
    open();
    const handlers = {} as never;
    const options = { metrics: undefined } as never;
    expect(() => createWorkerFor(testRegistry, 'work', handlers, {}, options)).toThrow(
      'The worker of work has no processor for: double, hurried',
    );
    const tooMany = Object.fromEntries(
      [...Object.keys(testRegistry.work), 'other'].map((name) => [name, () => {}]),
    );
    expect(() => createWorkerFor(testRegistry, 'work', tooMany as never, {}, options)).toThrow(
      'no such job: other',
    );
  });

  it('runs what a person waits for before what nobody does', async () => {
    const { producer } = open();
    const order: number[] = [];
    for (const [n, lane] of [
      [1, 'bulk'],
      [2, 'history'],
      [3, 'interactive'],
      [4, 'history'],
    ] as const) {
      await producer.add('work', 'lane', { n }, { ...asked, lane });
    }
    const [first] = await producer.counts();
    expect(first?.counts.queued).toBe(4);
    expect(first?.oldestMs).toBeGreaterThanOrEqual(0);
    const last = await producer.add('work', 'lane', { n: 5 }, { ...asked, lane: 'bulk' });
    await bench.worker(
      {
        lane: async (_context, { n }) => {
          order.push(n);
          return null;
        },
      },
      { concurrency: 1 },
    );
    await producer.waitFor(last.id, 5_000);
    expect(order).toEqual([3, 2, 4, 1, 5]);
  });
});

describe('waiting for a job', () => {
  it('answers at the end of the time with the job as it is', async () => {
    const { producer } = open();
    const { id } = await producer.add('work', 'double', { n: 1 }, asked);
    const startedAt = performance.now();
    expect(await producer.waitFor(id, 120)).toMatchObject({ state: 'queued', result: null });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(110);
  });

  it('gives the result of a job that is not kept, and knows nothing of one that never was', async () => {
    const { producer } = open();
    const { promise: hold, resolve: release } = Promise.withResolvers<void>();
    await bench.worker({
      fleeting: async (_context, { n }) => {
        await hold;
        return { n };
      },
    });
    const { id } = await producer.add('work', 'fleeting', { n: 5 }, asked);
    // From here on the producer listens; what ends before it looks is gone.
    expect(await producer.waitFor(id, 1)).toBeDefined();
    const waited = producer.waitFor(id, 5_000);
    await bench.until(id, (view) => view.state === 'running');
    release();
    expect(await waited).toMatchObject({ state: 'succeeded', result: { n: 5 } });
    expect(await producer.get(id)).toBeUndefined();
    for (const wrong of ['work.999999', 'other.1', 'nonsense', '__proto__.1', 'work.../x']) {
      expect(await producer.waitFor(wrong, 1_000)).toBeUndefined();
    }
  });
});

describe('postponing', () => {
  it('parks a job until the moment it asked for, on the clock of the process, without using an attempt', async () => {
    const { producer, clock } = open(fastClock());
    const attempts: number[] = [];
    let until = new Date(0);
    let ranAgainAt = 0;
    await bench.worker({
      patient: async (_context, { n }, job) => {
        attempts.push(job.attempt);
        if (attempts.length === 1) {
          until = new Date(clock.nowMs() + 60_000);
          throw new RetryLater({ until, reason: 'quota', waiting: 'Spotify asks us to wait.' });
        }
        ranAgainAt = clock.nowMs();
        return { n };
      },
    });
    const { id } = await producer.add('work', 'patient', { n: 1 }, asked);
    const waiting = await bench.until(id, (view) => view.state === 'waiting');
    expect(waiting).toMatchObject({
      waitingUntil: until.toISOString(),
      waitingFor: 'Spotify asks us to wait.',
    });
    const view = await producer.waitFor(id, 5_000);
    expect(view).toMatchObject({
      state: 'succeeded',
      result: { n: 1 },
      waitingUntil: null,
      waitingFor: null,
    });
    expect(attempts).toEqual([1, 1]);
    expect(ranAgainAt).toBeGreaterThanOrEqual(until.getTime());
    // A minute of this clock is 0.6 real seconds.
    expect(ranAgainAt - until.getTime()).toBeLessThan(60_000);
  });

  it('gives up a job that is postponed without end', async () => {
    const { producer, clock } = open();
    let runs = 0;
    await bench.worker({
      patient: async () => {
        runs += 1;
        throw new RetryLater({ until: new Date(clock.nowMs() - 1), reason: 'never' });
      },
    });
    const { id } = await producer.add('work', 'patient', { n: 1 }, asked);
    expect((await producer.waitFor(id, 5_000))?.failure?.code).toBe('postponed_too_often');
    expect(runs).toBe(4);
  });

  it('gives up no job for having been postponed often within a day', async () => {
    const { producer, clock } = open();
    let runs = 0;
    await bench.worker({
      double: async (_context, { n }) => {
        runs += 1;
        if (runs > 250) return { doubled: 2 * n };
        throw new RetryLater({ until: new Date(clock.nowMs() - 1), reason: 'many others' });
      },
    });
    const { id } = await producer.add('work', 'double', { n: 1 }, asked);
    expect((await producer.waitFor(id, 20_000))?.state).toBe('succeeded');
  });

  it('gives up a job that was postponed often for more than a day', async () => {
    // A day of this clock is a tenth of a second.
    const { producer, clock } = open(
      scaledClock({ simEpochMs: 1_767_225_600_000, wallOriginMs: Date.now(), speed: 864_000 }),
    );
    let runs = 0;
    await bench.worker({
      double: async () => {
        runs += 1;
        throw new RetryLater({ until: new Date(clock.nowMs() - 1), reason: 'never' });
      },
    });
    const { id } = await producer.add('work', 'double', { n: 1 }, asked);
    expect((await producer.waitFor(id, 20_000))?.failure?.code).toBe('postponed_too_often');
    expect(runs).toBeGreaterThanOrEqual(200);
  });

  it('fails a job that would wait longer than its definition allows', async () => {
    const { producer, clock } = open();
    await bench.worker({
      patient: async () => {
        throw new RetryLater({ until: new Date(clock.nowMs() + 60_000), reason: 'x', waiting: 'Not today.' });
      },
    });
    const { id } = await producer.add('work', 'patient', { n: -1 }, asked);
    expect((await producer.waitFor(id, 5_000))?.failure).toEqual({
      code: 'postponed',
      message: 'Not today.',
    });
  });
});

describe('taking turns', () => {
  it('lets those who wait go before a long job, which goes on behind them and uses up no attempt', async () => {
    const { producer } = open();
    const ended: string[] = [];
    let starts = 0;
    let release = () => {};
    const othersAreThere = new Promise<void>((resolve) => {
      release = resolve;
    });
    await bench.worker(
      {
        long: async (_context, { n }, job) => {
          starts += 1;
          if (starts === 1) await othersAreThere;
          expect(job.attempt).toBe(1);
          await job.takeTurns();
          ended.push('long');
          return { starts: starts + n };
        },
        double: async (_context, { n }) => {
          ended.push(`short ${n}`);
          return { doubled: 2 * n };
        },
      },
      { concurrency: 1, turnMs: 0 },
    );
    const long = await producer.add('work', 'long', { n: 0 }, asked);
    await bench.until(long.id, (view) => view.state === 'running');
    for (const n of [1, 2]) await producer.add('work', 'double', { n }, asked);
    release();
    expect(await producer.waitFor(long.id, 5_000)).toMatchObject({
      state: 'succeeded',
      result: { starts: 2 },
    });
    expect(ended).toEqual(['short 1', 'short 2', 'long']);
  });

  it('goes on at once when nobody waits', async () => {
    const { producer } = open();
    let starts = 0;
    await bench.worker(
      {
        long: async (_context, _payload, job) => {
          starts += 1;
          for (let step = 0; step < 5; step += 1) await job.takeTurns();
          return { starts };
        },
      },
      { concurrency: 1, turnMs: 0 },
    );
    const { id } = await producer.add('work', 'long', { n: 0 }, asked);
    expect((await producer.waitFor(id, 5_000))?.result).toEqual({ starts: 1 });
  });
});

describe('failing', () => {
  it('does not repeat what was given up, and tells why', async () => {
    const { producer } = open();
    let runs = 0;
    await bench.worker({
      double: async (_context, { n }) => {
        runs += 1;
        if (n === 1) throw new GiveUp({ code: 'reauth_needed', message: 'Sign in with Spotify again.' });
        throw problems.notFound('That playlist is gone.', { code: 'playlist-gone' });
      },
    });
    const first = await producer.add('work', 'double', { n: 1 }, asked);
    expect((await producer.waitFor(first.id, 5_000))?.failure).toEqual({
      code: 'reauth_needed',
      message: 'Sign in with Spotify again.',
    });
    const second = await producer.add('work', 'double', { n: 2 }, asked);
    expect((await producer.waitFor(second.id, 5_000))?.failure).toEqual({
      code: 'playlist-gone',
      message: 'That playlist is gone.',
    });
    expect(runs).toBe(2);
  });

  it('waits for the end of an outage of ours, which uses up no attempt', async () => {
    const { producer } = open(fastClock());
    let tries = 0;
    const attempts: number[] = [];
    await bench.worker({
      double: async (_context, { n }, job) => {
        attempts.push(job.attempt);
        // As pg says it, more often than the job has attempts.
        if (attempts.length < 6)
          throw Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' });
        return { doubled: 2 * n };
      },
      long: async () => {
        tries += 1;
        throw new Error('Connection terminated unexpectedly');
      },
    });
    const { id } = await producer.add('work', 'double', { n: 2 }, asked);
    const waiting = await bench.until(id, (view) => view.state === 'waiting');
    expect(waiting.waitingFor).toMatch(/goes on by itself/);
    expect(await producer.waitFor(id, 10_000)).toMatchObject({ state: 'succeeded', result: { doubled: 4 } });
    expect(attempts).toEqual([1, 1, 1, 1, 1, 1]);
    // One that is never repeated has a next one that does its work.
    const once = await producer.add('work', 'long', { n: 1 }, asked);
    await waitFor(async () => (await producer.get(once.id)) === undefined, { what: 'the job to be gone' });
    expect(tries).toBe(1);
  });

  it('repeats what may heal, later and later, and then succeeds', async () => {
    const { producer } = open();
    const at: number[] = [];
    await bench.worker({
      double: async (_context, { n }, job) => {
        at.push(performance.now());
        if (job.attempt < 3) throw new Error('connection reset');
        return { doubled: 2 * n };
      },
    });
    const { id } = await producer.add('work', 'double', { n: 2 }, asked);
    expect(await producer.waitFor(id, 5_000)).toMatchObject({ state: 'succeeded', result: { doubled: 4 } });
    const [first = 0, second = 0, third = 0] = at;
    expect(second - first).toBeGreaterThanOrEqual(38);
    expect(third - second).toBeGreaterThanOrEqual(78);
  });

  it('fails after the last attempt without telling what is not public', async () => {
    const { producer } = open();
    await bench.worker({
      double: async () => {
        throw new Error('insert into users … refresh_token=AQDsecret');
      },
    });
    const { id } = await producer.add('work', 'double', { n: 2 }, asked);
    const view = await producer.waitFor(id, 5_000);
    expect(view?.failure).toEqual({
      code: 'internal',
      message: 'The job failed. It was recorded for the operator.',
    });
    const [queue] = await producer.bullQueues();
    const stored = JSON.stringify(await queue?.getJob(id.split('.')[1] ?? ''));
    expect(stored).toContain('insert into users');
    expect(stored).not.toContain('AQDsecret');
  });

  it('does not take a result that does not fit', async () => {
    const { producer } = open();
    await bench.worker({ double: async () => ({ doubled: 'much' }) as never });
    const { id } = await producer.add('work', 'double', { n: 2 }, asked);
    expect((await producer.waitFor(id, 5_000))?.state).toBe('failed');
  });

  it('aborts a run that takes too long', async () => {
    const { producer } = open();
    let reason: unknown;
    await bench.worker({
      hurried: async (_context, _payload, job) => {
        await new Promise<void>((resolve) => job.signal.addEventListener('abort', () => resolve()));
        reason = job.signal.reason;
        throw new Error('request aborted');
      },
    });
    const { id } = await producer.add('work', 'hurried', { n: 2 }, asked);
    expect((await producer.waitFor(id, 5_000))?.state).toBe('failed');
    expect(String(reason)).toContain('The run took longer than 60 ms.');
  });
});

describe('repetitions', () => {
  it('makes one job of two with the same dedupe id, until it has ended', async () => {
    const { producer } = open();
    const first = await producer.add('work', 'single', { n: 1 }, asked);
    expect(await producer.add('work', 'single', { n: 1 }, asked)).toEqual(first);
    expect(await producer.add('work', 'single', { n: 2 }, asked)).not.toEqual(first);
    let runs = 0;
    await bench.worker({
      single: async () => {
        runs += 1;
        return null;
      },
    });
    await producer.waitFor(first.id, 5_000);
    const again = await producer.add('work', 'single', { n: 1 }, asked);
    expect(again).not.toEqual(first);
    await producer.waitFor(again.id, 5_000);
    expect(runs).toBe(3);
  });

  it('runs the last of those that came during a run once more', async () => {
    const { producer } = open();
    const { promise: hold, resolve: release } = Promise.withResolvers<void>();
    const { promise: twice, resolve: ranTwice } = Promise.withResolvers<void>();
    const ran: number[] = [];
    await bench.worker({
      latest: async (_context, { n }) => {
        ran.push(n);
        if (ran.length === 1) await hold;
        else ranTwice();
        return null;
      },
    });
    const first = await producer.add('work', 'latest', { n: 1 }, asked);
    await bench.until(first.id, (view) => view.state === 'running');
    await producer.add('work', 'latest', { n: 2 }, asked);
    await producer.add('work', 'latest', { n: 3 }, asked);
    release();
    await twice;
    expect(ran).toEqual([1, 3]);
  });

  it('gives the same job for the same idempotency key', async () => {
    const { producer } = open();
    const jobId = jobIdFromKey(7, 'POST /x', 'key: "anything" ✓');
    expect(jobIdFromKey(8, 'POST /x', 'key: "anything" ✓')).not.toBe(jobId);
    let runs = 0;
    await bench.worker({
      double: async (_context, { n }) => {
        runs += 1;
        return { doubled: 2 * n };
      },
    });
    const first = await producer.add('work', 'double', { n: 1 }, { ...asked, jobId });
    await producer.waitFor(first.id, 5_000);
    const second = await producer.add('work', 'double', { n: 1 }, { ...asked, jobId });
    expect(second).toEqual(first);
    expect(await producer.waitFor(second.id, 5_000)).toMatchObject({
      state: 'succeeded',
      result: { doubled: 2 },
    });
    expect(runs).toBe(1);
  });
});
