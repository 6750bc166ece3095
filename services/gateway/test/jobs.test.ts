import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GiveUp, RetryLater } from '@spindle/service-kit';
import { waitFor } from '@spindle/testkit';
import type { Browser } from './support/browser.ts';
import { CRON_SECRET, startGateway, type TestGateway } from './support/test-gateway.ts';

let gateway: TestGateway;
let ann: Browser;
let bob: Browser;
/** Opened, it lets the histories end that were asked to be slow. */
let gate = Promise.withResolvers<void>();
let failing = false;

const READ = { playsRead: 3, playsStored: 2, gap: false };
const SWEPT = {
  totalUsers: 2,
  successful: 1,
  failed: 1,
  playsSynced: 5,
  errors: [{ userId: '2', error: 'away' }],
};

beforeAll(async () => {
  gateway = await startGateway();
  ann = await gateway.signedIn('ann');
  bob = await gateway.signedIn('bob');
  await gateway.work({
    history: async (_context, { reason }, job) => {
      if (reason === 'sign-in') return READ;
      if (failing) throw new GiveUp({ code: 'reauth_needed', message: 'Sign in again.' });
      await job.progress({ done: 1, total: 3, phase: 'reading' });
      await gate.promise;
      return READ;
    },
    playback: async (_context, { reason }) => {
      if (reason === 'sign-in') return { isPlaying: false, trackId: null };
      throw new RetryLater({
        until: new Date(Date.now() + 3_600_000),
        reason: 'bucket',
        waiting: 'Spotify asks us to wait.',
      });
    },
    metadata: async () => ({ filled: 4, remaining: 0 }),
    profile: async () => ({ displayName: 'Ann', imageUrl: null }),
    'sync-all': async () => {
      if (failing) throw new GiveUp({ code: 'sweep', message: 'The sweep could not begin.' });
      return SWEPT;
    },
    'update-playing': async () => SWEPT,
  });
  // A request for a reading stands for one that is under way, so those of the sign-ins must be over.
  await waitFor(
    async () => {
      const sync = (await gateway.context.producer.counts()).find(({ queue }) => queue === 'sync');
      return sync?.counts.queued === 0 && sync.counts.running === 0;
    },
    { what: 'the readings after the sign-ins', timeoutMs: 20_000 },
  );
});
afterAll(() => gateway.stop());

const HISTORY = '/spotify/poll/recently-played';
const wait = (seconds: number) => ({ prefer: `wait=${seconds}` });

describe('a request that enqueues', () => {
  it('answers 202 with the job and where to ask for it', async () => {
    gate = Promise.withResolvers();
    const answer = await ann.ask(HISTORY, { method: 'POST' });
    expect(answer.status).toBe(202);
    const { job } = answer.json;
    expect(answer.headers.get('location')).toBe(`/api/jobs/${job.id}`);
    expect(job).toMatchObject({ queue: 'sync', name: 'history', result: null });
    expect(job).not.toHaveProperty('ownerId');
    gate.resolve();
    const ended = await ann.ask(HISTORY, { method: 'POST', headers: wait(10) });
    expect(ended.status).toBe(200);
    expect(ended.json).toEqual(READ);
    expect(ended.headers.get('preference-applied')).toBe('wait=10');
    expect((await ann.ask(`/api/jobs/${job.id}`)).json).toMatchObject({ state: 'succeeded', result: READ });
  });

  it('answers 202 all the same when the job does not end in time', async () => {
    gate = Promise.withResolvers();
    const answer = await ann.ask(HISTORY, { method: 'POST', headers: wait(1) });
    expect(answer.status).toBe(202);
    expect(answer.json.job).toMatchObject({
      state: 'running',
      progress: { done: 1, total: 3, phase: 'reading' },
    });
    gate.resolve();
  });

  it('answers the failure as a problem to whoever waits for it', async () => {
    failing = true;
    const answer = await ann.ask(HISTORY, { method: 'POST', headers: wait(10) });
    failing = false;
    expect(answer.json).toMatchObject({
      status: 422,
      type: '/problems/reauth-needed',
      detail: 'Sign in again.',
    });
  });

  it('says why a job waits, and until when', async () => {
    const { json } = await ann.ask('/spotify/poll/current-playback', { method: 'POST', headers: wait(1) });
    expect(json.job).toMatchObject({ state: 'waiting', waitingFor: 'Spotify asks us to wait.' });
    expect(Date.parse(json.job.waitingUntil)).toBeGreaterThan(Date.now() + 3_000_000);
  });

  it('gives the same job for the same key, also when it has ended and was somebody else’s request', async () => {
    gate = Promise.withResolvers();
    const plain = await ann.ask(HISTORY, { method: 'POST' });
    const key = { 'idempotency-key': 'click-1' };
    // The same reading is under way, so the key stands for that job.
    const first = await ann.ask(HISTORY, { method: 'POST', headers: key });
    expect(first.json.job.id).toBe(plain.json.job.id);
    gate.resolve();
    await ann.ask(HISTORY, { method: 'POST', headers: { ...key, ...wait(10) } });
    const again = await ann.ask(HISTORY, { method: 'POST', headers: key });
    expect(again.json.job).toMatchObject({ id: plain.json.job.id, state: 'succeeded' });
    const [one, two] = await Promise.all(
      [1, 2].map(() => ann.ask(HISTORY, { method: 'POST', headers: { 'idempotency-key': 'click-2' } })),
    );
    expect(one?.json.job.id).toBe(two?.json.job.id);
    expect(one?.json.job.id).not.toBe(plain.json.job.id);
    const bobs = await bob.ask(HISTORY, { method: 'POST', headers: { 'idempotency-key': 'click-2' } });
    expect(bobs.json.job.id).not.toBe(one?.json.job.id);
  });

  it('refuses a key that stands for something else, or for nothing', async () => {
    const key = { 'idempotency-key': 'click-3' };
    await ann.ask(HISTORY, { method: 'POST', headers: key });
    const other = await ann.ask(`${HISTORY}?scope=all`, { method: 'POST', headers: key });
    expect(other.json).toMatchObject({ status: 422, type: '/problems/idempotency-key-reused' });
    const unusable = await ann.ask(HISTORY, { method: 'POST', headers: { 'idempotency-key': 'a b' } });
    expect(unusable.json).toMatchObject({ status: 400, errors: [{ path: 'header.idempotency-key' }] });
  });

  it.each([
    ['GET', '/api/user/save', { displayName: 'Ann', imageUrl: null }],
    ['PUT', '/api/user/save', { displayName: 'Ann', imageUrl: null }],
    ['POST', '/spotify/sync-metadata', { filled: 4, remaining: 0 }],
    ['POST', `${HISTORY}?scope=all`, SWEPT],
  ])('%s %s answers the result', async (method, path, result) => {
    const answer = await ann.ask(path, { method, headers: wait(10) });
    expect(answer.json).toEqual(result);
  });

  it('reads for everybody only at an admin’s wish', async () => {
    for (const path of [HISTORY, '/spotify/poll/current-playback']) {
      expect((await bob.ask(`${path}?scope=all`, { method: 'POST' })).status).toBe(403);
    }
  });

  it('carries the id of the request into the job', async () => {
    const headers = { ...wait(10), 'x-request-id': 'from-the-browser-1' };
    const answer = await ann.ask('/spotify/sync-metadata', { method: 'POST', headers });
    expect(answer.headers.get('x-request-id')).toBe('from-the-browser-1');
    expect(gateway.logs()).toMatch(/"job":"metadata"[^\n]*"requestId":"from-the-browser-1"/);
    const forged = await ann.ask('/api/user', { headers: { 'x-request-id': 'a b"c' } });
    expect(forged.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('a job', () => {
  it('is there for its owner only', async () => {
    const { json } = await ann.ask('/spotify/sync-metadata', { method: 'POST' });
    expect((await ann.ask(`/api/jobs/${json.job.id}`)).status).toBe(200);
    expect((await bob.ask(`/api/jobs/${json.job.id}`)).status).toBe(404);
    for (const id of ['sync.999999', 'other.1', 'sync.__proto__', 'xxx']) {
      expect((await ann.ask(`/api/jobs/${id}`)).status).toBe(404);
    }
  });
});

describe('a scheduler outside', () => {
  const SYNC = '/api/cron/sync-spotify';

  it.each([
    ['GET', { authorization: `Bearer ${CRON_SECRET}` }],
    ['POST', { 'x-vercel-cron-secret': CRON_SECRET }],
  ])('by %s gets the sums of the whole sweep, under exactly these names', async (method, headers) => {
    const answer = await gateway
      .browser()
      .ask(SYNC, { method, headers: headers as unknown as Record<string, string> });
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({ success: true, duration_ms: expect.any(Number), result: SWEPT });
  });

  it('gets 500 and the reason when the sweep failed', async () => {
    failing = true;
    const answer = await gateway.browser().ask(SYNC, { headers: { 'x-vercel-cron-secret': CRON_SECRET } });
    failing = false;
    expect(answer.status).toBe(500);
    expect(answer.json).toEqual({ success: false, error: 'The sweep could not begin.' });
  });

  it('refreshes what everybody plays', async () => {
    const headers = { 'x-cron-secret': CRON_SECRET, ...wait(10) };
    const answer = await gateway.browser().ask('/tasks/update-playing', { method: 'POST', headers });
    expect(answer.json).toEqual(SWEPT);
  });

  it('with a wrong secret gets 401, starts nothing, and its secret is in no log', async () => {
    const before = await gateway.db.prisma.syncRun.count();
    for (const headers of [
      { authorization: 'Bearer canary-wrong-secret' },
      { 'x-cron-secret': 'canary-wrong-secret' },
    ]) {
      const answer = await gateway
        .browser()
        .ask(SYNC, { method: 'POST', headers: headers as unknown as Record<string, string> });
      expect(answer.json).toMatchObject({ status: 401, type: '/problems/wrong-credential' });
    }
    expect(await gateway.db.prisma.syncRun.count()).toBe(before);
    expect(gateway.logs()).not.toContain('canary-wrong-secret');
    expect(gateway.logs()).not.toContain(CRON_SECRET);
  });
});
