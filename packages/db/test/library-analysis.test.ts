import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { libraryAnalysisSchema } from '@spindle/contracts';
import { type Random, seededRandom } from '@spindle/service-kit';
import { createTestDatabase, type TestDatabase } from '@spindle/testkit';
import {
  analyseLiked,
  createDatabase,
  type Database,
  loadAnalysis,
  loadListener,
  loadOverallFigures,
  storeAnalysis,
} from '../src/index.ts';
import { createCatalogue, createListener } from './support/listening-world.ts';
import { naiveAnalysis } from './support/naive-analysis.ts';

const NOW = new Date('2026-11-01T12:00:00Z');
const DATES = [
  ['1974', 'year'],
  ['1974-01-01', 'year'],
  ['1999-05', 'month'],
  ['1999-05-01', 'month'],
  ['1999-05-30', 'day'],
  ['2024-12-31', 'day'],
  ['0000', 'year'],
  ['', null],
  [null, null],
  ['2003-11-02', null],
] as const;
const DAYS = ['2010-12-31', '2011-03-13', '2011-12-31'];
let store: TestDatabase;
let db: Database;
let tracks: number[];

beforeAll(async () => {
  store = await createTestDatabase();
  db = createDatabase({ url: store.url });
  tracks = await createCatalogue(db);
  const albums = await db.prisma.album.findMany({ orderBy: { id: 'asc' } });
  for (const [index, track] of tracks.entries()) {
    await db.prisma.track.update({
      where: { id: track },
      data: {
        explicit: [true, false, null][index % 3] ?? null,
        // Some of the same length, some of none that is known.
        durationMs: [null, 0, 59_999, 60_000, 600_000][index % 11] ?? 100_000 + (index % 7) * 60_000,
      },
    });
  }
  // More releases than albums, so that every manner of telling a date is there.
  for (const [index, [releaseDate, releaseDatePrecision]] of DATES.entries()) {
    const data = { releaseDate, releaseDatePrecision };
    const album = albums[index];
    if (album) await db.prisma.album.update({ where: { id: album.id }, data });
    else {
      const { id } = await db.prisma.album.create({
        data: {
          ...data,
          name: `More ${index}`,
          nameKey: `more ${index}`,
          artistKey: '',
          spotifyId: `m${index}`,
        },
      });
      await db.prisma.track.update({ where: { id: tracks[index] ?? 0 }, data: { albumId: id } });
    }
  }
});
afterAll(async () => {
  await db.close();
  await store.drop();
});

/** Likes between 1 and 40 songs, some taken off Spotify, many at the same moment, around ends of months. */
async function like(userId: number, random: Random): Promise<void> {
  const data = Array.from({ length: 1 + random.int(40) }, (_, place) => {
    const day = DAYS[random.int(DAYS.length)];
    const addedAt = new Date(Date.parse(`${day}T00:00:00Z`) + (random.int(48) - 12) * 3_600_000);
    const isRemoved = random.int(6) === 0;
    return {
      userId,
      itemKey: isRemoved ? `removed:${place}` : `key-${random.int(1e9)}`,
      trackId: isRemoved ? null : (tracks[random.int(tracks.length)] ?? 0),
      addedAt,
      place,
      unplayable: random.int(5) === 0,
    };
  });
  await db.prisma.likedTrack.createMany({ data });
}

const listenerOf = async (userId: number) => {
  const listener = await loadListener(db.pool, userId);
  if (!listener) throw new Error('the listener is gone');
  return listener;
};

async function plain(name: string, timeZone = 'UTC'): Promise<number> {
  const data = { accountId: name, spotifyId: name, handle: name, displayName: name, timeZone };
  return (await db.prisma.user.create({ data })).id;
}

describe('an analysis of Liked Songs', () => {
  it.each([
    'UTC',
    'America/Santiago',
    'Pacific/Apia',
    'Pacific/Kiritimati',
    'Asia/Kathmandu',
    'America/St_Johns',
  ])('equals a count by hand in %s', async (timeZone) => {
    for (let run = 0; run < 4; run += 1) {
      const name = `${timeZone.toLowerCase().replace(/\W/g, '-')}-${run}`;
      const userId = await createListener(db, tracks, { name, timeZone, days: DAYS });
      await like(userId, seededRandom(name));
      const analysis = await analyseLiked(db.pool, await listenerOf(userId));
      expect(analysis).toEqual(await naiveAnalysis(db, userId));
      expect(libraryAnalysisSchema.parse(analysis)).toEqual(analysis);
    }
  });

  it('of nothing is zeros and nulls', async () => {
    const analysis = await analyseLiked(db.pool, await listenerOf(await plain('empty')));
    expect(libraryAnalysisSchema.parse(analysis)).toEqual(analysis);
    expect(analysis).toMatchObject({
      tracks: 0,
      totalMs: 0,
      averageMs: null,
      medianMs: null,
      medianYear: null,
      explicit: { yes: 0, no: 0, unknown: 0 },
      years: [],
      decades: [],
      months: [],
      genres: [],
      shortest: null,
      oldestRelease: null,
      firstAdded: null,
      heard: { played: 0, never: 0 },
    });
    expect(analysis.durations.every((one) => one.tracks === 0)).toBe(true);
  });

  it('of removed music alone tells when it was added', async () => {
    const userId = await plain('mourner');
    const addedAt = new Date('2020-02-29T23:30:00Z');
    await db.prisma.likedTrack.create({ data: { userId, itemKey: 'removed:x', addedAt, place: 0 } });
    expect(await analyseLiked(db.pool, await listenerOf(userId))).toMatchObject({
      tracks: 1,
      removed: 1,
      albums: 0,
      artists: 0,
      months: [{ at: '2020-02-01', tracks: 1 }],
      firstAdded: null,
      heard: { played: 0, never: 0 },
    });
  });

  it('puts a song into the month that it was added in where its listener lives', async () => {
    const addedAt = new Date('2021-01-01T04:30:00Z');
    const months = [];
    for (const timeZone of ['America/New_York', 'UTC', 'America/Chicago']) {
      const userId = await plain(`month-${months.length}`, timeZone);
      await db.prisma.likedTrack.create({ data: { userId, itemKey: 'a', addedAt, place: 0 } });
      months.push((await analyseLiked(db.pool, await listenerOf(userId))).months);
    }
    const [there, here] = [[{ at: '2020-12-01', tracks: 1 }], [{ at: '2021-01-01', tracks: 1 }]];
    expect(months).toEqual([there, here, there]);
  });
});

describe('stored analyses', () => {
  it('are counted, and the last thirty are kept', async () => {
    const userId = await plain('keeper');
    const other = await plain('other');
    const analysis = await analyseLiked(db.pool, await listenerOf(userId));
    expect(await loadAnalysis(db.pool, userId)).toBeNull();
    expect(await storeAnalysis(db, other, analysis, NOW)).toBe(true);
    for (let run = 1; run <= 32; run += 1)
      await storeAnalysis(db, userId, { ...analysis, tracks: run }, new Date(NOW.getTime() + run));
    expect(await loadAnalysis(db.pool, userId)).toEqual({
      madeAt: new Date(NOW.getTime() + 32).toISOString(),
      analysis: { ...analysis, tracks: 32 },
    });
    expect(await db.prisma.libraryAnalysis.count({ where: { userId } })).toBe(30);
    expect(await db.prisma.libraryAnalysis.count({ where: { userId: other } })).toBe(1);
    expect((await loadOverallFigures(db.pool)).analysesMade).toBe(33);
  });

  it('of somebody who is being erased are not stored', async () => {
    const userId = await plain('leaver');
    const analysis = await analyseLiked(db.pool, await listenerOf(userId));
    await db.prisma.user.update({ where: { id: userId }, data: { erasingAt: NOW } });
    const { analysesMade } = await loadOverallFigures(db.pool);
    expect(await storeAnalysis(db, userId, analysis, NOW)).toBe(false);
    expect(await storeAnalysis(db, 999_999, analysis, NOW)).toBe(false);
    expect((await loadOverallFigures(db.pool)).analysesMade).toBe(analysesMade);
  });

  it('of an earlier version that lack something count as none', async () => {
    const userId = await plain('veteran');
    await db.prisma.libraryAnalysis.create({ data: { userId, createdAt: NOW, result: { tracks: 3 } } });
    expect(await loadAnalysis(db.pool, userId)).toBeNull();
  });
});
