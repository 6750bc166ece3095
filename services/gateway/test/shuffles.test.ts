import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type PlaylistRequest, playlistRequestSchema, type ShuffleResult } from '@spindle/contracts';
import {
  appOfUser,
  claimWriter,
  createPlaylistOperation,
  failPlaylistOperation,
  finishPlaylistOperation,
  finishPlaylistPart,
  markDeleted,
  operationResult,
  planPlaylistOperation,
  releaseWriter,
  savePlaylistContents,
  savePlaylistStep,
  storeLibraryPlaylists,
} from '@spindle/db';
import type { QueueWorker } from '@spindle/queues';
import { GiveUp } from '@spindle/service-kit';
import { QuotaExceeded } from '@spindle/spotify';
import { waitFor } from '@spindle/testkit';
import type { Browser } from './support/browser.ts';
import { startGateway, type TestGateway } from './support/test-gateway.ts';
import { startTestWorker } from './support/test-worker.ts';

const SHUFFLE = '/api/playlist/shuffle';
const ESTIMATE = '/api/playlist/shuffle/estimate';
const SHARE = '/api/playlist/share/liked-tracks';
const DELETE = '/api/playlist/delete';
const RESTORE = '/api/playlist/restore';
const RECENT = '/api/user/shuffle/recent';
const ALLOWANCE = 600;
const CELL_MS = 5 * 60_000;
const DAY_MS = 86_400_000;

const id = (name: string) => name.padEnd(22, '0');
/** Ann's playlists, by how many items they hold. */
const [ROAD, STORED, HALF, EMPTY, LONG, FOREIGN, SHARED] = [
  'road',
  'stored',
  'half',
  'empty',
  'long',
  'foreign',
  'shared',
].map(id) as [string, string, string, string, string, string, string];
const UNKNOWN = id('unknown');

let gateway: TestGateway;
let ann: Browser;
let bob: Browser;
let annId: number;
let bobId: number;
/** Of the instance, through which both are connected. */
let appId: string;
let worker: QueueWorker;
/** What the worker in this test was asked to do. */
const asked: { job: string; payload: object }[] = [];
let failing: GiveUp | null = null;

beforeAll(async () => {
  gateway = await startGateway({ SPOTIFY_DAILY_ALLOWANCE: String(ALLOWANCE) });
  ann = await gateway.signedIn('ann');
  bob = await gateway.signedIn('bob');
  annId = Number((await ann.ask('/api/user')).json.id);
  bobId = Number((await bob.ask('/api/user')).json.id);
  appId = (await appOfUser(gateway.db.pool, annId)) ?? '';
  await storeLibrary();
  const carryOut = (job: string) => async (_context: null, payload: { operationId: number }) => {
    asked.push({ job, payload });
    if (failing) throw failing;
    const result = await operationResult(gateway.db.pool, payload.operationId);
    return result as ShuffleResult;
  };
  const until = '2026-11-01T13:00:00.000Z';
  worker = await startTestWorker(
    gateway.environment,
    'shuffle-playlist',
    {
      shuffle: carryOut('shuffle'),
      'share-liked': carryOut('share-liked'),
      'delete-made': async (_context, payload) => {
        asked.push({ job: 'delete-made', payload });
        return { deleted: 2, restorableUntil: until };
      },
      'restore-made': async (_context, payload) => {
        asked.push({ job: 'restore-made', payload });
        return { restored: 2 };
      },
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
  // A fresh day at Spotify.
  const keys = await gateway.redis.keys(`${gateway.environment.QUEUE_PREFIX}:governor:*`);
  if (keys.length > 0) await gateway.redis.del(keys);
});

async function storeLibrary(): Promise<void> {
  const { db } = gateway;
  const user = await db.prisma.user.findUniqueOrThrow({ where: { id: annId } });
  const listed = (playlistId: string, name: string, itemCount: number | null, more: object = {}) => ({
    playlistId,
    name,
    description: null,
    ownerId: user.spotifyId,
    ownerName: 'Ann',
    collaborative: false,
    public: false,
    images: [],
    itemCount,
    snapshotId: `${name}-1`,
    ...more,
  });
  const others = { ownerId: 'somebody', itemCount: null };
  const now = new Date();
  await storeLibraryPlaylists(
    db,
    annId,
    [
      listed(ROAD, 'Road', 1_001),
      listed(STORED, 'Stored', 120),
      listed(HALF, 'Half', 120),
      listed(EMPTY, 'Nothing', 0),
      listed(LONG, 'Long', 25_000),
      listed(FOREIGN, 'Theirs', null, others),
      listed(SHARED, 'Ours', 40, { ...others, itemCount: 40, collaborative: true }),
    ],
    now,
  );
  const entries = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      kind: 'track' as const,
      uri: `spotify:track:${id(`t${index}`)}`,
      trackId: null,
      name: null,
      addedAt: null,
    }));
  const contents = { total: 120, readAt: now };
  await savePlaylistContents(db, annId, STORED, {
    ...contents,
    snapshotId: 'Stored-1',
    entries: entries(120),
  });
  await savePlaylistContents(db, annId, HALF, { ...contents, snapshotId: 'Half-1', entries: entries(100) });
}

const waiting = { prefer: 'wait=10' };
const lastRow = () => gateway.db.prisma.shuffledPlaylist.findFirst({ orderBy: { id: 'desc' } });
const rows = () => gateway.db.prisma.shuffledPlaylist.count();
const estimate = async (body: object) => (await ann.ask(ESTIMATE, { body })).json;

/** Makes calls until the allowance of the day has only so many left. */
async function leaveOnly(left: number): Promise<void> {
  const { governor } = gateway.context.spotify;
  const call = { appId, lane: 'sign-in' as const, bucket: 'profile' as const };
  for (let calls = 0; calls < ALLOWANCE - left; calls += 1) await governor.acquire(call);
}

interface Made {
  readonly playlistIds: readonly string[];
  readonly request?: object;
  readonly tracks?: number;
  readonly failure?: { code: string; message: string };
}

/** An operation that was carried out, as the worker stores it; its id. */
async function made({ playlistIds, request, tracks = 3, failure }: Made, userId = annId): Promise<number> {
  const { db } = gateway;
  const asking: PlaylistRequest = playlistRequestSchema.parse({
    kind: 'shuffle',
    playlistId: ROAD,
    ...request,
  });
  const now = new Date();
  const operationId = await createPlaylistOperation(
    db.pool,
    {
      userId,
      sourceId: ROAD,
      sourceName: 'Road',
      mode: 'uniform',
      seed: 'a'.repeat(32),
      name: 'Road',
      target: 'refresh',
      request: asking,
    },
    now,
  );
  if (failure) {
    await failPlaylistOperation(db.pool, operationId, failure, now);
    return operationId;
  }
  const lease = await claimWriter(db.pool, userId, 'test');
  if (!lease) throw new Error('somebody writes');
  const uris = Array.from({ length: tracks }, (_, index) => `spotify:track:${id(`t${index}`)}`);
  await planPlaylistOperation(db, lease, operationId, {
    sourceName: 'Road',
    sourceCount: playlistIds.length * tracks + 2,
    lists: playlistIds.map((playlistId) => ({ name: `Name of ${playlistId}`, uris })),
    leftOut: { local: 2 },
    leftOutNames: [{ reason: 'local', name: 'Demo' }],
  });
  const parts = await db.prisma.shuffledPlaylist.findMany({
    where: { OR: [{ id: operationId }, { leadId: operationId }] },
    orderBy: { part: 'asc' },
  });
  for (const [index, part] of parts.entries()) {
    await savePlaylistStep(db.pool, lease, part.id, { playlistId: playlistIds[index] ?? '' });
    await finishPlaylistPart(db.pool, lease, part.id, tracks);
  }
  await finishPlaylistOperation(db, lease, operationId, now);
  await releaseWriter(db.pool, lease);
  return operationId;
}

describe('what a shuffle would cost', () => {
  it('is known of a playlist that was listed, in reads of 50 and writes of 100', async () => {
    const before = await rows();
    expect(await estimate({ playlistId: ROAD })).toEqual({
      sourceName: 'Road',
      sourceTracks: 1_001,
      calls: { read: 22, write: 11, other: 1, total: 34 },
      left: ALLOWANCE,
      enough: true,
      enoughAt: null,
      reason: null,
      tooLong: false,
      refreshes: null,
    });
    expect(await rows()).toBe(before);
  });

  it('is less where the source is stored as it is at Spotify, wholly', async () => {
    expect((await estimate({ playlistId: STORED })).calls).toMatchObject({ read: 1, write: 2 });
    expect((await estimate({ playlistId: HALF })).calls).toMatchObject({ read: 4, write: 2 });
    const { prisma } = gateway.db;
    const where = { userId: annId, playlistId: STORED };
    await prisma.libraryPlaylist.updateMany({ where, data: { snapshotId: 'Stored-2' } });
    expect((await estimate({ playlistId: STORED })).calls).toMatchObject({ read: 4, write: 2 });
    await prisma.libraryPlaylist.updateMany({ where, data: { snapshotId: 'Stored-1' } });
  });

  it('is not known of what was never listed or read, and that is no reason to wait', async () => {
    const nothing = { sourceTracks: null, calls: null, enough: true, tooLong: false };
    expect(await estimate({ playlistId: UNKNOWN })).toMatchObject({ ...nothing, sourceName: null });
    expect(await estimate({ playlistId: FOREIGN })).toMatchObject({ ...nothing, sourceName: 'Theirs' });
    expect(await estimate({ playlistId: 'liked' })).toMatchObject({ ...nothing, sourceName: 'Liked Songs' });
    const likedReadAt = new Date();
    await gateway.db.prisma.libraryState.update({
      where: { userId: annId },
      data: { likedReadAt, likedTotal: 230 },
    });
    expect(await estimate({ playlistId: 'liked' })).toMatchObject({
      sourceTracks: 230,
      calls: { read: 1, write: 3, other: 1, total: 5 },
    });
  });

  it('goes by what is asked for, and says when a list is too long', async () => {
    expect(await estimate({ playlistId: LONG })).toMatchObject({
      calls: { read: 501, write: 252, other: 3 },
      tooLong: true,
    });
    expect(await estimate({ playlistId: LONG, overflow: 'cut' })).toMatchObject({ calls: { write: 100 } });
    expect(await estimate({ playlistId: LONG, limit: { tracks: 10_000 } })).toMatchObject({
      calls: { write: 100, other: 1 },
      tooLong: false,
    });
  });

  it('names the playlist that would be refreshed, also to who asks for a new one', async () => {
    await made({ playlistIds: [id('first')] });
    const refreshes = { playlistId: id('first'), name: `Name of ${id('first')}` };
    expect(await estimate({ playlistId: ROAD })).toMatchObject({ refreshes });
    expect(await estimate({ playlistId: STORED, target: id('first') })).toMatchObject({ refreshes });
    expect(await estimate({ playlistId: ROAD, target: 'new' })).toMatchObject({ refreshes });
    for (const other of [{ playlistId: STORED }, { playlistId: ROAD, target: UNKNOWN }]) {
      expect(await estimate(other)).toMatchObject({ refreshes: null });
    }
  });

  it('is more than there is: then it says from when on it suffices, and why', async () => {
    const from = Date.now();
    await leaveOnly(20);
    const short = await estimate({ playlistId: ROAD });
    expect(short).toMatchObject({
      calls: { total: 34 },
      left: 20,
      enough: false,
      reason: "Today's allowance of Spotify calls does not suffice.",
    });
    const enoughAt = Date.parse(short.enoughAt);
    expect(enoughAt % CELL_MS).toBe(0);
    expect(enoughAt).toBeGreaterThan(from + DAY_MS);
    expect(enoughAt).toBeLessThanOrEqual(Date.now() + DAY_MS + CELL_MS);
    expect(await estimate({ playlistId: STORED })).toMatchObject({ left: 20, enough: true });
    expect(await estimate({ playlistId: LONG })).toMatchObject({
      enough: false,
      enoughAt: null,
      reason: expect.stringContaining('whole day'),
    });
  });

  it('waits for what Spotify has closed', async () => {
    const { governor } = gateway.context.spotify;
    const until = new Date(Date.now() + 3 * 3_600_000);
    const close = async (bucket: 'library' | 'playlists') =>
      governor.report(await governor.acquire({ appId, lane: 'history', bucket }), {
        error: new QuotaExceeded({ until, bucket }),
      });
    await close('library');
    expect(await estimate({ playlistId: ROAD })).toMatchObject({ enough: true });
    expect(await estimate({ playlistId: 'liked' })).toMatchObject({
      left: 0,
      enough: false,
      enoughAt: until.toISOString(),
      reason: expect.stringContaining('closed'),
    });
    await close('playlists');
    expect(await estimate({ playlistId: ROAD })).toMatchObject({ enough: false });
  });

  it('is nothing to wait for without an allowance', async () => {
    const other = await startGateway({ SPOTIFY_DAILY_ALLOWANCE: '0' });
    try {
      const browser = await other.signedIn('ann');
      const answer = await browser.ask(ESTIMATE, { body: { playlistId: ROAD } });
      expect(answer.json).toMatchObject({ left: null, enough: true, enoughAt: null });
    } finally {
      await other.stop();
    }
  });
});

describe('a shuffle', () => {
  it.each([
    ['its id', ROAD],
    ['its URI', `spotify:playlist:${ROAD}`],
    ['its address', `https://open.spotify.com/playlist/${ROAD}?si=abc`],
    ['its address in a language', `https://open.spotify.com/intl-de/playlist/${ROAD}`],
  ])('is put down and enqueued for a playlist by %s', async (_what, playlistId) => {
    const answer = await ann.ask(SHUFFLE, { body: { playlistId, mode: 'spread', name: ' Mine ' } });
    expect(answer.status).toBe(202);
    expect(answer.json.job).toMatchObject({ queue: 'shuffle-playlist', name: 'shuffle' });
    const row = await lastRow();
    expect(row).toMatchObject({
      userId: annId,
      sourceId: ROAD,
      sourceName: 'Road',
      mode: 'spread',
      name: 'Mine',
      target: 'refresh',
      status: 'queued',
      sourceCount: null,
      checkpoint: null,
      jobId: answer.json.job.id,
      request: { kind: 'shuffle', playlistId: ROAD, mode: 'spread', name: 'Mine', target: 'refresh' },
    });
    expect(row?.seed).toMatch(/^[0-9a-f]{32}$/);
    await waitFor(() => asked.length > 0, { what: 'the job at the worker' });
    expect(asked).toEqual([{ job: 'shuffle', payload: { operationId: row?.id } }]);
  });

  it('of Liked Songs takes filters, a limit and a seed of mine, and answers what it came to', async () => {
    const seed = '0123456789abcdef'.repeat(2);
    const body = {
      playlistId: 'liked',
      mode: 'unheard',
      target: 'new',
      filter: { artists: ['7'], notPlayedForDays: 30, releasedFrom: 1990, withoutExplicit: true },
      limit: { tracks: 50, minutes: 120 },
      overflow: 'cut',
      seed,
    };
    const answer = await ann.ask(SHUFFLE, { body, headers: waiting });
    const row = await lastRow();
    expect({ status: answer.status, json: answer.json }).toMatchObject({
      status: 200,
      json: { id: String(row?.id), seed, playlists: [] },
    });
    expect(row).toMatchObject({ seed, target: 'new', request: { kind: 'shuffle', ...body } });
    expect(asked).toEqual([{ job: 'shuffle', payload: { operationId: row?.id } }]);
  });

  it('of a playlist that nobody knows yet, or that somebody shares with me, is left to Spotify', async () => {
    for (const playlistId of [UNKNOWN, SHARED]) {
      const answer = await ann.ask(SHUFFLE, { body: { playlistId }, headers: waiting });
      expect(answer.status).toBe(200);
    }
  });

  it('has a seed of its own each time', async () => {
    const seeds = [];
    for (let round = 0; round < 2; round += 1) {
      await ann.ask(SHUFFLE, { body: { playlistId: ROAD }, headers: waiting });
      seeds.push((await lastRow())?.seed);
    }
    expect(new Set(seeds).size).toBe(2);
  });

  it('is one for one Idempotency-Key, also when it comes twice at once', async () => {
    const before = await rows();
    const asking = { body: { playlistId: ROAD }, headers: { 'idempotency-key': 'shuffle-1' } };
    const [one, two] = await Promise.all([ann.ask(SHUFFLE, asking), ann.ask(SHUFFLE, asking)]);
    const three = await ann.ask(SHUFFLE, { ...asking, headers: { ...asking.headers, ...waiting } });
    expect(one?.status).toBe(202);
    expect(two?.json.job.id).toBe(one?.json.job.id);
    expect(three.json.id).toBe(String((await lastRow())?.id));
    expect(await rows()).toBe(before + 1);
    expect(asked).toHaveLength(1);
    const other = await ann.ask(SHUFFLE, { ...asking, body: { playlistId: STORED } });
    expect(other.json).toMatchObject({ status: 422, type: '/problems/idempotency-key-reused' });
    expect(await rows()).toBe(before + 1);
  });

  it('for which the quota does not suffice says so, and begins if that is wanted', async () => {
    await leaveOnly(20);
    const before = await rows();
    const { enoughAt } = await estimate({ playlistId: ROAD });
    const refused = await ann.ask(SHUFFLE, { body: { playlistId: ROAD } });
    expect(refused.json).toMatchObject({ status: 422, type: '/problems/quota-short' });
    for (const words of ['up to 34 calls', '20 can be made now', enoughAt, 'evenIfShort']) {
      expect(refused.json.detail).toContain(words);
    }
    expect((await ann.ask('/problems/quota-short')).status).toBe(200);
    expect(await rows()).toBe(before);
    expect((await ann.ask(SHUFFLE, { body: { playlistId: STORED }, headers: waiting })).status).toBe(200);
    const begun = await ann.ask(SHUFFLE, { body: { playlistId: ROAD, evenIfShort: true }, headers: waiting });
    expect(begun.status).toBe(200);
    expect((await lastRow())?.request).not.toHaveProperty('evenIfShort');
  });

  it.each([
    ['of a playlist of somebody else', { playlistId: FOREIGN }, 422, 'foreign-playlist', 'Copy its songs'],
    ['of nothing', { playlistId: EMPTY }, 422, 'empty-source', '“Nothing” is empty.'],
    [
      'into a playlist that is not ours',
      { playlistId: ROAD, target: UNKNOWN },
      400,
      'validation',
      'made here',
    ],
    ['into its source', { playlistId: id('first'), target: id('first') }, 400, 'validation', 'made here'],
  ])('%s is refused', async (_what, body, status, code, words) => {
    const before = await rows();
    const answer = await ann.ask(SHUFFLE, { body });
    expect(answer.json).toMatchObject({ status, type: `/problems/${code}` });
    expect(answer.json.detail).toContain(words);
    if (status === 400) expect(answer.json.errors).toMatchObject([{ path: 'body.target' }]);
    expect((await ann.ask(`/problems/${code}`)).status).toBe(200);
    expect(await rows()).toBe(before);
  });

  it('into a playlist that was made here for somebody else is refused', async () => {
    await made({ playlistIds: [id('ofbob')] }, bobId);
    const answer = await ann.ask(SHUFFLE, { body: { playlistId: ROAD, target: id('ofbob') } });
    expect(answer.json).toMatchObject({ status: 400, errors: [{ path: 'body.target' }] });
  });

  const given = { playlistId: ROAD };
  it.each([
    [{}, 'body.playlistId'],
    [{ playlistId: 'my songs' }, 'body.playlistId'],
    [{ playlistId: 'https://example.com/playlist/1' }, 'body.playlistId'],
    [{ ...given, mode: 'random' }, 'body.mode'],
    [{ ...given, mode: 'tops' }, 'body.mode'],
    [{ ...given, kind: 'shuffle' }, 'body.kind'],
    [{ ...given, seed: 'abc' }, 'body.seed'],
    [{ ...given, seed: 'A'.repeat(32) }, 'body.seed'],
    [{ ...given, limit: { tracks: 0 } }, 'body.limit.tracks'],
    [{ ...given, limit: { tracks: 10_001 } }, 'body.limit.tracks'],
    [{ ...given, limit: { hours: 1 } }, 'body.limit.hours'],
    [{ ...given, filter: { addedSince: 'May' } }, 'body.filter.addedSince'],
    [{ ...given, filter: { artists: [] } }, 'body.filter.artists'],
    [{ ...given, filter: { artists: ['x'] } }, 'body.filter.artists.0'],
    [{ ...given, filter: { genre: 'jazz' } }, 'body.filter.genre'],
    [{ ...given, filter: { notPlayedForDays: 0.5 } }, 'body.filter.notPlayedForDays'],
    [{ ...given, overflow: 'drop' }, 'body.overflow'],
    [{ ...given, target: 'mine' }, 'body.target'],
    [{ ...given, name: ' ' }, 'body.name'],
    [{ ...given, name: 'x'.repeat(101) }, 'body.name'],
    [{ ...given, evenIfShort: 'yes' }, 'body.evenIfShort'],
  ])('is refused for %j, as is its estimate', async (body, path) => {
    const before = await rows();
    for (const address of [SHUFFLE, ESTIMATE]) {
      const answer = await ann.ask(address, { body });
      expect(answer.json).toMatchObject({ status: 400, errors: [{ path }] });
    }
    expect(await rows()).toBe(before);
  });

  it('that fails says why', async () => {
    failing = new GiveUp({ code: 'source_gone', message: 'The playlist that was to be read is gone.' });
    const answer = await ann.ask(SHUFFLE, { body: given, headers: waiting });
    failing = null;
    expect(answer.json).toMatchObject({
      status: 422,
      type: '/problems/source-gone',
      detail: 'The playlist that was to be read is gone.',
    });
  });
});

describe('Liked Songs to share', () => {
  it('are put down with the job for them, with or without a body', async () => {
    const answer = await ann.ask(SHARE, { method: 'POST', headers: waiting });
    expect(answer.status).toBe(200);
    const row = await lastRow();
    expect(row).toMatchObject({
      sourceId: 'liked',
      sourceName: 'Liked Songs',
      mode: 'liked',
      seed: '',
      target: 'refresh',
      request: { kind: 'share-liked', target: 'refresh' },
    });
    expect(asked).toEqual([{ job: 'share-liked', payload: { operationId: row?.id } }]);
    await ann.ask(SHARE, { body: { name: 'For you', target: 'new', overflow: 'split' }, headers: waiting });
    expect(await lastRow()).toMatchObject({ name: 'For you', target: 'new', request: { overflow: 'split' } });
    expect((await ann.ask(SHARE, { body: { mode: 'uniform' } })).json).toMatchObject({
      status: 400,
      errors: [{ path: 'body.mode' }],
    });
  });
});

describe('taking away and putting back', () => {
  it('is done by jobs of the listener who asks', async () => {
    const from = Date.now();
    const deleted = await ann.ask(DELETE, { method: 'DELETE', headers: waiting });
    expect(deleted.json).toEqual({ deleted: 2, restorableUntil: '2026-11-01T13:00:00.000Z' });
    const restored = await ann.ask(RESTORE, { method: 'POST', headers: waiting });
    expect(restored.json).toEqual({ restored: 2 });
    expect(asked).toEqual([
      { job: 'delete-made', payload: { userId: annId, at: expect.any(String) } },
      { job: 'restore-made', payload: { userId: annId } },
    ]);
    const [{ at = '' } = {}] = asked.map(({ payload }) => payload as { at?: string });
    expect(Date.parse(at)).toBeGreaterThanOrEqual(from);
  });

  it('is one job for one Idempotency-Key', async () => {
    const asking = { method: 'DELETE', headers: { 'idempotency-key': 'delete-1' } };
    const [one, two] = await Promise.all([ann.ask(DELETE, asking), ann.ask(DELETE, asking)]);
    expect(two?.json.job.id).toBe(one?.json.job.id);
    await ann.ask(DELETE, { ...asking, headers: { ...asking.headers, ...waiting } });
    expect(asked).toHaveLength(1);
  });
});

describe('the last shuffles', () => {
  it('are told newest first, with all their playlists, what was left out, and what was asked for', async () => {
    const operationId = await made({
      playlistIds: [id('one'), id('two')],
      request: { mode: 'uniform', overflow: 'split' },
    });
    const { json } = await ann.ask(`${RECENT}?limit=1`);
    expect(json.items).toEqual([
      {
        id: String(operationId),
        source: { id: ROAD, name: 'Road' },
        mode: 'uniform',
        state: 'succeeded',
        failure: null,
        playlists: ['one', 'two'].map((name) => ({
          playlistId: id(name),
          url: `https://open.spotify.com/playlist/${id(name)}`,
          name: `Name of ${id(name)}`,
          tracks: 3,
          deleted: false,
        })),
        tracks: 6,
        sourceTracks: 8,
        leftOut: { local: 2 },
        leftOutNames: [{ reason: 'local', name: 'Demo' }],
        seed: 'a'.repeat(32),
        refreshed: false,
        request: {
          kind: 'shuffle',
          playlistId: ROAD,
          mode: 'uniform',
          target: 'refresh',
          overflow: 'split',
        },
        scheduled: false,
        jobId: null,
        createdAt: expect.any(String),
        finishedAt: expect.any(String),
      },
    ]);
    // What was asked for can be asked for again.
    const { kind: _, ...again } = json.items[0].request;
    expect((await ann.ask(SHUFFLE, { body: again, headers: waiting })).status).toBe(200);
  });

  it('say in words why one failed', async () => {
    const failure = { code: 'nothing_left', message: 'Nothing of “Road” is left to write.' };
    await made({ playlistIds: [], failure });
    const { json } = await ann.ask(`${RECENT}?limit=1`);
    expect(json.items[0]).toMatchObject({ state: 'failed', failure, playlists: [], sourceTracks: null });
  });

  it('come page by page, each once', async () => {
    const all = (await ann.ask(`${RECENT}?limit=100`)).json;
    expect(all.nextCursor).toBeNull();
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: { items: { id: string }[]; nextCursor: string | null } = (
        await ann.ask(`${RECENT}?limit=4${cursor && `&cursor=${cursor}`}`)
      ).json;
      seen.push(...page.items.map((item) => item.id));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(all.items.map((item: { id: string }) => item.id));
    expect([...seen].sort((a, b) => Number(b) - Number(a))).toEqual(seen);
    expect(seen.length).toBe(
      await gateway.db.prisma.shuffledPlaylist.count({ where: { userId: annId, leadId: null } }),
    );
  });

  it.each([
    'nonsense',
    Buffer.from('r99999999999').toString('base64url'),
    Buffer.from('r2147483648').toString('base64url'),
    '',
  ])('know no page "%s"', async (cursor) => {
    const answer = await ann.ask(`${RECENT}?cursor=${cursor}`);
    expect(answer.json).toMatchObject({ status: 400, errors: [{ path: 'query.cursor' }] });
  });

  it('tell how many playlists there are, and which can be put back until when', async () => {
    const { db } = gateway;
    const before = (await ann.ask(RECENT)).json;
    expect(before).toMatchObject({ made: 3, restorable: null });
    const lease = await claimWriter(db.pool, annId, 'test');
    if (!lease) throw new Error('somebody writes');
    const at = new Date();
    await markDeleted(db.pool, lease, [id('one'), id('two')], at);
    await releaseWriter(db.pool, lease);
    const after = (await ann.ask(RECENT)).json;
    expect(after).toMatchObject({
      made: 1,
      restorable: { playlists: 2, until: new Date(at.getTime() + 3_600_000).toISOString() },
    });
    const gone = after.items.find((item: { playlists: unknown[] }) => item.playlists.length === 2);
    expect(gone.playlists).toMatchObject([{ deleted: true }, { deleted: true }]);
    // An hour later.
    await db.prisma.shuffledPlaylist.updateMany({
      where: { deletedAt: at },
      data: { deletedAt: new Date(at.getTime() - 3_600_000) },
    });
    expect((await ann.ask(RECENT)).json).toMatchObject({ made: 1, restorable: null });
  });

  it('are mine', async () => {
    const { json } = await bob.ask(RECENT);
    expect(json.items).toMatchObject([{ playlists: [{ playlistId: id('ofbob') }] }]);
    expect(json.made).toBe(1);
  });
});

describe('all of it', () => {
  const calls = [
    ['a shuffle', SHUFFLE, { body: { playlistId: ROAD } }],
    ['a shared list', SHARE, { body: {} }],
    ['deleting', DELETE, { method: 'DELETE' }],
    ['putting back', RESTORE, { method: 'POST' }],
  ] as const;

  it.each([
    ...calls,
    ['an estimate', ESTIMATE, { body: { playlistId: ROAD } }],
    ['the list', RECENT, {}],
  ] as const)('is for listeners: %s', async (_what, path, asking) => {
    expect((await gateway.browser().ask(path, asking)).status).toBe(401);
  });

  it('that writes needs a scope to write, and the rest one to read', async () => {
    const { token } = (await ann.ask('/api/tokens', { body: { name: 'reader', scopes: ['read'] } })).json;
    const headers = { authorization: `Bearer ${token}` };
    for (const [, path, asking] of calls) {
      const answer = await gateway.browser().ask(path, { ...asking, headers });
      expect(answer.json).toMatchObject({ status: 403, type: '/problems/missing-scope' });
    }
    expect((await gateway.browser().ask(RECENT, { headers })).status).toBe(200);
    const cost = await gateway.browser().ask(ESTIMATE, { body: { playlistId: ROAD }, headers });
    expect(cost.status).toBe(200);
  });

  it.each(calls)('needs a consent: %s', async (_what, path, asking) => {
    await gateway.db.prisma.spotifyCredential.updateMany({
      where: { userId: bobId },
      data: { reauthNeededAt: new Date() },
    });
    const answer = await bob.ask(path, asking);
    expect(answer.json).toMatchObject({ status: 422, type: '/problems/reauth-needed' });
    expect(asked).toEqual([]);
  });
});
