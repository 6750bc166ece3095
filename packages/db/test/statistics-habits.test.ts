import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Random, seededRandom } from '@spindle/service-kit';
import { createTestDatabase, type TestDatabase } from '@spindle/testkit';
import {
  createDatabase,
  type Database,
  type Listener,
  loadDiscoveries,
  loadSessions,
  loadStreaks,
  nextMilestone,
  type ResolvedRange,
  resolveRange,
  reviewYear,
} from '../src/index.ts';
import { addDays } from '../src/statistics/calendar-day.ts';
import { makeListener, makeTracks } from './support/listening-fixture.ts';
import { calendar } from './support/naive-count.ts';
import { charted, grouped, type Listen, loadListens, sumUp, within } from './support/naive-listens.ts';

const NOW = new Date('2025-04-10T15:00:00Z');
const DAYS = 560;
// Each changes its clocks within these days; one of them at midnight, so that a day lacks its first hour.
const ZONES = ['Europe/Berlin', 'America/Santiago', 'Pacific/Chatham', 'America/Havana'];
// In Havana the clocks went back over midnight on that day: these are 23:50 of the day before, 0:10, and 0:10 again.
const TWICE = ['2024-11-03T03:50:00Z', '2024-11-03T04:10:00Z', '2024-11-03T05:10:00Z'].map(Date.parse);
let store: TestDatabase;
let db: Database;
let random: Random;
const people: { listener: Listener; listens: Listen[] }[] = [];

beforeAll(async () => {
  store = await createTestDatabase();
  db = createDatabase({ url: store.url });
  random = seededRandom(20_250_410);
  const tracks = await makeTracks(db, NOW);
  for (const timeZone of ZONES) {
    const name = timeZone.toLowerCase().replace('/', '-');
    const listener = await makeListener(db, random, {
      name,
      timeZone,
      tracks,
      now: NOW,
      days: DAYS,
      also: TWICE,
    });
    people.push({ listener, listens: await loadListens(db, listener.userId) });
  }
}, 60_000);
afterAll(async () => {
  await db.close();
  await store.drop();
});

function randomRange(listener: Listener): ResolvedRange {
  const day = () => addDays('2025-04-12', -random.int(DAYS + 20));
  const [from = '', to = ''] = [day(), day()].sort();
  const named = (['day', 'week', 'month', 'quarter', 'year', 'all'] as const)[random.int(9)];
  if (named === undefined) return resolveRange({ from, to }, listener, NOW);
  return resolveRange(named === 'all' ? { range: named } : { range: named, at: from }, listener, NOW);
}

/** Sittings, told apart by breaks of ten minutes. */
function sittings(listens: readonly Listen[]) {
  const found: { from: number; to: number; day: string; listens: Listen[] }[] = [];
  for (const one of listens) {
    const last = found.at(-1);
    if (last && one.from - last.to < 600_000) {
      last.to = Math.max(last.to, one.to);
      last.listens.push(one);
    } else found.push({ from: one.from, to: one.to, day: one.day, listens: [one] });
  }
  return found;
}

const iso = (at: number) => new Date(at).toISOString();

function runs(days: readonly string[]) {
  return days
    .filter((day) => !days.includes(addDays(day, -1)))
    .map((from) => {
      let to = from;
      let length = 1;
      while (days.includes(addDays(to, 1))) {
        to = addDays(to, 1);
        length += 1;
      }
      return { days: length, from, to };
    });
}

const longestFirst = (found: ReturnType<typeof runs>) =>
  found.sort((a, b) => b.days - a.days || b.from.localeCompare(a.from));

describe('sessions', () => {
  it('are the sittings that began in a range, in both orders, page after page', async () => {
    let seen = 0;
    for (const { listener, listens } of people) {
      for (let round = 0; round < 12; round += 1) {
        const range = randomRange(listener);
        const wanted = sittings(listens).filter(({ day }) => day >= range.from && day <= range.to);
        const lengths = wanted.map(({ from, to }) => to - from);
        const order = round % 2 ? 'newest' : 'longest';
        wanted.sort((a, b) =>
          order === 'newest' ? b.from - a.from : b.to - b.from - (a.to - a.from) || a.from - b.from,
        );
        const items: unknown[] = [];
        for (let offset: number | null = 0; offset !== null; ) {
          const page = await loadSessions(db.pool, listener, range, { order, limit: 37, offset });
          expect(page).toMatchObject({
            gapMs: 600_000,
            count: wanted.length,
            averageMs: lengths.length ? Math.round(lengths.reduce((a, b) => a + b) / lengths.length) : 0,
            longestMs: Math.max(0, ...lengths),
          });
          items.push(...page.items);
          offset = page.nextOffset;
        }
        expect(items).toEqual(
          wanted.map((one) => ({ from: iso(one.from), to: iso(one.to), ...sumUp(one.listens) })),
        );
        seen += wanted.length;
      }
    }
    expect(seen).toBeGreaterThan(500);
  });
});

describe('streaks', () => {
  it('are the runs of days with plays; round numbers and busiest days are those of a count by hand', async () => {
    for (const { listener, listens } of people) {
      const streaks = await loadStreaks(db.pool, listener, NOW);
      const byDay = grouped(listens, (one) => [one.day]);
      const days = [...byDay.keys()];
      const wanted = longestFirst(runs(days));
      expect(streaks.longest).toEqual(wanted.slice(0, 10));
      expect(streaks.activeDays).toBe(days.length);
      expect(listens.length).toBeGreaterThan(1_000);
      expect(streaks.milestones.map(({ plays, at, track }) => [plays, at, Number(track.id)])).toEqual(
        [1, 100, 1_000].map((plays) => [
          plays,
          iso(listens[plays - 1]?.from ?? 0),
          listens[plays - 1]?.tracks[0],
        ]),
      );
      expect(streaks.next).toEqual({ plays: 5_000, left: 5_000 - listens.length });
      const sums = [...byDay].map(([day, list]) => ({ day, ...sumUp(list) }));
      const most = (of: (sum: (typeof sums)[number]) => number) =>
        [...sums].sort((a, b) => of(b) - of(a) || a.day.localeCompare(b.day))[0];
      expect(streaks.busiest).toEqual({
        byPlays: most((sum) => sum.plays),
        byTime: most((sum) => sum.msPlayed),
      });
    }
  });

  it('run until the day after their last is over', async () => {
    const { listener, listens } = people[0] ?? { listener: null, listens: [] };
    if (!listener) throw new Error('nobody listens');
    const last = runs([...grouped(listens, (one) => [one.day]).keys()]).at(-1);
    const at = async (day: string) =>
      (await loadStreaks(db.pool, listener, new Date(`${day}T12:00:00Z`))).current;
    expect(await at(last?.to ?? '')).toEqual(last);
    expect(await at(addDays(last?.to ?? '', 1))).toEqual(last);
    expect(await at(addDays(last?.to ?? '', 2))).toBeNull();
  });

  it('know the next round number', () => {
    expect([0, 1, 99, 100, 4_999, 60_000, 100_000, 199_999, 1_000_000].map(nextMilestone)).toEqual([
      1, 100, 100, 1_000, 5_000, 100_000, 200_000, 200_000, 1_100_000,
    ]);
  });
});

describe('discoveries', () => {
  it('are what was first heard in a range, every step told', async () => {
    let found = 0;
    for (const { listener, listens } of people) {
      for (let round = 0; round < 15; round += 1) {
        const range = randomRange(listener);
        const kind = (['tracks', 'artists', 'albums'] as const)[round % 3] ?? 'tracks';
        const wanted = charted(listens, kind)
          .map(([id, list]) => ({ id, firstDay: list[0]?.day ?? '', ...sumUp(list) }))
          .filter(({ firstDay }) => firstDay >= range.from && firstDay <= range.to);
        const result = await loadDiscoveries(db.pool, listener, range, { kind, limit: 5 });
        expect(result.total).toBe(wanted.length);
        expect(
          result.items.map(({ rank: _rank, track, artist, album, ...rest }) => ({
            id: Number((track ?? artist ?? album)?.id),
            ...rest,
          })),
        ).toEqual(wanted.slice(0, 5));
        expect(result.items.map((item) => item.rank)).toEqual(result.items.map((_, index) => index + 1));
        const starts = result.points.map(({ at }) => at);
        expect(starts).toEqual([...starts].sort());
        expect((starts[0] ?? '') <= range.from).toBe(true);
        for (const [index, { at, count }] of result.points.entries()) {
          const end = starts[index + 1] ?? '9999-12-31';
          expect(count).toBe(wanted.filter(({ firstDay }) => firstDay >= at && firstDay < end).length);
        }
        found += wanted.length;
      }
    }
    expect(found).toBeGreaterThan(100);
  });
});

describe('the year in review', () => {
  it('holds the bests of that year alone', async () => {
    for (const { listener, listens } of people) {
      const { timeZone } = listener;
      for (const year of [2023, 2024, 2025]) {
        const review = await reviewYear(db.pool, listener, year, NOW);
        const range = { from: `${year}-01-01`, to: `${year}-12-31` };
        const mine = within(listens, range);
        const byDay = grouped(mine, (one) => [one.day]);
        expect(review.longestStreak).toEqual(longestFirst(runs([...byDay.keys()]))[0] ?? null);
        expect(review.summary.figures).toEqual(sumUp(mine));
        expect(review.topArtists.map((item) => [Number(item.artist?.id), item.plays])).toEqual(
          charted(mine, 'artists')
            .slice(0, 10)
            .map(([id, list]) => [id, list.length]),
        );
        expect(review.months.map((month) => month.plays)).toEqual(
          Array.from(
            { length: 12 },
            (_, index) => mine.filter(({ day }) => Number(day.slice(5, 7)) === index + 1).length,
          ),
        );
        const first = mine[0];
        expect(review.first && [review.first.at, Number(review.first.track.id)]).toEqual(
          first ? [iso(first.from), first.tracks[0]] : null,
        );
        const longest = sittings(listens)
          .filter(({ day }) => day >= range.from && day <= range.to)
          .sort((a, b) => b.to - b.from - (a.to - a.from) || a.from - b.from)[0];
        expect(review.longestSession).toEqual(
          longest ? { from: iso(longest.from), to: iso(longest.to), ...sumUp(longest.listens) } : null,
        );
        const fresh = charted(listens, 'artists').filter(([, list]) => list[0]?.day.startsWith(String(year)));
        expect(review.topDiscovery?.artist?.id ?? null).toBe(fresh[0] ? String(fresh[0][0]) : null);
        const local = calendar(timeZone);
        expect(review.years).toEqual([
          ...new Set(listens.map((one) => Number(local(one.from).day.slice(0, 4)))),
        ]);
      }
    }
  });
});
