import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { analyseLiked, loadListener, storeAnalysis, storeTrackerPoint } from '@spindle/db';
import type { QueueWorker } from '@spindle/queues';
import { GiveUp } from '@spindle/service-kit';
import type { Browser } from './support/browser.ts';
import { CRON_SECRET, SERVICE_SECRET, startGateway, type TestGateway } from './support/test-gateway.ts';
import { startTestWorker } from './support/test-worker.ts';

const ANALYSIS = '/api/user/analysis';
const TRACKER = '/api/user/tracker';
const UPDATE = '/api/trackers/update';
const OVERALL = '/api/statistics/overall';
const DAY_MS = 86_400_000;
const SWEPT = {
  total: 2,
  updated: 1,
  upToDate: 0,
  failed: 1,
  errors: [{ userId: '2', error: 'Sign in again.' }],
};
const waiting = { prefer: 'wait=10' };

let gateway: TestGateway;
let ann: Browser;
let bob: Browser;
let annId: number;
let bobId: number;
let worker: QueueWorker;
/** Whose analysis was made, in this order. */
const asked: number[] = [];
/** What the analyses do: an error that they end with, or a gate that they wait for. */
let failing: GiveUp | null = null;
let gate: Promise<void> = Promise.resolve();

beforeAll(async () => {
  gateway = await startGateway();
  ann = await gateway.signedIn('ann');
  bob = await gateway.signedIn('bob');
  annId = Number((await ann.ask('/api/user')).json.id);
  bobId = Number((await bob.ask('/api/user')).json.id);
  const { environment, db } = gateway;
  worker = await startTestWorker(
    environment,
    'stats',
    {
      recount: async () => ({ recounted: true }),
      'update-trackers': async () => SWEPT,
      analysis: async (_context, { userId }) => {
        asked.push(userId);
        await gate;
        if (failing) throw failing;
        const listener = await loadListener(db.pool, userId);
        if (!listener) throw new Error('the listener is gone');
        const now = new Date();
        const figures = await analyseLiked(db.pool, listener);
        await storeAnalysis(db, userId, figures, now);
        return { madeAt: now.toISOString(), tracks: figures.tracks };
      },
    },
    { concurrency: 2 },
  );
});
afterAll(async () => {
  await worker?.close();
  await gateway?.stop();
});

async function tokenOf(browser: Browser, scopes: string[]): Promise<Record<string, string>> {
  const { json } = await browser.ask('/api/tokens', { body: { name: 'test', scopes } });
  return { authorization: `Bearer ${json.token}` };
}

const like = (userId: number, itemKey: string) =>
  gateway.db.prisma.likedTrack.create({ data: { userId, itemKey, addedAt: new Date(0), place: 0 } });

describe('an analysis', () => {
  it('that cannot be made says why, and is no error of the page', async () => {
    failing = new GiveUp({ code: 'missing_scope', message: 'The consent lacks a permission.' });
    const answer = await ann.ask(ANALYSIS);
    failing = null;
    expect([answer.status, answer.json]).toEqual([
      200,
      {
        madeAt: null,
        analysis: null,
        refreshing: null,
        failure: { code: 'missing-scope', message: 'The consent lacks a permission.' },
      },
    ]);
  });

  it('that takes long is awaited for some seconds, and told as under way', async () => {
    const open = Promise.withResolvers<void>();
    gate = open.promise;
    const answer = await ann.ask(ANALYSIS);
    expect(answer.json).toEqual({
      madeAt: null,
      analysis: null,
      refreshing: expect.stringMatching(/^stats\./),
      failure: null,
    });
    const job = `/api/jobs/${answer.json.refreshing}`;
    expect((await ann.ask(job)).json).toMatchObject({ name: 'analysis', state: 'running' });
    expect((await bob.ask(job)).status).toBe(404);
    open.resolve();
    gate = Promise.resolve();
    // Who asks again joins it.
    const made = await ann.ask(ANALYSIS);
    expect(made.json).toMatchObject({ refreshing: null, failure: null, analysis: { tracks: 0 } });
  }, 20_000);

  it('is the stored one, once there is one, without a job', async () => {
    const before = asked.length;
    await like(annId, 'removed:1');
    expect((await ann.ask(ANALYSIS)).json.analysis.tracks).toBe(0);
    expect(asked.length).toBe(before);
  });

  it('is made anew on request, of the caller alone', async () => {
    const answer = await ann.ask(ANALYSIS, { method: 'POST', headers: waiting });
    expect([answer.status, answer.json]).toEqual([200, { madeAt: expect.any(String), tracks: 1 }]);
    const { json } = await ann.ask(ANALYSIS);
    expect(json).toMatchObject({ madeAt: answer.json.madeAt, analysis: { tracks: 1, removed: 1 } });
    const accepted = await ann.ask(ANALYSIS, { method: 'POST' });
    expect([accepted.status, accepted.json.job.name]).toEqual([202, 'analysis']);
    expect((await bob.ask(ANALYSIS)).json.analysis.tracks).toBe(0);
    expect(asked.at(-1)).toBe(bobId);
  });

  it('is for listeners, of whom tokens need the scope', async () => {
    for (const path of [ANALYSIS, TRACKER, '/api/user/aggregate']) {
      expect([path, (await gateway.browser().ask(path)).status]).toEqual([path, 401]);
      const headers = { 'x-cron-secret': CRON_SECRET };
      expect([path, (await gateway.browser().ask(path, { headers })).status]).toEqual([path, 403]);
    }
    const reading = { headers: await tokenOf(ann, ['read']) };
    expect((await gateway.browser().ask(ANALYSIS, reading)).status).toBe(200);
    const writing = await gateway.browser().ask(ANALYSIS, { method: 'POST', ...reading });
    expect(writing.json).toMatchObject({ status: 403, type: '/problems/missing-scope' });
    const elsewhere = await ann.ask(ANALYSIS, {
      method: 'POST',
      headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    });
    expect(elsewhere.status).toBe(403);
  });

  it('of a listener whose consent has ended is not asked for', async () => {
    const { db } = gateway;
    const credential = { where: { userId: bobId } };
    await db.prisma.libraryAnalysis.deleteMany(credential);
    await db.prisma.spotifyCredential.update({ ...credential, data: { reauthNeededAt: new Date() } });
    const before = asked.length;
    const answer = await bob.ask(ANALYSIS);
    expect(answer.json).toMatchObject({ analysis: null, failure: { code: 'reauth-needed' } });
    const making = await bob.ask(ANALYSIS, { method: 'POST' });
    expect(making.json).toMatchObject({ status: 422, type: '/problems/reauth-needed' });
    const all = await bob.ask('/api/user/aggregate');
    expect(all.json).toMatchObject({
      analysis: { failure: { code: 'reauth-needed' } },
      tracker: { enabled: true, points: [] },
    });
    expect(asked.length).toBe(before);
    await db.prisma.spotifyCredential.update({ ...credential, data: { reauthNeededAt: null } });
  });
});

describe('a tracker', () => {
  it('answers its datapoints with changes, of the caller alone', async () => {
    await gateway.db.prisma.user.update({ where: { id: annId }, data: { timeZone: 'UTC' } });
    const first = Date.parse('2024-05-01T12:00:00Z');
    for (const [index, likedTracks] of [10, 12, 11].entries()) {
      const at = new Date(first + index * DAY_MS);
      await storeTrackerPoint(gateway.db.pool, annId, { likedTracks, playlists: 4 }, at);
    }
    const { json } = await ann.ask(TRACKER);
    const none = { plays: 0, msPlayed: 0 };
    expect(json).toEqual({
      enabled: true,
      points: [
        {
          day: '2024-05-01',
          likedTracks: 10,
          likedChange: null,
          playlists: 4,
          playlistsChange: null,
          ...none,
        },
        { day: '2024-05-02', likedTracks: 12, likedChange: 2, playlists: 4, playlistsChange: 0, ...none },
        { day: '2024-05-03', likedTracks: 11, likedChange: -1, playlists: 4, playlistsChange: 0, ...none },
      ],
    });
    const part = await ann.ask(`${TRACKER}?from=2024-05-02&to=2024-05-02`);
    expect(part.json.points).toEqual([json.points[1]]);
    const all = await ann.ask('/api/user/aggregate?from=2024-05-03');
    expect(all.json).toEqual({
      analysis: (await ann.ask(ANALYSIS)).json,
      tracker: { enabled: true, points: [json.points[2]] },
    });
    await ann.ask('/api/user', { method: 'PATCH', body: { trackers: false } });
    expect((await ann.ask(TRACKER)).json).toMatchObject({ enabled: false, points: { length: 3 } });
    expect((await bob.ask(TRACKER)).json).toEqual({ enabled: true, points: [] });
  });

  it.each([
    ['from=2024-02-30', 'query.from'],
    ['to=yesterday', 'query.to'],
    ['from=2024-05-02&to=2024-05-01', 'query.from'],
    ['since=2024-05-01', 'query.since'],
  ])('refuses %s', async (query, path) => {
    for (const base of [TRACKER, '/api/user/aggregate']) {
      const answer = await ann.ask(`${base}?${query}`);
      expect(answer.json).toMatchObject({ status: 400, errors: [{ path }] });
    }
  });
});

describe('a sweep over the trackers', () => {
  it('is for schedulers and programs of the operator', async () => {
    const outside = gateway.browser();
    const basic = `Basic ${Buffer.from(`backup:${SERVICE_SECRET}`).toString('base64')}`;
    const token = await outside.ask('/token', {
      method: 'POST',
      raw: 'grant_type=client_credentials',
      headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: basic },
    });
    const jwt = `Bearer ${token.json.access_token}`;
    for (const headers of [
      { 'x-cron-secret': CRON_SECRET },
      { authorization: `Bearer ${CRON_SECRET}` },
      { authorization: jwt },
    ] as Record<string, string>[]) {
      for (const method of ['GET', 'POST']) {
        const answer = await outside.ask(UPDATE, { method, headers: { ...headers, ...waiting } });
        expect([method, answer.status, answer.json]).toEqual([method, 200, SWEPT]);
      }
    }
    const accepted = await outside.ask(UPDATE, { headers: { authorization: jwt } });
    expect([accepted.status, accepted.json.job.name]).toEqual([202, 'update-trackers']);
  });

  it('is refused to everybody else', async () => {
    const outside = gateway.browser();
    for (const headers of [
      { 'x-cron-secret': `${CRON_SECRET}!` },
      { authorization: 'Bearer nonsense' },
      { authorization: 'Basic YTpi' },
    ] as Record<string, string>[]) {
      expect((await outside.ask(UPDATE, { headers })).status).toBe(401);
    }
    expect((await outside.ask(UPDATE)).status).toBe(401);
    expect((await ann.ask(UPDATE)).status).toBe(403);
    const headers = await tokenOf(ann, ['read', 'write']);
    expect((await outside.ask(UPDATE, { headers })).status).toBe(403);
    expect((await outside.ask(UPDATE, { method: 'DELETE' })).status).toBe(405);
  });
});

describe('what the instance has shuffled', () => {
  it('is for anybody, with the most shuffled music only when asked for', async () => {
    const { db } = gateway;
    const outside = gateway.browser();
    const track = await db.prisma.track.create({
      data: { name: 'Aria', nameKey: 'aria', artistKey: 'x', spotifyId: 'aria' },
    });
    await db.prisma.shuffledTrack.create({ data: { userId: annId, trackId: track.id, times: 5 } });
    await db.prisma.shuffleCounter.createMany({
      data: [
        { name: 'playlists_shuffled', value: 2 },
        { name: 'tracks_shuffled', value: 300 },
      ],
    });
    const { json } = await outside.ask(OVERALL);
    expect(json).toEqual({ playlistsShuffled: 2, tracksShuffled: 300, analysesMade: expect.any(Number) });
    expect(json.analysesMade).toBeGreaterThan(0);
    expect((await outside.ask(`${OVERALL}?full_stats=false`)).json).toEqual(json);
    const url = 'https://open.spotify.com/track/aria';
    await db.prisma.user.update({ where: { id: annId }, data: { publicProfile: true, publicStats: true } });
    const full = await outside.ask(`${OVERALL}?full_stats`);
    expect(full.json).toEqual({
      ...json,
      topTracks: [{ name: 'Aria', artist: null, url, times: 5 }],
      topArtists: [],
    });
    // The list is worked out once a minute; the counters are those of this moment.
    await db.prisma.shuffledTrack.updateMany({ data: { times: 6 } });
    await db.prisma.shuffleCounter.update({ where: { name: 'tracks_shuffled' }, data: { value: 301 } });
    expect((await outside.ask(`${OVERALL}?full_stats=1`)).json).toEqual({
      ...full.json,
      tracksShuffled: 301,
    });
    const wrong = await outside.ask(`${OVERALL}?full_stats=perhaps`);
    expect(wrong.json).toMatchObject({ status: 400, errors: [{ path: 'query.full_stats' }] });
  });

  it('is shown to admins operation by operation, without its music', async () => {
    const [recent, failures] = ['/api/admin/shuffles/recent', '/api/admin/shuffles/failures'];
    const row = {
      seed: '',
      sourceId: 'liked',
      sourceName: 'Secret',
      name: 'Secret',
      mode: 'uniform',
    } as const;
    for (const userId of [annId, bobId, annId]) {
      await gateway.db.prisma.shuffledPlaylist.create({
        data: { ...row, userId, status: 'succeeded', trackCount: 10, finishedAt: new Date() },
      });
    }
    await gateway.db.prisma.shuffledPlaylist.create({
      data: { ...row, userId: bobId, status: 'failed', failureCode: 'forbidden' },
    });
    // Whoever signed in first is the admin.
    const first = (await ann.ask(`${recent}?limit=3`)).json;
    expect(first.items.map((item: { state: string }) => item.state)).toEqual([
      'failed',
      'succeeded',
      'succeeded',
    ]);
    expect(first.figures).toMatchObject({ shuffles: 4, failed: 1, tracks: 30, users: 2 });
    const cursor = encodeURIComponent(first.nextCursor);
    const rest = (await ann.ask(`${recent}?limit=3&cursor=${cursor}`)).json;
    expect([rest.items.length, rest.nextCursor]).toEqual([1, null]);
    const failed = (await ann.ask(failures)).json;
    expect(failed).toMatchObject({
      items: [{ failureCode: 'forbidden', user: { handle: expect.any(String) } }],
      nextCursor: null,
      reasons: [{ code: 'forbidden', count: 1 }],
    });
    expect(JSON.stringify([first, rest, failed])).not.toContain('Secret');
    for (const path of [recent, failures]) {
      expect((await bob.ask(path)).status).toBe(403);
      expect((await gateway.browser().ask(path)).status).toBe(401);
      const headers = await tokenOf(ann, ['read']);
      expect((await gateway.browser().ask(path, { headers })).status).toBe(403);
      for (const query of ['limit=0', 'limit=101', 'cursor=nonsense', 'user=1']) {
        const answer = await ann.ask(`${path}?${query}`);
        expect(answer.json).toMatchObject({
          status: 400,
          errors: [{ path: `query.${query.split('=')[0]}` }],
        });
      }
    }
  });
});
