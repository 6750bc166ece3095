import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@spindle/testkit';
import {
  addExclusion,
  changeUserSettings,
  createDatabase,
  type Database,
  loadAlbumPage,
  loadArtistPage,
  loadListener,
  loadTrackPage,
  signInUser,
  storeScrobbles,
} from '../src/index.ts';

const NOW = new Date('2026-06-01T12:00:00Z');
let store: TestDatabase;
let db: Database;
const ids = { ann: 0, bob: 0, track: 0, artist: 0, album: 0 };

beforeAll(async () => {
  store = await createTestDatabase();
  db = createDatabase({ url: store.url, poolSize: 2 });
  for (const name of ['ann', 'bob'] as const) {
    const account = { accountId: name, spotifyId: name, displayName: name, imageUrl: null };
    const outcome = await db.transaction((tx) => signInUser(tx, account, NOW));
    ids[name] = outcome.ok ? outcome.userId : 0;
  }
  const listen = {
    listened_at: NOW.getTime() / 1_000 - 3_600,
    track_metadata: {
      artist_name: 'My own band',
      track_name: 'A demo that nobody knows',
      release_name: 'Rehearsals',
      additional_info: { submission_client: 'a player' },
    },
  };
  await storeScrobbles(db, ids.ann, [listen], NOW);
  const track = await db.prisma.track.findFirstOrThrow({ include: { artists: true } });
  Object.assign(ids, { track: track.id, artist: track.artists[0]?.artistId, album: track.albumId });
});
afterAll(async () => {
  await db.close();
  await store.drop();
});

async function pages(userId: number) {
  const listener = await loadListener(db.pool, userId);
  if (!listener) throw new Error('there is no such listener');
  return [
    await loadTrackPage(db.pool, listener, ids.track, NOW),
    await loadArtistPage(db.pool, listener, ids.artist, NOW),
    await loadAlbumPage(db.pool, listener, ids.album, NOW),
  ].map((page) => page !== null);
}

describe('what is known by name alone', () => {
  it('is shown to those who heard it, and does not exist for others', async () => {
    expect(await pages(ids.ann)).toEqual([true, true, true]);
    expect(await pages(ids.bob)).toEqual([false, false, false]);
  });

  it('cannot be learned by hiding it', async () => {
    const rule = { kind: 'artist', artistId: String(ids.artist) } as const;
    await expect(addExclusion(db, ids.bob, rule, NOW)).rejects.toThrow('There is no artist');
    const hiding = { hiddenArtists: [ids.artist] };
    expect(await changeUserSettings(db, ids.bob, hiding)).toMatchObject({ reason: 'unknown-artist' });
    expect((await addExclusion(db, ids.ann, rule, NOW)).artist?.name).toBe('My own band');
  });

  it('nor can a device of somebody else', async () => {
    const { id: deviceId } = await db.prisma.playDevice.create({ data: { name: "Ann's phone" } });
    await db.prisma.play.updateMany({ where: { userId: ids.ann }, data: { deviceId } });
    const rule = { kind: 'device', device: "Ann's phone" } as const;
    await expect(addExclusion(db, ids.bob, rule, NOW)).rejects.toThrow(
      'None of your plays names this device',
    );
    expect((await addExclusion(db, ids.ann, rule, NOW)).plays).toBe(1);
  });

  it('is public once Spotify knows it', async () => {
    await db.prisma.track.update({ where: { id: ids.track }, data: { spotifyId: 'x'.repeat(22) } });
    expect(await pages(ids.bob)).toEqual([true, false, false]);
  });
});
