import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@spindle/testkit';
import {
  countUpToDate,
  createDatabase,
  type Database,
  dueTrackers,
  findTodaysPoint,
  ingestPlays,
  listTrackerPoints,
  recountIfStale,
  refreshTrackerPlays,
  storeTrackerPoint,
} from '../src/index.ts';
import { makeTracks } from './support/listening-fixture.ts';

/** Noon in UTC: already tomorrow in Kiritimati, still yesterday nowhere. */
const NOW = new Date('2026-03-10T12:00:00Z');
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
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

const after = (ms: number) => new Date(NOW.getTime() + ms);

async function listener(
  name: string,
  options: {
    timeZone?: string;
    trackers?: boolean;
    erasingAt?: Date;
    reauthNeededAt?: Date;
    without?: true;
  } = {},
): Promise<number> {
  const { timeZone = 'UTC', trackers = true, erasingAt = null, reauthNeededAt = null } = options;
  const { id } = await db.prisma.user.create({
    data: {
      accountId: name,
      spotifyId: name,
      handle: name,
      displayName: name,
      timeZone,
      trackers,
      erasingAt,
    },
  });
  if (!options.without) {
    await db.prisma.spotifyCredential.create({
      data: { userId: id, appId: 'main', scope: '', authorizedAt: NOW, reauthNeededAt },
    });
  }
  return id;
}

const due = async (ids: readonly number[], at: Date) =>
  (await dueTrackers(db, at)).filter((id) => ids.includes(id));
const days = async (userId: number) => (await listTrackerPoints(db.pool, userId)).map((one) => one.day);

describe('trackers that are due', () => {
  it('are on, of somebody whom Spotify lets, and lack today’s datapoint', async () => {
    const on = await listener('on');
    const taken = await listener('taken');
    const others = [
      await listener('off', { trackers: false }),
      await listener('gone', { reauthNeededAt: NOW }),
      await listener('erased', { erasingAt: NOW }),
      await listener('never', { without: true }),
    ];
    await storeTrackerPoint(db.pool, taken, { likedTracks: 3, playlists: 2 }, after(-DAY_MS));
    expect(await due([on, taken, ...others], NOW)).toEqual([on, taken]);
    await storeTrackerPoint(db.pool, taken, { likedTracks: 4, playlists: 2 }, NOW);
    expect(await due([on, taken, ...others], NOW)).toEqual([on]);
    expect(await findTodaysPoint(db.pool, taken, NOW)).toEqual({ likedTracks: 4, playlists: 2 });
    expect(await findTodaysPoint(db.pool, on, NOW)).toBeNull();
    for (const userId of others)
      await storeTrackerPoint(db.pool, userId, { likedTracks: 1, playlists: 1 }, NOW);
    expect(await countUpToDate(db, [], NOW)).toBe(1);
    expect(await countUpToDate(db, [taken], NOW)).toBe(0);
  });

  it('turn due when their listeners’ day does, wherever they live', async () => {
    const ids = [
      await listener('east', { timeZone: 'Pacific/Kiritimati' }),
      await listener('mid', { timeZone: 'UTC' }),
      await listener('west', { timeZone: 'Pacific/Honolulu' }),
    ];
    const [east = 0, mid = 0, west = 0] = ids;
    for (const id of ids) await storeTrackerPoint(db.pool, id, { likedTracks: 1, playlists: 1 }, NOW);
    expect([await days(east), await days(mid), await days(west)]).toEqual([
      ['2026-03-11'],
      ['2026-03-10'],
      ['2026-03-10'],
    ]);
    const turned = [];
    for (let hour = 0; hour <= 24; hour += 1)
      turned.push(
        (await due(ids, after(hour * HOUR_MS - 1))).length,
        (await due(ids, after(hour * HOUR_MS))).length,
      );
    // Midnight of the three, in hours from now: 22 in Honolulu, 12 in UTC, 22 in Kiritimati.
    const expected = Array.from({ length: 25 }, (_, hour) => [
      hour > 22 ? 3 : hour > 12 ? 1 : 0,
      hour >= 22 ? 3 : hour >= 12 ? 1 : 0,
    ]).flat();
    expect(turned).toEqual(expected);
  });
});

describe('datapoints', () => {
  it('are one a day, the last reading of it, with changes since the one before', async () => {
    const userId = await listener('points');
    const read = (likedTracks: number, playlists: number, at: Date) =>
      storeTrackerPoint(db.pool, userId, { likedTracks, playlists }, at);
    await read(10, 5, after(-9 * DAY_MS));
    await read(12, 5, after(-2 * DAY_MS));
    await read(11, 4, after(-2 * DAY_MS + HOUR_MS));
    await read(11, 7, NOW);
    await read(11, 7, NOW);
    const none = { plays: 0, msPlayed: 0 };
    const points = [
      { day: '2026-03-01', likedTracks: 10, likedChange: null, playlists: 5, playlistsChange: null, ...none },
      { day: '2026-03-08', likedTracks: 11, likedChange: 1, playlists: 4, playlistsChange: -1, ...none },
      { day: '2026-03-10', likedTracks: 11, likedChange: 0, playlists: 7, playlistsChange: 3, ...none },
    ];
    expect(await listTrackerPoints(db.pool, userId)).toEqual(points);
    expect(await listTrackerPoints(db.pool, userId, { from: '2026-03-02' })).toEqual(points.slice(1));
    expect(await listTrackerPoints(db.pool, userId, { to: '2026-03-08' })).toEqual(points.slice(0, 2));
    expect(await listTrackerPoints(db.pool, userId, { from: '2026-03-02', to: '2026-03-07' })).toEqual([]);
  });

  it('follow the plays of their days for a week', async () => {
    const userId = await listener('player', { timeZone: 'America/New_York' });
    await recountIfStale(db, userId, NOW);
    const listen = (at: string, msPlayed: number | null) =>
      db.transaction((tx) =>
        ingestPlays(tx, userId, [
          {
            trackId: tracks[0] ?? 0,
            source: msPlayed === null ? 'recently-played' : 'live',
            startedAt: Date.parse(at),
            endedAt: Date.parse(at) + (msPlayed ?? 120_000),
            msPlayed,
            durationMs: 120_000,
          },
        ]),
      );
    // Half past eleven at night over there, on the 9th.
    await listen('2026-03-10T03:30:00Z', 90_000);
    for (const back of [8, 2, 1, 0])
      await storeTrackerPoint(db.pool, userId, { likedTracks: 1, playlists: 1 }, after(-back * DAY_MS));
    const plays = async () =>
      (await listTrackerPoints(db.pool, userId)).map((one) => [one.plays, one.msPlayed]);
    expect(await plays()).toEqual([
      [0, 0],
      [0, 0],
      [1, 90_000],
      [0, 0],
    ]);
    // Measured and assumed; and one that is too long ago to be followed.
    await listen('2026-03-10T03:40:00Z', null);
    await listen('2026-03-10T11:00:00Z', 60_000);
    await listen('2026-03-02T11:00:00Z', 60_000);
    expect(await refreshTrackerPlays(db.pool, NOW)).toBe(2);
    expect(await plays()).toEqual([
      [0, 0],
      [0, 0],
      [2, 210_000],
      [1, 60_000],
    ]);
    expect(await refreshTrackerPlays(db.pool, NOW)).toBe(0);
    await db.pool.query('DELETE FROM play_periods WHERE user_id = $1', [userId]);
    expect(await refreshTrackerPlays(db.pool, NOW)).toBe(2);
    expect(await plays()).toEqual(Array(4).fill([0, 0]));
  });
});
