import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@spindle/testkit';
import fc from 'fast-check';
import {
  aliasArtist,
  compareSides,
  createDatabase,
  type Database,
  ingestPlays,
  type Listener,
  loadAlbumPage,
  loadArtistPage,
  loadClock,
  loadDiscoveries,
  loadListener,
  loadSessions,
  loadStreaks,
  loadTimeline,
  loadToday,
  loadTrackPage,
  mergeTracks,
  previousRange,
  type ResolvedRange,
  recountIfStale,
  resolveRange,
  reviewYear,
  searchItems,
  summarize,
  topItems,
  upsertTracks,
} from '../src/index.ts';
import { type NaivePlay, naivePlays } from './support/naive-count.ts';

const NOW = new Date('2026-11-01T12:00:00Z');
const FIRST = Date.UTC(2024, 7, 20);
const TRACKS = 40;
const DAY_MS = 86_400_000;

let store: TestDatabase;
let db: Database;
let trackIds: number[];

/** Numbers that look random and are the same each time. */
function* numbers(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    yield state / 2_147_483_648;
  }
}

const item = (index: number) => ({
  spotifyId: `track-${index}`,
  name: index % 5 === 0 ? `Night Song ${index}` : `Track ${index}`,
  durationMs: 120_000 + index * 3_000,
  explicit: false,
  isrc: null,
  discNumber: 1,
  trackNumber: 1,
  artists: [index % 12, ...(index % 7 === 0 ? [(index + 3) % 12] : [])].map((one) => ({
    spotifyId: `artist-${one}`,
    name: `Artist ${one}`,
  })),
  album: {
    spotifyId: `album-${index % 9}`,
    name: `Album ${index % 9}`,
    albumType: 'album',
    releaseDate: '2020',
    releaseDatePrecision: 'year',
    totalTracks: 10,
    images: [],
    artists: [],
  },
});

async function listen(userId: number, count: number, seed: number): Promise<void> {
  const random = numbers(seed);
  const next = () => random.next().value;
  let at = FIRST;
  const plays = Array.from({ length: count }, () => {
    // Several in a row, then a pause of hours, now and then of days.
    at += next() < 0.7 ? 240_000 : Math.floor(next() ** 4 * 9 * DAY_MS);
    const trackId = trackIds[Math.floor(next() ** 2 * TRACKS)] ?? 0;
    const measured = next() < 0.6;
    const msPlayed = 10_000 + Math.floor(next() * 200_000);
    return {
      trackId,
      source: measured ? ('spotify-extended' as const) : ('recently-played' as const),
      startedAt: at - (measured ? msPlayed : 150_000),
      endedAt: at,
      msPlayed: measured ? msPlayed : null,
      durationMs: null,
      flags: next() < 0.05 ? 16 : 0,
    };
  }).filter((play) => play.endedAt < NOW.getTime());
  await db.transaction((tx) => ingestPlays(tx, userId, plays));
}

async function listener(name: string, timeZone: string): Promise<number> {
  const data = { accountId: name, spotifyId: name, handle: name, displayName: name, timeZone };
  return (await db.prisma.user.create({ data })).id;
}

interface Heard {
  readonly listener: Listener;
  readonly plays: readonly NaivePlay[];
}
const heard = new Map<string, Heard>();
const of = (name: string): Heard => {
  const found = heard.get(name);
  if (!found) throw new Error(`nobody is called ${name}`);
  return found;
};

const PEOPLE = { berlin: 'Europe/Berlin', santiago: 'America/Santiago', apia: 'Pacific/Apia' } as const;
const NAMES = Object.keys(PEOPLE);

beforeAll(async () => {
  store = await createTestDatabase();
  db = createDatabase({ url: store.url });
  const ids = await db.transaction((tx) =>
    upsertTracks(
      tx,
      Array.from({ length: TRACKS }, (_, index) => item(index)),
      NOW,
    ),
  );
  trackIds = Array.from({ length: TRACKS }, (_, index) => ids.get(`track-${index}`) ?? 0);
  await db.pool.query(
    `UPDATE artists SET genres = CASE WHEN id % 3 = 0 THEN '{folk,jazz}'::text[] WHEN id % 3 = 1 THEN '{jazz}' ELSE '{}' END`,
  );
  const artists = await db.prisma.artist.findMany({ orderBy: { id: 'asc' } });
  for (const [index, [name, zone]] of Object.entries(PEOPLE).entries()) {
    const userId = await listener(name, zone);
    await listen(userId, 700, 11 + index);
    if (name !== 'apia') {
      await mergeTracks(db, userId, [trackIds[3] ?? 0, trackIds[4] ?? 0], trackIds[1] ?? 0, NOW);
      await aliasArtist(db, userId, artists[2]?.id ?? 0, artists[5]?.id ?? 0, NOW);
    }
    await recountIfStale(db, userId, NOW);
    const loaded = await loadListener(db.pool, userId);
    if (!loaded) throw new Error('the listener is gone');
    heard.set(name, { listener: loaded, plays: await naivePlays(db, userId) });
  }
});
afterAll(async () => {
  await db.close();
  await store.drop();
});

const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);
const inside = (plays: readonly NaivePlay[], range: ResolvedRange) =>
  plays.filter((play) => play.day >= range.from && play.day <= range.to);

function figuresOf(plays: readonly NaivePlay[]) {
  const assumed = plays.reduce((sum, play) => sum + play.assumed, 0);
  const measured = plays.reduce((sum, play) => sum + play.ms, 0);
  return { plays: plays.length, msPlayed: measured + assumed, msAssumed: assumed };
}

const idsOf = {
  tracks: (play: NaivePlay) => [play.track],
  artists: (play: NaivePlay) => play.artists,
  albums: (play: NaivePlay) => (play.album === null ? [] : [play.album]),
} as const;
type Kind = keyof typeof idsOf;
const KINDS: readonly Kind[] = ['tracks', 'artists', 'albums'];

function grouped(plays: readonly NaivePlay[], kind: Kind): Map<number, NaivePlay[]> {
  const groups = new Map<number, NaivePlay[]>();
  for (const play of plays)
    for (const id of idsOf[kind](play)) groups.set(id, [...(groups.get(id) ?? []), play]);
  return groups;
}

const distinctOf = (plays: readonly NaivePlay[]) =>
  Object.fromEntries(KINDS.map((kind) => [kind, grouped(plays, kind).size]));

function ranking(plays: readonly NaivePlay[], kind: Kind, by: 'plays' | 'time') {
  const measure = (figures: ReturnType<typeof figuresOf>) =>
    by === 'plays' ? figures.plays : figures.msPlayed;
  return [...grouped(plays, kind)]
    .map(([id, some]) => ({ id: String(id), ...figuresOf(some) }))
    .sort((a, b) => measure(b) - measure(a) || Number(a.id) - Number(b.id));
}

/** A range that a page could ask for, within and around the history. */
const ranges = fc.oneof(
  fc
    .record({
      range: fc.constantFrom('day', 'week', 'month', 'quarter', 'year', 'all'),
      at: fc.integer({ min: -40, max: 840 }).map((days) => dayOf(FIRST + days * DAY_MS)),
    })
    .map(({ range, at }) => (range === 'all' ? { range } : { range, at })),
  fc.tuple(fc.integer({ min: -40, max: 840 }), fc.integer({ min: 0, max: 500 })).map(([start, days]) => ({
    from: dayOf(FIRST + start * DAY_MS),
    to: dayOf(FIRST + (start + days) * DAY_MS),
  })),
);

async function forRanges(
  runs: number,
  check: (heard: Heard, range: ResolvedRange) => Promise<void>,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...NAMES), ranges, async (name, query) => {
      const one = of(name);
      await check(one, resolveRange(query as Parameters<typeof resolveRange>[0], one.listener, NOW));
    }),
    { numRuns: runs },
  );
}

describe('statistics equal what a naive look at every play finds', () => {
  it('summaries, with the period before', async () => {
    await forRanges(60, async ({ listener, plays }, range) => {
      const summary = await summarize(db.pool, listener, range, NOW);
      const mine = inside(plays, range);
      expect(summary.figures).toEqual(figuresOf(mine));
      expect(summary.distinct).toEqual(distinctOf(mine));
      expect(summary.activeDays).toBe(new Set(mine.map((play) => play.day)).size);
      const first = (kind: Kind) =>
        [...grouped(plays, kind)].filter(([, some]) => inside(some.slice(0, 1), range).length > 0).length;
      expect(summary.discovered).toEqual(Object.fromEntries(KINDS.map((kind) => [kind, first(kind)])));
      const before = previousRange(range);
      expect(summary.previous?.figures).toEqual(before ? figuresOf(inside(plays, before)) : undefined);
      expect(summary.previous?.distinct).toEqual(before ? distinctOf(inside(plays, before)) : undefined);
    });
  });

  it.each(KINDS)('top %s', async (kind) => {
    await forRanges(40, async ({ listener, plays }, range) => {
      for (const by of ['plays', 'time'] as const) {
        const list = await topItems(db.pool, listener, range, { kind, by, limit: 7, offset: 2 });
        const wanted = ranking(inside(plays, range), kind, by);
        expect(list.total).toBe(wanted.length);
        expect(
          list.items.map(({ track, artist, album, plays: count, msPlayed, msAssumed }) => ({
            id: (track ?? artist ?? album)?.id,
            plays: count,
            msPlayed,
            msAssumed,
          })),
        ).toEqual(wanted.slice(2, 9));
        const before = previousRange(range);
        const old = before && new Map(ranking(inside(plays, before), kind, by).map((one) => [one.id, one]));
        for (const one of list.items) {
          const id = (one.track ?? one.artist ?? one.album)?.id ?? '';
          const { plays: count = 0, msPlayed = 0 } = old?.get(id) ?? {};
          expect(one.previous).toEqual(old && { plays: count, msPlayed });
        }
      }
    });
  });

  it('top genres count a play once for each artist that has them', async () => {
    const genres = new Map((await db.prisma.artist.findMany()).map((one) => [one.id, one.genres]));
    await forRanges(20, async ({ listener, plays }, range) => {
      const list = await topItems(db.pool, listener, range, {
        kind: 'genres',
        by: 'plays',
        limit: 9,
        offset: 0,
      });
      const wanted = new Map<string, number>();
      for (const play of inside(plays, range))
        for (const artist of play.artists)
          for (const genre of genres.get(artist) ?? []) wanted.set(genre, (wanted.get(genre) ?? 0) + 1);
      expect(Object.fromEntries(list.items.map((one) => [one.genre, one.plays]))).toEqual(
        Object.fromEntries(wanted),
      );
    });
  });

  it('timelines and clocks, gaps of days filled with nothing', async () => {
    await forRanges(40, async ({ listener, plays }, range) => {
      const mine = inside(plays, range);
      const timeline = await loadTimeline(db.pool, listener, range);
      expect(timeline.points.reduce((sum, point) => sum + point.plays, 0)).toBe(mine.length);
      const step = { hour: 13, day: 10, week: 0, month: 7, year: 4 }[timeline.by];
      if (step > 0) {
        for (const point of timeline.points) {
          const key = (play: NaivePlay) => `${play.day}T${String(play.hour).padStart(2, '0')}`.slice(0, step);
          expect(point).toMatchObject(
            figuresOf(mine.filter((play) => key(play) === point.at.slice(0, step))),
          );
        }
      }
      const clock = await loadClock(db.pool, listener, range);
      expect(clock.cells).toHaveLength(168);
      for (const cell of clock.cells) {
        const within = mine.filter((play) => play.weekday + 1 === cell.weekday && play.hour === cell.hour);
        expect(cell).toMatchObject(figuresOf(within));
      }
    });
  });

  it('discoveries', async () => {
    await forRanges(30, async ({ listener, plays }, range) => {
      for (const kind of KINDS) {
        const list = await loadDiscoveries(db.pool, listener, range, { kind, limit: 100 });
        const wanted = [...grouped(plays, kind)].filter(
          ([, some]) => inside(some.slice(0, 1), range).length > 0,
        );
        expect(list.total).toBe(wanted.length);
        expect(list.points.reduce((sum, point) => sum + point.count, 0)).toBe(wanted.length);
        const firstDays = Object.fromEntries(wanted.map(([id, some]) => [String(id), some[0]?.day]));
        expect(
          Object.fromEntries(
            list.items.map((one) => [(one.track ?? one.artist ?? one.album)?.id, one.firstDay]),
          ),
        ).toEqual(firstDays);
      }
    });
  });

  it('sessions', async () => {
    await forRanges(20, async ({ listener, plays }, range) => {
      const sessions: { from: number; to: number; day: string; plays: NaivePlay[] }[] = [];
      for (const play of plays) {
        const last = sessions.at(-1);
        if (last && play.from - last.to < 600_000) {
          last.to = Math.max(last.to, play.to);
          last.plays.push(play);
        } else sessions.push({ from: play.from, to: play.to, day: play.day, plays: [play] });
      }
      const mine = sessions.filter((one) => one.day >= range.from && one.day <= range.to);
      const list = await loadSessions(db.pool, listener, range, { order: 'newest', limit: 100, offset: 0 });
      expect(list.count).toBe(mine.length);
      expect(list.longestMs).toBe(Math.max(0, ...mine.map((one) => one.to - one.from)));
      expect(list.items).toEqual(
        mine
          .reverse()
          .slice(0, 100)
          .map((one) => ({
            from: new Date(one.from).toISOString(),
            to: new Date(one.to).toISOString(),
            ...figuresOf(one.plays),
          })),
      );
    });
  });

  it.each(NAMES)('streaks and milestones of %s', async (name) => {
    const { listener, plays } = of(name);
    const streaks = await loadStreaks(db.pool, listener, NOW);
    const days = [...new Set(plays.map((play) => play.day))];
    expect(streaks.activeDays).toBe(days.length);
    const [longest] = streaks.longest;
    const runOf = (from: string) => {
      let length = 0;
      while (days.includes(dayOf(Date.parse(from) + length * DAY_MS))) length += 1;
      return length;
    };
    expect(longest?.days).toBe(Math.max(...days.map(runOf)));
    expect(streaks.milestones.map((one) => [one.plays, one.at, one.track.id])).toEqual(
      [1, 100, 1_000]
        .filter((count) => count <= plays.length)
        .map((count) => {
          const play = plays[count - 1];
          return [count, new Date(play?.from ?? 0).toISOString(), String(play?.track)];
        }),
    );
    expect(streaks.next.left).toBe(streaks.next.plays - plays.length);
    const busiest = new Map<string, number>();
    for (const play of plays) busiest.set(play.day, (busiest.get(play.day) ?? 0) + 1);
    expect(streaks.busiest.byPlays?.plays).toBe(Math.max(...busiest.values()));
  });

  it.each(NAMES)('pages of items of %s', async (name) => {
    const { listener, plays } = of(name);
    const load = { tracks: loadTrackPage, artists: loadArtistPage, albums: loadAlbumPage } as const;
    for (const kind of KINDS) {
      const order = ranking(plays, kind, 'plays');
      for (const [index, wanted] of order.slice(0, 8).entries()) {
        const page = await load[kind](db.pool, listener, Number(wanted.id), NOW);
        const some = grouped(plays, kind).get(Number(wanted.id)) ?? [];
        expect(page?.mine).toMatchObject({
          ...figuresOf(some),
          rank: index + 1,
          share: some.length / plays.length,
          firstPlayedAt: new Date(some[0]?.from ?? 0).toISOString(),
          lastPlayedAt: new Date(some.at(-1)?.from ?? 0).toISOString(),
        });
        expect(page?.mine.months[0]?.at).toBe(`${some[0]?.day.slice(0, 7)}-01`);
        expect(page?.mine.months.at(-1)?.at).toBe('2026-11-01');
        expect(page?.mine.months.reduce((sum, month) => sum + month.plays, 0)).toBe(some.length);
      }
    }
  });
});

describe('statistics', () => {
  it('show a merged track with the figures of the one it counts for', async () => {
    const { listener } = of('berlin');
    const page = await loadTrackPage(db.pool, listener, trackIds[3] ?? 0, NOW);
    const root = await loadTrackPage(db.pool, listener, trackIds[1] ?? 0, NOW);
    expect(page?.mergedInto?.id).toBe(String(trackIds[1]));
    expect(page?.mine).toEqual(root?.mine);
    expect(root?.merged.map((one) => one.id).sort()).toEqual([trackIds[3], trackIds[4]].map(String).sort());
  });

  it('know nothing of tracks and listeners that do not exist', async () => {
    const { listener } = of('berlin');
    expect(await loadTrackPage(db.pool, listener, 99_999, NOW)).toBeNull();
    expect(await loadArtistPage(db.pool, listener, 99_999, NOW)).toBeNull();
    expect(await loadAlbumPage(db.pool, listener, 99_999, NOW)).toBeNull();
    expect(await loadListener(db.pool, 99_999)).toBeNull();
  });

  it('answer a newcomer with zeros', async () => {
    const userId = await listenerWithoutPlays();
    const me = await loadListener(db.pool, userId);
    if (!me) throw new Error('the listener is gone');
    for (const range of ['day', 'year', 'all'] as const) {
      const resolved = resolveRange({ range }, me, NOW);
      expect((await summarize(db.pool, me, resolved, NOW)).figures.plays).toBe(0);
      expect(
        (await topItems(db.pool, me, resolved, { kind: 'artists', by: 'plays', limit: 5, offset: 0 })).items,
      ).toEqual([]);
      expect((await loadTimeline(db.pool, me, resolved)).points.every((point) => point.plays === 0)).toBe(
        true,
      );
    }
    expect((await loadStreaks(db.pool, me, NOW)).current).toBeNull();
    expect((await loadToday(db.pool, me, NOW)).topTrack).toBeNull();
    expect((await reviewYear(db.pool, me, 2025, NOW)).first).toBeNull();
  });

  it('find items by words in any order, most played first', async () => {
    const { listener, plays } = of('apia');
    const found = await searchItems(db.pool, listener.userId, 'song NIGHT', 20);
    const wanted = ranking(plays, 'tracks', 'plays').filter(
      ({ id }) => trackIds.indexOf(Number(id)) % 5 === 0,
    );
    expect(found.tracks.map(({ track, plays: count }) => [track.id, count])).toEqual(
      wanted.map((one) => [one.id, one.plays]),
    );
    expect(await searchItems(db.pool, listener.userId, '%', 5)).toEqual({
      tracks: [],
      artists: [],
      albums: [],
    });
  });

  it('a year in review holds together', async () => {
    const { listener, plays } = of('santiago');
    const review = await reviewYear(db.pool, listener, 2025, NOW);
    const year = plays.filter((play) => play.day.startsWith('2025'));
    expect(review.summary.figures).toEqual(figuresOf(year));
    expect(review.months).toHaveLength(12);
    expect(review.first?.at).toBe(new Date(year[0]?.from ?? 0).toISOString());
    expect(review.years).toEqual([...new Set(plays.map((play) => Number(play.day.slice(0, 4))))]);
    expect(review.topTracks[0]?.track?.id).toBe(ranking(year, 'tracks', 'plays')[0]?.id);
  });

  it('listeners are as alike as their shares, and wholly like themselves', async () => {
    const [a, b] = [of('berlin').listener, of('apia').listener];
    const side = (one: Listener, label: string) => ({
      listener: one,
      range: resolveRange({ range: 'all' }, one, NOW),
      label,
    });
    const request = { kind: 'artists', limit: 5 } as const;
    const same = await compareSides(db.pool, { mine: side(a, 'a'), theirs: side(a, 'a') }, request);
    expect(same.likeness).toBeCloseTo(1, 9);
    const both = await compareSides(db.pool, { mine: side(a, 'a'), theirs: side(b, 'b') }, request);
    const shares = (plays: readonly NaivePlay[]) => {
      const ranks = ranking(plays, 'artists', 'plays');
      const all = ranks.reduce((sum, one) => sum + one.plays, 0);
      return new Map(ranks.map((one) => [one.id, one.plays / all]));
    };
    const [left, right] = [shares(of('berlin').plays), shares(of('apia').plays)];
    const ids = new Set([...left.keys(), ...right.keys()]);
    const sum = (pick: (x: number, y: number) => number) =>
      [...ids].reduce((total, id) => total + pick(left.get(id) ?? 0, right.get(id) ?? 0), 0);
    expect(both.likeness).toBeCloseTo(sum(Math.min) / sum(Math.max), 9);
    expect(both.items).toHaveLength(5);
  });
});

async function listenerWithoutPlays(): Promise<number> {
  return listener('newcomer', 'Europe/Berlin');
}
