import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@spindle/testkit';
import {
  beginPlaylistOperation,
  createDatabase,
  createPlaylistOperation,
  type Database,
  dropPlaylistOperation,
  earlierPlaylist,
  failPlaylistOperation,
  finishPlaylistOperation,
  type NewPlaylist,
  playlistOperationOwner,
  savePlaylistStep,
  trackUris,
  whileWritingPlaylists,
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
  refresh: false,
  ...more,
});

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

describe('an operation', () => {
  it('goes on from its last step, and once done stays done', async () => {
    const id = await createPlaylistOperation(db, list(), NOW);
    expect(await playlistOperationOwner(db, id)).toBe(userId);
    expect(await beginPlaylistOperation(db, id)).toMatchObject({
      playlistId: null,
      checkpoint: { sent: null, written: 0, refresh: false },
    });
    await savePlaylistStep(db.pool, id, { checkpoint: { sent: 'create' } });
    await savePlaylistStep(db.pool, id, { playlistId: 'p1', checkpoint: { sent: null } });
    await savePlaylistStep(db.pool, id, { leftOut: { refused: 1 }, checkpoint: { written: 1 } });
    await failPlaylistOperation(db.pool, id, 'upstream', NOW);
    expect(await db.prisma.shuffledPlaylist.findUnique({ where: { id } })).toMatchObject({
      status: 'failed',
      failureCode: 'upstream',
    });
    expect(await beginPlaylistOperation(db, id)).toMatchObject({
      playlistId: 'p1',
      name: 'Mine',
      leftOut: { refused: 1 },
      checkpoint: { uris: ['spotify:track:a', 'spotify:track:b'], sent: null, written: 1 },
    });
    await finishPlaylistOperation(db.pool, id, 2, NOW);
    await failPlaylistOperation(db.pool, id, 'late', NOW);
    await dropPlaylistOperation(db, id);
    expect(await beginPlaylistOperation(db, id)).toMatchObject({ checkpoint: null, trackCount: 2 });
    const row = await db.prisma.shuffledPlaylist.findUnique({ where: { id } });
    expect(row).toMatchObject({ status: 'succeeded', failureCode: null, finishedAt: NOW });
  });

  it('that nobody will carry out leaves nothing', async () => {
    const id = await createPlaylistOperation(db, list(), NOW);
    await dropPlaylistOperation(db, id);
    expect(await playlistOperationOwner(db, id)).toBeNull();
    expect(await beginPlaylistOperation(db, id)).toBeNull();
  });

  it('knows the playlist that the same source was last written to', async () => {
    const sourceId = 'top-tracks:year@2026-01-01:plays';
    const made = async (playlistId: string | null, more: Partial<NewPlaylist> = {}) => {
      const id = await createPlaylistOperation(
        db,
        list({ sourceId, name: `at ${playlistId}`, ...more }),
        NOW,
      );
      if (playlistId !== null) await savePlaylistStep(db.pool, id, { playlistId });
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
    const earlier = (operationId: number) => earlierPlaylist(db, { id: operationId, userId, sourceId });
    expect(await earlier(id)).toEqual({ playlistId: 'p-second', name: 'at p-second' });
    expect(await earlier(second)).toEqual({ playlistId: 'p-first', name: 'at p-first' });
    expect(await earlier(first)).toBeNull();
  });

  it('has the listener’s playlists to itself, also after one that failed', async () => {
    const nested = await whileWritingPlaylists(db, userId, () =>
      whileWritingPlaylists(db, userId, async () => 'inner'),
    );
    expect(nested).toEqual({ result: null });
    const failing = whileWritingPlaylists(db, userId, async () => {
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await whileWritingPlaylists(db, userId, async () => 'after')).toEqual({ result: 'after' });
  });
});
