import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { playlistRequestSchema, type ShuffleResult } from '@spindle/contracts';
import {
  createPlaylistSchedule,
  failPlaylistOperation,
  MOST_SCHEDULES,
  operationResult,
  storeLibraryPlaylists,
} from '@spindle/db';
import type { QueueWorker } from '@spindle/queues';
import type { Answer, Browser } from './support/browser.ts';
import { startGateway, type TestGateway } from './support/test-gateway.ts';
import { startTestWorker } from './support/test-worker.ts';

const PATH = '/api/playlist/schedules';
const BERLIN = 'Europe/Berlin';
const NEW_YORK = 'America/New_York';
const DAY_MS = 86_400_000;
const OWN = 'own0000000000000000000';
const EMPTY = 'empty00000000000000000';
const FOREIGN = 'foreign000000000000000';
const shuffle = (more: object = {}) => ({ kind: 'shuffle', playlistId: OWN, ...more });
const waiting = { prefer: 'wait=10' };

let gateway: TestGateway;
let ann: Browser;
let bob: Browser;
let annId: number;
let bobId: number;
let worker: QueueWorker;
/** What the worker in this test was asked to do. */
const asked: { job: string; operationId: number }[] = [];

beforeAll(async () => {
  gateway = await startGateway();
  ann = await gateway.signedIn('ann');
  bob = await gateway.signedIn('bob');
  annId = Number((await ann.ask('/api/user')).json.id);
  bobId = Number((await bob.ask('/api/user')).json.id);
  const { spotifyId } = await gateway.db.prisma.user.findUniqueOrThrow({ where: { id: annId } });
  const listed = (playlistId: string, name: string, itemCount: number | null, ownerId = spotifyId) => ({
    ...{ playlistId, name, itemCount, ownerId, description: null, ownerName: null, snapshotId: null },
    ...{ collaborative: false, public: null, images: [] },
  });
  await storeLibraryPlaylists(
    gateway.db,
    annId,
    [listed(OWN, 'Road', 100), listed(EMPTY, 'Nothing', 0), listed(FOREIGN, 'Theirs', null, 'somebody')],
    new Date(),
  );
  const carryOut = (job: string) => async (_context: null, payload: { operationId: number }) => {
    asked.push({ job, ...payload });
    return (await operationResult(gateway.db.pool, payload.operationId)) as ShuffleResult;
  };
  worker = await startTestWorker(
    gateway.environment,
    'shuffle-playlist',
    {
      shuffle: carryOut('shuffle'),
      'share-liked': carryOut('share-liked'),
    },
    { concurrency: 1 },
  );
});
afterAll(async () => {
  await worker?.close();
  await gateway?.stop();
});
beforeEach(async () => {
  asked.length = 0;
  await gateway.db.prisma.playlistSchedule.deleteMany();
  await moveTo(BERLIN);
});

const moveTo = (timeZone: string): Promise<Answer> =>
  ann.ask('/api/user', { method: 'PATCH', body: { timeZone } });
const create = (pattern: string, request: object = shuffle(), by = ann): Promise<Answer> =>
  by.ask(PATH, { body: { request, pattern } });
const change = (id: string, body: object, by = ann): Promise<Answer> =>
  by.ask(`${PATH}/${id}`, { method: 'PATCH', body });
const list = async (by = ann) => (await by.ask(PATH)).json;
const count = () => gateway.db.prisma.playlistSchedule.count();

/** Day and time of a moment where somebody lives, `-07-01 07:00`. */
function there(moment: string, timeZone: string): string {
  const text = new Date(moment).toLocaleString('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  return text.slice(4);
}

describe('a schedule', () => {
  it('is stored with its next time, and listed', async () => {
    const answer = await create(' 0 7 * * * ', shuffle({ mode: 'spread', name: 'Mine' }));
    expect(answer.status).toBe(201);
    expect(answer.json).toEqual({
      id: expect.any(String),
      sourceName: 'Road',
      request: { kind: 'shuffle', playlistId: OWN, mode: 'spread', name: 'Mine', target: 'refresh' },
      pattern: '0 7 * * *',
      enabled: true,
      nextAt: expect.any(String),
      lastRunAt: null,
      failures: 0,
      lastFailure: null,
      playlist: null,
    });
    const nextAt = Date.parse(answer.json.nextAt);
    expect(there(answer.json.nextAt, BERLIN).slice(-5)).toBe('07:00');
    expect(nextAt).toBeGreaterThan(Date.now());
    expect(nextAt).toBeLessThanOrEqual(Date.now() + DAY_MS + 3_600_000);
    expect(await list()).toEqual({ items: [answer.json], timeZone: BERLIN });
    expect(await list(bob)).toMatchObject({ items: [] });
  });

  it('of Liked Songs to share is one, too', async () => {
    const { json } = await create('30 6 * * 1', { kind: 'share-liked' });
    expect(json).toMatchObject({ sourceName: 'Liked Songs', request: { kind: 'share-liked' } });
  });

  it('keeps its hour where its listener lives, in summer and in winter', async () => {
    const [summer, winter] = [await create('0 7 1 7 *'), await create('0 7 1 1 *')];
    expect(summer.json.nextAt).toMatch(/-07-01T05:00:00\.000Z$/);
    expect(winter.json.nextAt).toMatch(/-01-01T06:00:00\.000Z$/);
  });

  it.each([
    ['* * * * *', 'more than once an hour'],
    ['0,30 7 * * *', 'more than once an hour'],
    ['0 0 7 * * *', 'five fields'],
    ['0 7 * * mo * *', 'five fields'],
    ['H 7 * * *', 'to chance'],
    ['0 0 30 2 *', 'day of month'],
    ['0 0 31 4,6 *', 'never comes'],
    ['0 25 * * *', '25'],
  ])('does not come at "%s"', async (pattern, words) => {
    const answer = await create(pattern);
    expect(answer.json).toMatchObject({ status: 400, errors: [{ path: 'body.pattern' }] });
    expect(answer.json.errors[0].message).toContain(words);
    expect(await count()).toBe(0);
  });

  it.each([
    [{ pattern: 'soon', request: shuffle() }, 'body.pattern'],
    [{ pattern: '0 7 * * *' }, 'body.request'],
    [{ pattern: '0 7 * * *', request: { playlistId: OWN } }, 'body.request.kind'],
    [{ pattern: '0 7 * * *', request: shuffle({ mode: 'luck' }) }, 'body.request.mode'],
    [{ pattern: '0 7 * * *', request: shuffle({ evenIfShort: true }) }, 'body.request.evenIfShort'],
    [{ pattern: '0 7 * * *', request: shuffle(), timeZone: BERLIN }, 'body.timeZone'],
    [{ pattern: '0 7 * * *', request: shuffle({ target: FOREIGN }) }, 'body.request.target'],
  ])('is refused for %j', async (body, path) => {
    expect((await ann.ask(PATH, { body })).json).toMatchObject({ status: 400, errors: [{ path }] });
    expect(await count()).toBe(0);
  });

  it.each([
    ['what cannot be read', FOREIGN, 'foreign-playlist'],
    ['nothing', EMPTY, 'empty-source'],
  ])('of %s is refused', async (_what, playlistId, code) => {
    const answer = await create('0 7 * * *', shuffle({ playlistId }));
    expect(answer.json).toMatchObject({ status: 422, type: `/problems/${code}` });
    expect(await count()).toBe(0);
  });

  it('is one of fifty at most, also when two come at once', async () => {
    const request = playlistRequestSchema.parse(shuffle());
    for (let made = 0; made < MOST_SCHEDULES - 1; made += 1) {
      await createPlaylistSchedule(
        gateway.db,
        { userId: annId, sourceName: 'Road', request, pattern: '0 7 * * *', nextAt: new Date() },
        new Date(),
      );
    }
    const answers = await Promise.all([create('0 7 * * *'), create('0 8 * * *'), create('0 9 * * *')]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 422, 422]);
    const refused = answers.find(({ status }) => status === 422);
    expect(refused?.json).toMatchObject({
      type: '/problems/too-many-schedules',
      detail: 'There can be 50 schedules.',
    });
    expect((await ann.ask('/problems/too-many-schedules')).status).toBe(200);
    expect(await count()).toBe(MOST_SCHEDULES);
    expect((await create('0 7 * * *', { kind: 'share-liked' }, bob)).status).toBe(201);
  });
});

describe('changing one', () => {
  it('gives it another time, or lets it rest and go on', async () => {
    const { id, nextAt } = (await create('0 7 * * *')).json;
    const changed = await change(id, { pattern: '15 22 * * *' });
    expect(changed.json).toMatchObject({ id, pattern: '15 22 * * *', enabled: true });
    expect(there(changed.json.nextAt, BERLIN).slice(-5)).toBe('22:15');
    const rests = await change(id, { enabled: false });
    expect(rests.json).toMatchObject({ enabled: false, nextAt: null, pattern: '15 22 * * *' });
    const goesOn = await change(id, { enabled: true, pattern: '0 7 * * *' });
    expect(goesOn.json).toMatchObject({ enabled: true, nextAt });
  });

  it('is refused for what no schedule can follow, also while it rests', async () => {
    const { id } = (await create('0 7 * * *')).json;
    await change(id, { enabled: false });
    for (const [body, path] of [
      [{ pattern: '*/5 * * * *' }, 'body.pattern'],
      [{ pattern: '99 7 * * *', enabled: false }, 'body.pattern'],
      [{ enabled: 'no' }, 'body.enabled'],
      [{ request: shuffle() }, 'body.request'],
    ] as const) {
      expect((await change(id, body)).json).toMatchObject({ status: 400, errors: [{ path }] });
    }
    expect((await list()).items).toMatchObject([{ pattern: '0 7 * * *', enabled: false, nextAt: null }]);
  });

  it('ends it', async () => {
    const { id } = (await create('0 7 * * *')).json;
    expect((await ann.ask(`${PATH}/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await ann.ask(`${PATH}/${id}`, { method: 'DELETE' })).status).toBe(404);
    expect(await list()).toMatchObject({ items: [] });
  });

  it('is for whose it is', async () => {
    const { id } = (await create('0 7 * * *')).json;
    for (const one of [id, '2147483647']) {
      expect((await change(one, { enabled: false }, bob)).status).toBe(404);
      expect((await bob.ask(`${PATH}/${one}`, { method: 'DELETE' })).status).toBe(404);
      expect((await bob.ask(`${PATH}/${one}/run`, { method: 'POST' })).status).toBe(404);
    }
    expect((await list()).items).toMatchObject([{ id, enabled: true }]);
  });

  it.each(['9999999999', 'first', '0'])('of an id that none has, "%s", is refused', async (id) => {
    for (const answer of [
      await change(id, { enabled: false }),
      await ann.ask(`${PATH}/${id}`, { method: 'DELETE' }),
      await ann.ask(`${PATH}/${id}/run`, { method: 'POST' }),
    ]) {
      expect(answer.json).toMatchObject({ status: 400, errors: [{ path: 'path.id' }] });
    }
  });
});

describe('running one now', () => {
  it('begins an operation of its own, which refreshes its playlist', async () => {
    const { id } = (await create('0 7 * * *', shuffle({ target: 'new', mode: 'unheard' }))).json;
    const answer = await ann.ask(`${PATH}/${id}/run`, { method: 'POST', headers: waiting });
    const row = await gateway.db.prisma.shuffledPlaylist.findFirst({ orderBy: { id: 'desc' } });
    expect(answer.status).toBe(200);
    expect(answer.json.id).toBe(String(row?.id));
    expect(row).toMatchObject({
      userId: annId,
      scheduleId: Number(id),
      sourceId: OWN,
      mode: 'unheard',
      target: 'refresh',
      status: 'queued',
    });
    expect(asked).toEqual([{ job: 'shuffle', operationId: row?.id }]);
    expect((await ann.ask('/api/user/shuffle/recent?limit=1')).json.items).toMatchObject([
      { scheduled: true },
    ]);
  });

  it('shares Liked Songs by their job, once for one Idempotency-Key', async () => {
    const { id } = (await create('0 7 * * *', { kind: 'share-liked' })).json;
    const asking = { method: 'POST', headers: { ...waiting, 'idempotency-key': `run-${id}` } };
    const [one, two] = await Promise.all([
      ann.ask(`${PATH}/${id}/run`, asking),
      ann.ask(`${PATH}/${id}/run`, asking),
    ]);
    expect(two?.json.id).toBe(one?.json.id);
    expect(asked).toEqual([{ job: 'share-liked', operationId: Number(one?.json.id) }]);
  });

  it('tells why the last run failed, until one does not', async () => {
    const { id } = (await create('0 7 * * *')).json;
    const { json } = await ann.ask(`${PATH}/${id}/run`, { method: 'POST', headers: waiting });
    const failure = { code: 'source_gone', message: 'The playlist is gone from Spotify.' };
    await failPlaylistOperation(gateway.db.pool, Number(json.id), failure, new Date());
    expect((await list()).items).toMatchObject([
      { failures: 1, lastFailure: failure, lastRunAt: expect.any(String) },
    ]);
    await gateway.db.prisma.playlistSchedule.updateMany({ data: { failures: 0, playlistId: OWN } });
    expect((await list()).items).toMatchObject([
      {
        failures: 0,
        lastFailure: null,
        playlist: { playlistId: OWN, url: `https://open.spotify.com/playlist/${OWN}` },
      },
    ]);
  });
});

describe('a listener who moves', () => {
  it('has their schedules follow at once, those that rest when they go on', async () => {
    const { id } = (await create('0 7 1 7 *')).json;
    const resting = (await create('0 7 1 1 *')).json.id;
    await change(resting, { enabled: false });
    await create('0 7 1 7 *', { kind: 'share-liked' }, bob);
    const ofBob = (await list(bob)).items;
    const moved = await moveTo(NEW_YORK);
    expect(moved.json).toMatchObject({ timeZone: NEW_YORK });
    const { items, timeZone } = await list();
    expect(timeZone).toBe(NEW_YORK);
    expect(items).toMatchObject([
      { id, pattern: '0 7 1 7 *', nextAt: expect.stringMatching(/-07-01T11:00:00\.000Z$/) },
      { id: resting, enabled: false, nextAt: null },
    ]);
    expect((await list(bob)).items).toEqual(ofBob);
    expect((await change(resting, { enabled: true })).json.nextAt).toMatch(/-01-01T12:00:00\.000Z$/);
  });

  it('loses no run whose time has come', async () => {
    const { id } = (await create('0 7 * * *')).json;
    const due = new Date(Date.now() - 1_000);
    await gateway.db.prisma.playlistSchedule.update({ where: { id: Number(id) }, data: { nextAt: due } });
    await moveTo(NEW_YORK);
    expect((await list()).items).toMatchObject([{ id, nextAt: due.toISOString() }]);
  });

  it('and changes anything else as well, or nothing at all, changes them likewise', async () => {
    await create('0 7 1 7 *');
    const before = await list();
    const body = { timeZone: NEW_YORK, hiddenArtists: ['2147483647'] };
    expect((await ann.ask('/api/user', { method: 'PATCH', body })).status).toBe(400);
    expect(await list()).toEqual(before);
    await ann.ask('/api/user', { method: 'PATCH', body: { displayName: 'Ann' } });
    expect(await list()).toEqual(before);
  });
});

describe('schedules', () => {
  const calls = [
    ['made', PATH, { body: { request: shuffle(), pattern: '0 7 * * *' } }],
    ['changed', `${PATH}/1`, { method: 'PATCH', body: { enabled: false } }],
    ['deleted', `${PATH}/1`, { method: 'DELETE' }],
    ['run', `${PATH}/1/run`, { method: 'POST' }],
  ] as const;

  it('are for listeners, with a scope to write where something is written', async () => {
    const { token } = (await ann.ask('/api/tokens', { body: { name: 'reader', scopes: ['read'] } })).json;
    const headers = { authorization: `Bearer ${token}` };
    for (const [, path, asking] of calls) {
      expect((await gateway.browser().ask(path, asking)).status).toBe(401);
      const reading = await gateway.browser().ask(path, { ...asking, headers });
      expect(reading.json).toMatchObject({ status: 403, type: '/problems/missing-scope' });
    }
    expect((await gateway.browser().ask(PATH)).status).toBe(401);
    expect((await gateway.browser().ask(PATH, { headers })).status).toBe(200);
  });

  it('are run for those whom Spotify lets', async () => {
    const { id } = (await create('0 7 * * *', { kind: 'share-liked' }, bob)).json;
    await gateway.db.prisma.spotifyCredential.updateMany({
      where: { userId: bobId },
      data: { reauthNeededAt: new Date() },
    });
    const answer = await bob.ask(`${PATH}/${id}/run`, { method: 'POST' });
    expect(answer.json).toMatchObject({ status: 422, type: '/problems/reauth-needed' });
    expect(asked).toEqual([]);
  });
});
