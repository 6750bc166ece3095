import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@spindle/testkit';
import {
  createDatabase,
  type Database,
  listShufflesOfAll,
  loadFailureReasons,
  loadOverallFigures,
  loadShuffleFigures,
  mostShuffled,
} from '../src/index.ts';
import { makeTracks } from './support/listening-fixture.ts';

const NOW = new Date('2026-11-01T12:00:00Z');
const DAY_MS = 86_400_000;
let store: TestDatabase;
let db: Database;
let tracks: number[];

beforeAll(async () => {
  store = await createTestDatabase();
  db = createDatabase({ url: store.url });
  tracks = await makeTracks(db, NOW);
});
afterAll(async () => {
  await db.close();
  await store.drop();
});

async function listener(name: string, more: object = {}): Promise<number> {
  const data = { accountId: name, spotifyId: name, handle: name, displayName: name, timeZone: 'UTC' };
  return (await db.prisma.user.create({ data: { ...data, ...more } })).id;
}

const shuffled = (userId: number, index: number, times: number) =>
  db.prisma.shuffledTrack.create({ data: { userId, trackId: tracks[index] ?? 0, times } });

describe('public figures', () => {
  it('are those of the counters, zero before the first', async () => {
    expect(await loadOverallFigures(db.pool)).toEqual({
      playlistsShuffled: 0,
      tracksShuffled: 0,
      analysesMade: 0,
    });
    await db.prisma.shuffleCounter.createMany({
      data: [
        { name: 'playlists_shuffled', value: 3 },
        { name: 'tracks_shuffled', value: 5_000_000_000n },
        { name: 'something_else', value: 7 },
      ],
    });
    expect(await loadOverallFigures(db.pool)).toEqual({
      playlistsShuffled: 3,
      tracksShuffled: 5_000_000_000,
      analysesMade: 0,
    });
  });

  it('tell what listeners shuffle whose statistics are public, and nothing that they hide', async () => {
    const shown = { publicProfile: true, publicStats: true };
    const ann = await listener('ann', shown);
    const bob = await listener('bob', shown);
    const hidden = [
      await listener('cat', { publicProfile: true }),
      await listener('dan', { publicStats: true }),
      await listener('eve', { ...shown, erasingAt: NOW }),
    ];
    expect(await mostShuffled(db.pool)).toEqual({ topTracks: [], topArtists: [] });
    for (let index = 0; index < 12; index += 1) await shuffled(ann, index, index === 1 ? 2 : 1);
    await shuffled(bob, 0, 4);
    await shuffled(bob, 2, 9);
    for (const userId of hidden) await shuffled(userId, 20, 100);
    // Track 0 names the artists 0 and 1, track 2 the artist 2; Bob hides the latter.
    const artist = await db.prisma.artist.findUniqueOrThrow({ where: { spotifyId: 'artist-2' } });
    await db.prisma.exclusionRule.create({ data: { userId: bob, kind: 'artist', artistId: artist.id } });
    const { topTracks, topArtists } = await mostShuffled(db.pool);
    expect(topTracks).toHaveLength(10);
    expect(topTracks.slice(0, 2)).toEqual([
      {
        name: 'Song Number 0',
        artist: 'Artist 0',
        url: 'https://open.spotify.com/track/track-0',
        times: 5,
      },
      {
        name: 'Song Number 1',
        artist: 'Artist 1',
        url: 'https://open.spotify.com/track/track-1',
        times: 2,
      },
    ]);
    expect(topArtists).toHaveLength(8);
    // Artist 1 of the tracks 0, 1 and 9, artist 0 of 0 and 8.
    expect(topArtists.slice(0, 2)).toEqual([
      { name: 'Artist 1', url: 'https://open.spotify.com/artist/artist-1', times: 8 },
      { name: 'Artist 0', url: 'https://open.spotify.com/artist/artist-0', times: 6 },
    ]);
  });
});

describe('operations as admins see them', () => {
  it('are listed newest first in pages, parts as one, and summed up', async () => {
    const [zoe, yan] = [await listener('zoe'), await listener('yan')];
    const since = new Date(NOW.getTime() - 30 * DAY_MS);
    expect(await loadShuffleFigures(db.pool, since)).toEqual({
      shuffles: 0,
      failed: 0,
      tracks: 0,
      users: 0,
      medianMs: null,
    });
    const operation = async (userId: number, more: object) => {
      const data = { userId, sourceId: 'liked', sourceName: 'Secret', seed: '', name: 'Secret' };
      const filled = {
        ...data,
        mode: 'uniform' as const,
        status: 'succeeded' as const,
        createdAt: NOW,
        ...more,
      };
      return (await db.prisma.shuffledPlaylist.create({ data: filled })).id;
    };
    const finishedAfter = (ms: number) => ({ finishedAt: new Date(NOW.getTime() + ms) });
    const old = await operation(yan, { createdAt: new Date(since.getTime() - 1), trackCount: 99 });
    const one = await operation(zoe, { trackCount: 10, sourceCount: 12, ...finishedAfter(1_000) });
    const lead = await operation(zoe, { trackCount: 10_000, parts: 2, ...finishedAfter(4_000) });
    await operation(zoe, { trackCount: 500, parts: 2, part: 2, leadId: lead, ...finishedAfter(4_000) });
    const failed = [];
    for (const failureCode of ['forbidden', 'upstream', 'forbidden'])
      failed.push(await operation(yan, { status: 'failed', failureCode, ...finishedAfter(9_000) }));
    const running = await operation(yan, { status: 'running', mode: 'tops' });

    const first = await listShufflesOfAll(db.pool, { limit: 5 });
    expect(first.items.map((item) => Number(item.id))).toEqual([running, ...failed.toReversed(), lead]);
    expect(first.items[4]).toEqual({
      id: String(lead),
      user: { handle: 'zoe', displayName: 'zoe' },
      mode: 'uniform',
      state: 'succeeded',
      failureCode: null,
      sourceTracks: null,
      tracks: 10_500,
      scheduled: false,
      createdAt: NOW.toISOString(),
      finishedAt: new Date(NOW.getTime() + 4_000).toISOString(),
    });
    const rest = await listShufflesOfAll(db.pool, { limit: 5, before: first.nextBefore ?? 0 });
    expect([rest.items.map((item) => Number(item.id)), rest.nextBefore]).toEqual([[one, old], null]);
    const failures = await listShufflesOfAll(db.pool, { limit: 2, onlyFailed: true });
    expect(failures.items.map((item) => item.failureCode)).toEqual(['forbidden', 'upstream']);
    const last = await listShufflesOfAll(db.pool, {
      limit: 2,
      onlyFailed: true,
      before: failures.nextBefore ?? 0,
    });
    expect([last.items.map((item) => item.failureCode), last.nextBefore]).toEqual([['forbidden'], null]);
    expect(JSON.stringify([first, rest, failures])).not.toContain('Secret');

    expect(await loadShuffleFigures(db.pool, since)).toEqual({
      shuffles: 6,
      failed: 3,
      tracks: 10_510,
      users: 2,
      medianMs: 2_500,
    });
    expect(await loadFailureReasons(db.pool, since)).toEqual([
      { code: 'forbidden', count: 2 },
      { code: 'upstream', count: 1 },
    ]);
  });
});
