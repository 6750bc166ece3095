import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@spindle/testkit';
import fc from 'fast-check';
import {
  createDatabase,
  type Database,
  InvalidRange,
  type Listener,
  loadClock,
  loadListener,
  loadTimeline,
  loadToday,
  previousRange,
  type ResolvedRange,
  resolveRange,
  summarize,
  topItems,
  topTrackIds,
} from '../src/index.ts';
import { createCatalogue, createListener } from './support/listening-world.ts';
import { calendar } from './support/naive-count.ts';
import {
  discoveredIn,
  distinctOf,
  figuresBy,
  figuresOf,
  type Heard,
  KEYS_OF,
  type Key,
  listenNaively,
  within,
} from './support/naive-listening.ts';

/** Zones with the days on which their clocks or calendars did something odd. */
const PLACES = [
  { timeZone: 'Europe/Berlin', days: ['2010-12-31', '2011-03-27', '2011-10-30', '2011-12-31'] },
  // Their clocks skip midnight.
  { timeZone: 'America/Santiago', days: ['2011-05-08', '2011-08-21', '2010-12-31', '2012-04-29'] },
  // Has no 30 December 2011.
  { timeZone: 'Pacific/Apia', days: ['2011-12-29', '2011-12-31', '2011-04-02', '2011-09-24'] },
  // Their clocks go back from 1:00 to 0:00, so that a day has two midnights.
  { timeZone: 'America/Havana', days: ['2011-11-13', '2011-03-20', '2010-12-31'] },
  { timeZone: 'Atlantic/Azores', days: ['2011-10-30', '2011-03-27', '2011-12-31'] },
  // Their clocks went back from 0:01 to 23:01: the end of a day came after the next had begun.
  { timeZone: 'America/St_Johns', days: ['2010-11-07', '2011-03-13', '2011-11-06'] },
];
const KINDS = ['tracks', 'artists', 'albums', 'genres'] as const;
const NOW = new Date('2012-02-03T15:20:00Z');

let store: TestDatabase;
let db: Database;
const listeners: { listener: Listener; heard: Heard[] }[] = [];

beforeAll(async () => {
  store = await createTestDatabase();
  db = createDatabase({ url: store.url });
  const tracks = await createCatalogue(db);
  for (const [index, place] of PLACES.entries()) {
    const userId = await createListener(db, tracks, { name: `listener-${index}`, ...place });
    const listener = await loadListener(db.pool, userId);
    if (!listener) throw new Error('the listener is gone');
    listeners.push({ listener, heard: await listenNaively(db, userId) });
  }
});
afterAll(async () => {
  await db.close();
  await store.drop();
});

const day = fc
  .integer({ min: -20, max: 640 })
  .map((count) =>
    new Date(Date.parse('2010-11-01T00:00:00Z') + count * 86_400_000).toISOString().slice(0, 10),
  );
const oddDay = fc.constantFrom(...PLACES.flatMap(({ days }) => days));
const anyDay = fc.oneof(day, oddDay);
const query = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ range: fc.constantFrom('day', 'week', 'month', 'quarter', 'year'), at: anyDay }),
  },
  { weight: 1, arbitrary: fc.constant({ range: 'all' as const }) },
  {
    weight: 3,
    arbitrary: fc.tuple(anyDay, anyDay).map((ends) => {
      const [from, to] = ends.sort();
      return { from, to };
    }),
  },
);
const asked = fc.record({ who: fc.nat(PLACES.length - 1), query });

/** Calls `check` with many listeners and ranges. */
async function everywhere(
  check: (listener: Listener, heard: Heard[], range: ResolvedRange) => Promise<void>,
  numRuns = 150,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(asked, async ({ who, query: wanted }) => {
      const one = listeners[who];
      if (!one) throw new Error('nobody');
      await check(one.listener, one.heard, resolveRange(wanted, one.listener, NOW));
    }),
    { numRuns },
  );
}

/** The naive top list: most first, equals by id or name. */
function topNaively(heard: Heard[], kind: (typeof KINDS)[number], by: 'plays' | 'time') {
  const measure = by === 'plays' ? 'plays' : 'msPlayed';
  return [...figuresBy(heard, KEYS_OF[kind])].sort(
    ([a, one], [b, other]) => other[measure] - one[measure] || (a < b ? -1 : 1),
  );
}

describe('a world to count', () => {
  it('has something of everything', async () => {
    for (const { listener, heard } of listeners) {
      expect(heard.length).toBeGreaterThan(150);
      expect(heard.length).toBeLessThan(380);
      expect(listener).toMatchObject({ plays: heard.length, recounting: false });
      expect(listener.firstDay).toBe(heard.map((one) => one.day).sort()[0]);
      expect(listener.lastDay).toBe(
        heard
          .map((one) => one.day)
          .sort()
          .at(-1),
      );
      expect(heard.some((one) => one.assumed > 0) && heard.some((one) => one.assumed === 0)).toBe(true);
    }
  });
});

describe('days on which clocks change', () => {
  it('hold the same plays whether read from days, hours or plays', async () => {
    for (const [index, { listener, heard }] of listeners.entries()) {
      for (const odd of PLACES[index]?.days ?? []) {
        for (const shift of [-2, -1, 0, 1, 2]) {
          const noon = Date.parse(`${odd}T12:00:00Z`) + shift * 86_400_000;
          const at = new Date(noon).toISOString().slice(0, 10);
          const range = resolveRange({ range: 'day', at }, listener, NOW);
          const plays = within(heard, range);
          const summary = await summarize(db.pool, listener, range, NOW);
          const { points } = await loadTimeline(db.pool, listener, range, 'hour');
          const { items } = await topItems(db.pool, listener, range, {
            kind: 'tracks',
            by: 'plays',
            limit: 100,
            offset: 0,
          });
          const sum = (list: readonly { plays: number }[]) => list.reduce((all, one) => all + one.plays, 0);
          expect([listener.timeZone, at, summary.distinct, sum(points), sum(items)]).toEqual([
            listener.timeZone,
            at,
            distinctOf(plays),
            plays.length,
            plays.length,
          ]);
        }
      }
    }
  });
});

describe('the summary', () => {
  it('says of any range what the plays say', async () => {
    await everywhere(async (listener, heard, range) => {
      const summary = await summarize(db.pool, listener, range, NOW);
      const plays = within(heard, range);
      expect(summary).toMatchObject({
        period: range,
        figures: figuresOf(plays),
        distinct: distinctOf(plays),
        discovered: discoveredIn(heard, range),
        activeDays: new Set(plays.map((one) => one.day)).size,
        counting: { minPlayMs: 30_000, firstPlayAt: new Date(heard[0]?.at ?? 0).toISOString() },
      });
      const before = previousRange(range);
      if (before === null) {
        expect(range.range).toBe('all');
        expect(summary.previous).toBeNull();
        return;
      }
      const earlier = within(heard, before);
      expect(summary.previous).toEqual({
        period: before,
        figures: figuresOf(earlier),
        distinct: distinctOf(earlier),
        activeDays: new Set(earlier.map((one) => one.day)).size,
      });
    });
  }, 60_000);
});

describe('a top list', () => {
  it('is that of the plays, page by page, whatever is counted and in whichever order', async () => {
    await everywhere(async (listener, heard, range) => {
      const plays = within(heard, range);
      const before = previousRange(range);
      const earlier = before && within(heard, before);
      for (const kind of KINDS) {
        for (const by of ['plays', 'time'] as const) {
          const naive = topNaively(plays, kind, by);
          const past = earlier && figuresBy(earlier, KEYS_OF[kind]);
          const items: { key: Key }[] = [];
          let offset: number | null = 0;
          while (offset !== null) {
            const page = await topItems(db.pool, listener, range, { kind, by, limit: 9, offset });
            expect(page).toMatchObject({ period: range, figures: figuresOf(plays), total: naive.length });
            for (const { track, artist, album, genre, ...item } of page.items) {
              const id = (track ?? artist ?? album)?.id;
              items.push({ ...item, key: genre ?? Number(id) });
            }
            offset = page.nextOffset;
          }
          expect(items).toEqual(
            naive.map(([key, figures], index) => {
              const was = past?.get(key) ?? { plays: 0, msPlayed: 0 };
              const previous = past && { plays: was.plays, msPlayed: was.msPlayed };
              return { rank: index + 1, key, ...figures, previous };
            }),
          );
        }
      }
      const ids = await topTrackIds(db.pool, listener, range, { by: 'time', limit: 5 });
      expect(ids).toEqual(
        topNaively(plays, 'tracks', 'time')
          .slice(0, 5)
          .map(([id]) => id),
      );
    }, 40);
  }, 90_000);

  it('shows items under their names', async () => {
    const { listener } = listeners[0] ?? {};
    if (!listener) throw new Error('nobody');
    const range = resolveRange({}, listener, NOW);
    const first = async (kind: (typeof KINDS)[number]) =>
      (await topItems(db.pool, listener, range, { kind, by: 'plays', limit: 1, offset: 0 })).items[0];
    const track = await first('tracks');
    expect(track?.track?.name).toMatch(/^Track \d+$/);
    expect(Object.keys(track ?? {})).toEqual(expect.not.arrayContaining(['artist', 'album', 'genre']));
    expect((await first('artists'))?.artist).toMatchObject({
      name: expect.stringMatching(/^Artist/),
      images: [],
    });
    expect((await first('albums'))?.album).toMatchObject({
      name: expect.stringMatching(/^Album/),
      artists: [{ name: expect.stringMatching(/^Artist/) }],
    });
  });
});

describe('the timeline', () => {
  it('has every step of a range, and the plays of each', async () => {
    await everywhere(async (listener, heard, range) => {
      const plays = within(heard, range);
      for (const by of [undefined, 'hour', 'day', 'week', 'month', 'year'] as const) {
        const timeline = await loadTimeline(db.pool, listener, range, by).catch((error: unknown) => error);
        if (timeline instanceof InvalidRange) {
          expect([by, timeline.field]).toEqual(['hour', 'by']);
          continue;
        }
        if (!(timeline instanceof Object) || !('points' in timeline)) throw timeline;
        const { points, by: step } = timeline as Awaited<ReturnType<typeof loadTimeline>>;
        const naive = figuresBy(plays, (one) => [stepOf(one, step)]);
        expect(points.filter((point) => point.plays > 0)).toEqual(
          [...naive].map(([at, figures]) => ({ at, ...figures })).sort((a, b) => (a.at < b.at ? -1 : 1)),
        );
        expect(points.map((point) => point.at)).toEqual(stepsNaively(range, step));
      }
    }, 50);
  }, 60_000);

  it('refuses more points than anybody could look at', async () => {
    const { listener } = listeners[0] ?? {};
    if (!listener) throw new Error('nobody');
    const range = resolveRange({ from: '2000-01-01', to: '2011-12-31' }, listener, NOW);
    await expect(loadTimeline(db.pool, listener, range, 'day')).rejects.toMatchObject({ field: 'by' });
    await expect(loadTimeline(db.pool, listener, range, 'month')).resolves.toMatchObject({ by: 'month' });
  });
});

function mondayOf(of: string): string {
  const date = new Date(`${of}T12:00:00Z`);
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  return date.toISOString().slice(0, 10);
}

function stepOf(one: Pick<Heard, 'day' | 'hour'>, by: string): string {
  if (by === 'hour') return `${one.day}T${String(one.hour).padStart(2, '0')}:00`;
  if (by === 'week') return mondayOf(one.day);
  return by === 'day'
    ? one.day
    : by === 'month'
      ? `${one.day.slice(0, 7)}-01`
      : `${one.day.slice(0, 4)}-01-01`;
}

/** Step by step through every hour of every day. */
function stepsNaively({ from, to }: ResolvedRange, by: string): string[] {
  const steps = new Set<string>();
  for (let at = Date.parse(`${from}T00:00:00Z`); at < Date.parse(`${to}T24:00:00Z`); at += 3_600_000) {
    const date = new Date(at);
    steps.add(stepOf({ day: date.toISOString().slice(0, 10), hour: date.getUTCHours() }, by));
  }
  return [...steps];
}

describe('the clock', () => {
  it('has 168 hours, and the plays of each', async () => {
    await everywhere(async (listener, heard, range) => {
      const { cells } = await loadClock(db.pool, listener, range);
      const naive = figuresBy(within(heard, range), (one) => [one.weekday * 24 + one.hour]);
      expect(cells).toEqual(
        Array.from({ length: 168 }, (_, index) => ({
          weekday: Math.floor(index / 24) + 1,
          hour: index % 24,
          ...(naive.get(index) ?? figuresOf([])),
        })),
      );
    });
  }, 30_000);
});

function isFullHour(at: Date, timeZone: string): boolean {
  return new Intl.DateTimeFormat('en', { timeZone, minute: 'numeric' }).format(at) === '0';
}

describe('today', () => {
  it('is the day so far, beside yesterday until the same time of day', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(PLACES.length - 1), fc.nat(399), fc.nat(23), async (who, index, hours) => {
        const one = listeners[who];
        const play = one?.heard[index % one.heard.length];
        if (!one || !play) throw new Error('nobody');
        const { listener, heard } = one;
        const local = calendar(listener.timeZone);
        // Around plays, else most days were empty; on full hours, so that hours tell earlier from later.
        const now = new Date((Math.floor(play.at / 3_600_000) + hours) * 3_600_000);
        const { day: today, hour } = local(now.getTime());
        const yesterday = new Date(Date.parse(`${today}T12:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
        // A time that yesterday had twice or not at all has no single meaning.
        const starts = Array.from({ length: 60 }, (_, back) => now.getTime() - back * 3_600_000).filter(
          (at) => local(at).day === yesterday && local(at).hour === hour,
        );
        fc.pre(starts.length === 1 && isFullHour(now, listener.timeZone));
        const plays = heard.filter((each) => each.day === today);
        const found = await loadToday(db.pool, listener, now);
        expect(found).toMatchObject({
          day: today,
          timeZone: listener.timeZone,
          figures: figuresOf(plays),
          distinct: distinctOf(plays),
          yesterday: figuresOf(heard.filter((each) => each.day === yesterday && each.hour < hour)),
        });
        const [track] = topNaively(plays, 'tracks', 'plays')[0] ?? [];
        expect(found.topTrack?.track?.id).toBe(track === undefined ? undefined : String(track));
        const [artist] = topNaively(plays, 'artists', 'plays')[0] ?? [];
        expect(found.topArtist?.artist?.id).toBe(artist === undefined ? undefined : String(artist));
      }),
      { numRuns: 200 },
    );
  }, 30_000);
});

describe('a listener without plays', () => {
  it('has zeros everywhere', async () => {
    const name = 'silent';
    const { id } = await db.prisma.user.create({
      data: { accountId: name, spotifyId: name, handle: name, displayName: name, timeZone: 'UTC' },
    });
    const listener = await loadListener(db.pool, id);
    if (!listener) throw new Error('the listener is gone');
    const range = resolveRange({}, listener, NOW);
    expect(range).toEqual({ range: 'all', from: '2012-02-03', to: '2012-02-03', timeZone: 'UTC' });
    const none = { plays: 0, msPlayed: 0, msAssumed: 0 };
    expect(await summarize(db.pool, listener, range, NOW)).toMatchObject({
      figures: none,
      distinct: { tracks: 0, artists: 0, albums: 0 },
      previous: null,
      counting: { firstPlayAt: null, countedAt: null },
    });
    for (const kind of KINDS) {
      const top = await topItems(db.pool, listener, range, { kind, by: 'plays', limit: 5, offset: 0 });
      expect(top).toMatchObject({ figures: none, total: 0, items: [], nextOffset: null });
    }
    expect(await loadToday(db.pool, listener, NOW)).toMatchObject({ topTrack: null, yesterday: none });
  });
});
