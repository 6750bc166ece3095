import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@spindle/testkit';
import fc from 'fast-check';
import {
  createDatabase,
  type Database,
  ensureNamedTracks,
  GRAIN,
  ingestPlays,
  KIND,
  type PlayObservation,
  recountIfStale,
  sweepCatalogueChanges,
  type TrackItem,
  upsertTracks,
} from '../src/index.ts';
import { readRollups, rollupsAndRecount } from './support/rollups.ts';

const NOW = new Date('2026-11-01T12:00:00Z');
let store: TestDatabase;
let db: Database;

beforeAll(async () => {
  store = await createTestDatabase();
  db = createDatabase({ url: store.url });
});
afterAll(async () => {
  await db.close();
  await store.drop();
});

async function listener(name: string, timeZone = 'UTC'): Promise<number> {
  const user = await db.prisma.user.create({
    data: { accountId: name, spotifyId: name, handle: name, displayName: name, timeZone },
  });
  return user.id;
}

function trackItem(spotifyId: string, durationMs = 180_000, extra: Partial<TrackItem> = {}): TrackItem {
  const artist = { spotifyId: `artist-${spotifyId}`, name: `Artist ${spotifyId}` };
  return {
    spotifyId,
    name: `Track ${spotifyId}`,
    durationMs,
    explicit: false,
    isrc: null,
    discNumber: 1,
    trackNumber: 1,
    artists: [artist],
    album: {
      spotifyId: `album-${spotifyId}`,
      name: `Album ${spotifyId}`,
      albumType: 'album',
      releaseDate: '2020',
      releaseDatePrecision: 'year',
      totalTracks: 10,
      images: [{ url: 'https://i.scdn.co/image/x', width: 640, height: 640 }],
      artists: [artist],
    },
    ...extra,
  };
}

const recent = (trackId: number, endedAt: number, durationMs = 180_000): PlayObservation => ({
  trackId,
  source: 'recently-played',
  startedAt: endedAt - durationMs,
  endedAt,
  msPlayed: null,
  durationMs,
});

describe('ingest', () => {
  it('stores a page once however often and however parallel it comes', async () => {
    const userId = await listener('parallel');
    const ids = await db.transaction((tx) =>
      upsertTracks(
        tx,
        ['a', 'b', 'c'].map((id) => trackItem(id)),
        NOW,
      ),
    );
    const page = [...ids.values()].map((id, index) => recent(id, NOW.getTime() - index * 200_000));
    const results = await Promise.all(
      Array.from({ length: 6 }, () => db.transaction((tx) => ingestPlays(tx, userId, page))),
    );
    expect(results.reduce((sum, result) => sum + result.stored, 0)).toBe(3);
    expect(await db.prisma.play.count({ where: { userId } })).toBe(3);
  });

  it('leaves nothing behind when the transaction fails', async () => {
    const userId = await listener('rollback');
    const ids = await db.transaction((tx) => upsertTracks(tx, [trackItem('r')], NOW));
    const id = ids.get('r') ?? 0;
    await expect(
      db.transaction(async (tx) => {
        await ingestPlays(tx, userId, [recent(id, NOW.getTime())]);
        throw new Error('killed');
      }),
    ).rejects.toThrow('killed');
    expect(await db.prisma.play.count({ where: { userId } })).toBe(0);
    expect(await readRollups(db, userId)).toEqual({ periods: [], sessions: [] });
  });

  it('puts a play into the day of the listener, across daylight saving', async () => {
    const userId = await listener('berlin', 'Europe/Berlin');
    const ids = await db.transaction((tx) => upsertTracks(tx, [trackItem('d', 60_000)], NOW));
    const id = ids.get('d') ?? 0;
    // 23:30 UTC in summer is 01:30 of the next day in Berlin, in winter 00:30.
    const ends = [
      '2026-10-24T21:59:30Z',
      '2026-10-24T22:30:00Z',
      '2026-10-25T22:59:30Z',
      '2026-10-25T23:30:00Z',
    ];
    await db.transaction((tx) =>
      ingestPlays(
        tx,
        userId,
        ends.map((end) => recent(id, Date.parse(end), 60_000)),
      ),
    );
    const { kept, recounted } = await rollupsAndRecount(db, userId);
    expect(kept.periods.slice(0, 3)).toMatchObject([
      { grain: GRAIN.day, kind: KIND.total, period: '2026-10-24', plays: 1 },
      { grain: GRAIN.day, kind: KIND.total, period: '2026-10-25', plays: 2 },
      { grain: GRAIN.day, kind: KIND.total, period: '2026-10-26', plays: 1 },
    ]);
    expect(kept).toEqual(recounted);
  });

  it('keeps the rollups equal to a recount after any mixture of sources', async () => {
    const userId = await listener('mixture', 'America/St_Johns');
    const ids = [
      ...(
        await db.transaction((tx) =>
          upsertTracks(
            tx,
            ['m1', 'm2', 'm3'].map((id) => trackItem(id)),
            NOW,
          ),
        )
      ).values(),
    ];
    const telling = fc.record({
      track: fc.integer({ min: 0, max: 2 }),
      minute: fc.integer({ min: 0, max: 3000 }),
      ms: fc.integer({ min: 30_000, max: 180_000 }),
      source: fc.constantFrom('recently-played' as const, 'live' as const, 'spotify-extended' as const),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(telling, { minLength: 1, maxLength: 40 }), async (tellings) => {
        const batch = tellings.map(({ track, minute, ms, source }): PlayObservation => {
          const endedAt = NOW.getTime() + minute * 60_000;
          const measured = source === 'recently-played' ? null : ms;
          return {
            trackId: ids[track] ?? 0,
            source,
            endedAt,
            startedAt: endedAt - (measured ?? 180_000),
            msPlayed: measured,
            durationMs: 180_000,
          };
        });
        await db.transaction((tx) => ingestPlays(tx, userId, batch));
        const { kept, recounted } = await rollupsAndRecount(db, userId);
        expect(kept).toEqual(recounted);
      }),
      { numRuns: 25 },
    );
  });
});

describe('the catalogue', () => {
  it('knows an imported track by name first and as a whole later, without a trace of the names', async () => {
    const userId = await listener('names');
    const named = await db.transaction((tx) =>
      ensureNamedTracks(tx, [{ spotifyId: 'n1', name: 'Ünder', artist: 'Só Nós', album: 'One' }]),
    );
    const trackId = named.get('n1') ?? 0;
    await db.transaction((tx) =>
      ingestPlays(tx, userId, [{ ...recent(trackId, NOW.getTime()), durationMs: null }]),
    );
    expect((await readRollups(db, userId)).periods[0]).toMatchObject({ assumed: 0 });

    const whole = await db.transaction((tx) =>
      upsertTracks(
        tx,
        [trackItem('n1', 200_000, { name: 'Ünder', artists: [{ spotifyId: 'sn', name: 'Só Nós' }] })],
        NOW,
      ),
    );
    expect(whole.get('n1')).toBe(trackId);
    await sweepCatalogueChanges(db, NOW);
    expect(await recountIfStale(db, userId, NOW)).toBe(true);
    expect((await readRollups(db, userId)).periods[0]).toMatchObject({ assumed: 200_000 });
    expect(await db.prisma.artist.findMany({ where: { name: 'Só Nós' } })).toMatchObject([
      { spotifyId: 'sn' },
    ]);
    expect(await db.prisma.album.count({ where: { name: 'One' } })).toBe(0);
  });

  it('makes each name once when many imports name it at once', async () => {
    const items = Array.from({ length: 200 }, (_, index) => ({
      spotifyId: `p${index}`,
      name: `Song ${index}`,
      artist: `Band ${index % 10}`,
      album: `Record ${index % 20}`,
    }));
    const all = await Promise.all(
      Array.from({ length: 4 }, () => db.transaction((tx) => ensureNamedTracks(tx, items))),
    );
    for (const ids of all) expect(ids).toEqual(all[0]);
    expect(await db.prisma.artist.count({ where: { name: { startsWith: 'Band ' } } })).toBe(10);
    expect(await db.prisma.album.count({ where: { name: { startsWith: 'Record ' } } })).toBe(20);
  });

  it('finds a track under its aliases and does not make a second row for them', async () => {
    const ids = await db.transaction((tx) => upsertTracks(tx, [trackItem('orig')], NOW));
    const trackId = ids.get('orig') ?? 0;
    await db.prisma.trackAlias.create({ data: { spotifyId: 'relinked', trackId } });
    const again = await db.transaction((tx) =>
      upsertTracks(tx, [trackItem('relinked')], new Date(NOW.getTime() + 90 * 86_400_000)),
    );
    expect(again.get('relinked')).toBe(trackId);
    expect(await db.prisma.track.count({ where: { spotifyId: 'relinked' } })).toBe(0);
  });
});
