import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { playlistRequestSchema } from '@spindle/contracts';
import { createTestDatabase, type TestDatabase } from '@spindle/testkit';
import {
  beginPlaylistOperation,
  changePlaylistSchedule,
  claimDueSchedules,
  claimWriter,
  countDeleted,
  createDatabase,
  createPlaylistOperation,
  createPlaylistSchedule,
  type Database,
  deletePlaylistSchedule,
  dropPlaylistOperation,
  earlierParts,
  earlierPlaylist,
  failPlaylistOperation,
  findPlaylistSchedule,
  finishPlaylistOperation,
  finishPlaylistPart,
  isMadePlaylist,
  lastHeard,
  madePlaylists,
  markDeleted,
  markRestored,
  type NewPlaylist,
  noteOperationJob,
  operationResult,
  planPlaylistOperation,
  playlistOperationOwner,
  recentOperations,
  releaseWriter,
  restorablePlaylists,
  savePlaylistStep,
  trackFacts,
  trackNames,
  trackUris,
  unfinishedOperations,
  type WriterLease,
  WriterLeaseLost,
} from '../src/index.ts';

const NOW = new Date('2026-11-01T12:00:00Z');
let store: TestDatabase;
let db: Database;
let userId: number;

beforeAll(async () => {
  store = await createTestDatabase();
  db = createDatabase({ url: store.url });
  userId = await listener('ann');
});
afterAll(async () => {
  await db.close();
  await store.drop();
});

async function listener(name: string): Promise<number> {
  const data = { accountId: name, spotifyId: name, handle: name, displayName: name, timeZone: 'UTC' };
  return (await db.prisma.user.create({ data })).id;
}

async function track(name: string, spotifyId: string | null): Promise<number> {
  return (await db.prisma.track.create({ data: { name, nameKey: name, artistKey: 'artist', spotifyId } })).id;
}

const list = (more: Partial<NewPlaylist> = {}): NewPlaylist => ({
  userId,
  sourceId: 'top-tracks:all:plays',
  sourceName: 'Top tracks, all time',
  mode: 'tops',
  seed: '',
  name: 'Mine',
  uris: ['spotify:track:a', 'spotify:track:b'],
  leftOut: { 'no-spotify-id': 1 },
  target: 'new',
  request: null,
  ...more,
});

/** One whose list is not known yet. */
function asked(more: Partial<NewPlaylist>): NewPlaylist {
  const { uris: _, ...rest } = list(more);
  return rest;
}

describe('the URIs of tracks', () => {
  it('come in the order given, without those that Spotify has no id for', async () => {
    const [one, two, three] = [
      await track('one', 'id1'),
      await track('two', null),
      await track('three', 'id3'),
    ];
    expect(await trackUris(db.pool, userId, [three, two, one])).toEqual({
      uris: ['spotify:track:id3', 'spotify:track:id1'],
      withoutId: 1,
    });
    expect(await trackUris(db.pool, userId, [])).toEqual({ uris: [], withoutId: 0 });
  });

  it('are those of a merged track where the one that stands for it has none', async () => {
    const named = await track('named', null);
    const known = await track('known', 'id-known');
    await db.prisma.trackMerge.create({
      data: { userId, trackId: known, intoId: named, rootId: named },
    });
    expect(await trackUris(db.pool, userId, [named])).toEqual({
      uris: ['spotify:track:id-known'],
      withoutId: 0,
    });
    const other = await listener('other');
    expect(await trackUris(db.pool, other, [named])).toEqual({ uris: [], withoutId: 1 });
  });
});

const partOf = async (id: number) => (await beginPlaylistOperation(db.pool, id))?.parts[0];

async function lease(holder = 'test'): Promise<WriterLease> {
  const taken = await claimWriter(db.pool, userId, holder);
  if (!taken) throw new Error('somebody else writes');
  return taken;
}

describe('an operation', () => {
  it('is stored once for one request, however often it is sent', async () => {
    const ask = (requestKey?: string) =>
      createPlaylistOperation(db.pool, requestKey === undefined ? list() : list({ requestKey }), NOW);
    const [one, two] = await Promise.all([ask('key-1'), ask('key-1')]);
    expect([two, await ask('key-1')]).toEqual([one, one]);
    expect(await ask('key-2')).not.toBe(one);
    expect(await ask()).not.toBe(await ask());
  });

  it('goes on from its last step, and once done stays done', async () => {
    const id = await createPlaylistOperation(db.pool, list(), NOW);
    const mine = await lease();
    expect(await playlistOperationOwner(db, id)).toBe(userId);
    expect(await partOf(id)).toMatchObject({ playlistId: null, checkpoint: { sent: null, written: 0 } });
    await savePlaylistStep(db.pool, mine, id, { checkpoint: { sent: 'create' } });
    await savePlaylistStep(db.pool, mine, id, { playlistId: 'p1', checkpoint: { sent: null } });
    await savePlaylistStep(db.pool, mine, id, { leftOut: { refused: 1 }, checkpoint: { written: 1 } });
    await failPlaylistOperation(db.pool, id, { code: 'upstream', message: 'Later.' }, NOW);
    expect(await db.prisma.shuffledPlaylist.findUnique({ where: { id } })).toMatchObject({
      status: 'failed',
      failureCode: 'upstream',
      failureMessage: 'Later.',
    });
    expect(await beginPlaylistOperation(db.pool, id)).toMatchObject({
      leftOut: { refused: 1 },
      parts: [
        {
          playlistId: 'p1',
          name: 'Mine',
          uris: ['spotify:track:a', 'spotify:track:b'],
          checkpoint: { sent: null, written: 1 },
        },
      ],
    });
    await finishPlaylistPart(db.pool, mine, id, 2);
    await finishPlaylistOperation(db, mine, id, NOW);
    await failPlaylistOperation(db.pool, id, { code: 'late', message: '' }, NOW);
    await dropPlaylistOperation(db, id);
    expect(await beginPlaylistOperation(db.pool, id)).toMatchObject({
      status: 'succeeded',
      parts: [{ checkpoint: null, trackCount: 2, uris: [] }],
    });
    const row = await db.prisma.shuffledPlaylist.findUnique({ where: { id } });
    expect(row).toMatchObject({ status: 'succeeded', failureCode: null, finishedAt: NOW });
    await releaseWriter(db.pool, mine);
  });

  it('that nobody will carry out leaves nothing', async () => {
    const id = await createPlaylistOperation(db.pool, list(), NOW);
    await dropPlaylistOperation(db, id);
    expect(await playlistOperationOwner(db, id)).toBeNull();
    expect(await beginPlaylistOperation(db.pool, id)).toBeNull();
  });

  it('is split over parts in one step, and counted once however often it is finished', async () => {
    const [a, b] = [await track('split a', 'splita'), await track('split b', 'splitb')];
    const request = playlistRequestSchema.parse({ kind: 'shuffle', playlistId: 'liked' });
    const id = await createPlaylistOperation(
      db.pool,
      { ...asked({ mode: 'uniform', sourceId: 'liked' }), request },
      NOW,
    );
    const mine = await lease();
    const uris = ['spotify:track:splita', 'spotify:track:splitb', 'spotify:track:splita'];
    await planPlaylistOperation(db, mine, id, {
      sourceName: 'Liked Songs',
      sourceCount: 4,
      lists: [
        { name: 'One', uris: uris.slice(0, 2) },
        { name: 'Two', uris: uris.slice(2) },
      ],
      leftOut: { local: 1 },
      leftOutNames: [{ reason: 'local', name: 'Rehearsal' }],
    });
    const planned = await beginPlaylistOperation(db.pool, id);
    expect(planned).toMatchObject({
      request: { kind: 'shuffle', mode: 'uniform', target: 'refresh' },
      sourceCount: 4,
      parts: [
        { part: 1, name: 'One', uris: uris.slice(0, 2) },
        { part: 2, name: 'Two', uris: uris.slice(2) },
      ],
    });
    for (const [index, part] of (planned?.parts ?? []).entries()) {
      await savePlaylistStep(db.pool, mine, part.id, { playlistId: `split-${index + 1}` });
      await finishPlaylistPart(db.pool, mine, part.id, part.uris.length);
    }
    await finishPlaylistOperation(db, mine, id, NOW);
    await finishPlaylistOperation(db, mine, id, NOW);
    const counters = await db.prisma.shuffleCounter.findMany({ orderBy: { name: 'asc' } });
    expect(counters.map(({ name, value }) => [name, Number(value)])).toEqual([
      ['playlists_shuffled', 1],
      ['tracks_shuffled', 3],
    ]);
    const times = await db.prisma.shuffledTrack.findMany({ where: { userId }, orderBy: { trackId: 'asc' } });
    expect(times.map(({ trackId, times: count }) => [trackId, count])).toEqual([
      [a, 2],
      [b, 1],
    ]);
    expect(await operationResult(db.pool, id)).toMatchObject({
      id: String(id),
      tracks: 3,
      sourceTracks: 4,
      leftOut: { local: 1 },
      playlists: [
        { playlistId: 'split-1', name: 'One', tracks: 2 },
        { playlistId: 'split-2', name: 'Two', tracks: 1 },
      ],
    });
    const [newest] = (await recentOperations(db.pool, userId, { limit: 1 })).items;
    expect(newest).toMatchObject({ id: String(id), state: 'succeeded', scheduled: false });

    // The next writing of the same list finds both; a list of its own finds none of them.
    const next = await createPlaylistOperation(
      db.pool,
      asked({ mode: 'spread', sourceId: 'liked', target: 'refresh' }),
      NOW,
    );
    const operation = await beginPlaylistOperation(db.pool, next);
    if (!operation) throw new Error('it is gone');
    expect(await earlierPlaylist(db.pool, operation)).toEqual({ playlistId: 'split-1', name: 'One' });
    expect([...(await earlierParts(db.pool, operation, 'split-1'))]).toEqual([
      [2, { playlistId: 'split-2', name: 'Two' }],
    ]);
    expect([...(await earlierParts(db.pool, operation, 'another'))]).toEqual([]);
    const shared = { ...operation, mode: 'liked' as const };
    expect(await earlierPlaylist(db.pool, shared)).toBeNull();
    await releaseWriter(db.pool, mine);
  });

  it('knows the playlist that the same source was last written to, or the one that is named', async () => {
    const sourceId = 'top-tracks:year@2026-01-01:plays';
    const made = async (playlistId: string | null, more: Partial<NewPlaylist> = {}) => {
      const fields = list({ sourceId, name: `at ${playlistId}`, target: 'refresh', ...more });
      const id = await createPlaylistOperation(db.pool, fields, NOW);
      await db.prisma.shuffledPlaylist.update({ where: { id }, data: { playlistId } });
      return id;
    };
    const first = await made('p-first');
    const second = await made('p-second');
    const removed = await made('p-removed');
    await db.prisma.shuffledPlaylist.update({ where: { id: removed }, data: { deletedAt: NOW } });
    await made('p-other', { userId: await listener('bob') });
    await made('p-time', { sourceId: 'top-tracks:year@2026-01-01:time' });
    await made(null);
    const id = await made(null);
    const earlier = async (operationId: number, target = 'refresh') => {
      const operation = await beginPlaylistOperation(db.pool, operationId);
      return operation && earlierPlaylist(db.pool, { ...operation, target });
    };
    expect(await earlier(id)).toEqual({ playlistId: 'p-second', name: 'at p-second' });
    expect(await earlier(second)).toEqual({ playlistId: 'p-first', name: 'at p-first' });
    expect(await earlier(first)).toBeNull();
    expect(await earlier(id, 'new')).toBeNull();
    expect(await earlier(id, 'p-time')).toEqual({ playlistId: 'p-time', name: 'at p-time' });
    expect(await earlier(id, 'p-removed')).toBeNull();
    expect(await earlier(id, 'p-other')).toBeNull();
  });
});

describe('the lease of who writes', () => {
  it('is one listener’s and one holder’s, until it is given back', async () => {
    const mine = await lease('one');
    expect(await claimWriter(db.pool, userId, 'two')).toBeNull();
    expect(await claimWriter(db.pool, await listener('other-writer'), 'two')).not.toBeNull();
    await releaseWriter(db.pool, mine);
    const second = await claimWriter(db.pool, userId, 'two');
    expect(second).not.toBeNull();
    // What is given back late takes nothing away from the next.
    await releaseWriter(db.pool, mine);
    expect(await claimWriter(db.pool, userId, 'one')).toBeNull();
    if (second) await releaseWriter(db.pool, second);
  });

  it('taken over by its own holder refuses the steps of the run before', async () => {
    const id = await createPlaylistOperation(db.pool, list(), NOW);
    const ghost = await lease('operation');
    const heir = await lease('operation');
    await expect(savePlaylistStep(db.pool, ghost, id, { playlistId: 'ghost' })).rejects.toThrow(
      WriterLeaseLost,
    );
    await expect(finishPlaylistOperation(db, ghost, id, NOW)).rejects.toThrow(WriterLeaseLost);
    await savePlaylistStep(db.pool, heir, id, { playlistId: 'heir' });
    expect(await partOf(id)).toMatchObject({ playlistId: 'heir' });
    await releaseWriter(db.pool, ghost);
    await savePlaylistStep(db.pool, heir, id, { name: 'still mine' });
    await releaseWriter(db.pool, heir);
  });

  it('passes to others when its holder gives no sign of life', async () => {
    const mine = await lease('gone');
    await db.pool.query("UPDATE playlist_writers SET leased_until = clock_timestamp() - interval '1 second'");
    const next = await lease('next');
    expect(next.token).not.toBe(mine.token);
    await releaseWriter(db.pool, next);
  });
});

describe('playlists that were made', () => {
  it('are deleted, counted and put back by batches, and only within the hour', async () => {
    const owner = await listener('deleter');
    const make = async (playlistId: string) => {
      const id = await createPlaylistOperation(db.pool, list({ userId: owner }), NOW);
      await db.prisma.shuffledPlaylist.update({ where: { id }, data: { playlistId } });
    };
    for (const playlistId of ['d1', 'd2', 'd1', 'd3']) await make(playlistId);
    expect(await madePlaylists(db.pool, owner)).toEqual(['d1', 'd2', 'd3']);
    expect(await isMadePlaylist(db.pool, owner, 'd2')).toBe(true);
    const mine = await claimWriter(db.pool, owner, 'delete');
    if (!mine) throw new Error('somebody else writes');
    await markDeleted(db.pool, mine, ['d1', 'd2'], NOW);
    expect(await countDeleted(db.pool, owner, NOW)).toBe(2);
    expect(await madePlaylists(db.pool, owner)).toEqual(['d3']);
    expect(await isMadePlaylist(db.pool, owner, 'd2')).toBe(false);
    const later = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);
    expect(await restorablePlaylists(db.pool, owner, later(59))).toEqual({
      playlistIds: ['d1', 'd2'],
      until: later(60),
    });
    expect(await restorablePlaylists(db.pool, owner, later(60))).toBeNull();
    await markRestored(db.pool, mine, ['d1', 'd2']);
    expect(await madePlaylists(db.pool, owner)).toEqual(['d1', 'd2', 'd3']);
    expect(await restorablePlaylists(db.pool, owner, later(1))).toBeNull();
  });
});

describe('schedules', () => {
  it('that are due get one operation and their next time, however many ask at once', async () => {
    const owner = await listener('scheduler');
    const request = playlistRequestSchema.parse({ kind: 'share-liked' });
    const due = { userId: owner, sourceName: 'Liked Songs', request, pattern: '0 6 * * *' };
    const id = await createPlaylistSchedule(db, { ...due, nextAt: NOW }, NOW);
    const later = new Date(NOW.getTime() + 1);
    await createPlaylistSchedule(db, { ...due, nextAt: later }, NOW);
    const rests = await createPlaylistSchedule(db, { ...due, nextAt: NOW }, NOW);
    await changePlaylistSchedule(db, owner, rests, { enabled: false });
    const claim = () =>
      claimDueSchedules(db, NOW, 10, (schedule) => ({
        operation: list({ userId: schedule.userId, mode: 'liked', scheduleId: schedule.id }),
        nextAt: later,
      }));
    const claimed = (await Promise.all([claim(), claim(), claim()])).flat();
    expect(claimed).toEqual([{ operationId: expect.any(Number), userId: owner, mode: 'liked' }]);
    const [{ operationId } = { operationId: 0 }] = claimed;
    const unfinished = { operationId, userId: owner, mode: 'liked' };
    expect(await unfinishedOperations(db.pool, later)).toContainEqual({ ...unfinished, jobId: null });
    await noteOperationJob(db.pool, operationId, 'shuffle-playlist.1');
    expect(await unfinishedOperations(db.pool, later)).toContainEqual({
      ...unfinished,
      jobId: 'shuffle-playlist.1',
    });
    expect(await unfinishedOperations(db.pool, NOW)).not.toContainEqual(
      expect.objectContaining({ operationId }),
    );
    // While the last run goes on there is no second.
    await changePlaylistSchedule(db, owner, id, { nextAt: NOW });
    expect(await claim()).toEqual([]);
    expect((await findPlaylistSchedule(db.pool, owner, id))?.nextAt).toBe(later.toISOString());

    await failPlaylistOperation(db.pool, operationId, { code: 'empty_source', message: 'It is empty.' }, NOW);
    expect(await findPlaylistSchedule(db.pool, owner, id)).toMatchObject({
      failures: 1,
      lastRunAt: NOW.toISOString(),
      lastFailure: { code: 'empty_source', message: 'It is empty.' },
    });
    expect(await findPlaylistSchedule(db.pool, userId, id)).toBeNull();
    expect(await deletePlaylistSchedule(db, userId, id)).toBe(false);
    expect(await deletePlaylistSchedule(db, owner, id)).toBe(true);
  });
});

describe('what filters and shuffles ask', () => {
  it('follows the listener’s merges and aliases, and ignores plays that do not count', async () => {
    const artist = async (name: string) =>
      (await db.prisma.artist.create({ data: { name, nameKey: name } })).id;
    const [one, alias] = [await artist('One'), await artist('Alias')];
    const [a, b, c] = [await track('fact a', 'fa'), await track('fact b', 'fb'), await track('fact c', 'fc')];
    await db.prisma.trackArtist.createMany({
      data: [
        { trackId: a, position: 0, artistId: alias },
        { trackId: b, position: 0, artistId: one },
      ],
    });
    await db.prisma.artistAlias.create({ data: { userId, artistId: alias, intoId: one, rootId: one } });
    await db.prisma.trackMerge.create({ data: { userId, trackId: b, intoId: a, rootId: a } });
    const play = (trackId: number, at: string, msPlayed: number | null) =>
      db.prisma.play.create({
        data: {
          userId,
          trackId,
          playedAt: new Date(at),
          endedAt: new Date(at),
          msPlayed,
          source: 1,
          seenBy: 1,
        },
      });
    await play(a, '2026-01-01T00:00:00Z', 200_000);
    await play(b, '2026-02-01T00:00:00Z', null);
    await play(b, '2026-03-01T00:00:00Z', 5_000);
    const facts = await trackFacts(db.pool, userId, [a, b, c]);
    expect(facts.get(a)?.artistIds).toEqual([one]);
    expect(facts.get(c)).toMatchObject({ artistIds: [], albumId: null, releasedOn: null });
    const heard = await lastHeard(db.pool, userId, [a, b, c]);
    const merged = new Date('2026-02-01T00:00:00Z');
    expect([heard.get(a), heard.get(b), heard.has(c)]).toEqual([merged, merged, false]);
    expect(await trackNames(db.pool, [b, c])).toEqual(
      new Map([
        [b, 'One – fact b'],
        [c, 'fact c'],
      ]),
    );
  });
});
