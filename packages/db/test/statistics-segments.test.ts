import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidRange, previousRange, type RangeQuery, resolveRange } from '../src/index.ts';
import { segmentsOf, strayDays } from '../src/statistics/segments.ts';

const NOW = new Date('2026-11-21T02:30:00Z');
const listener = { timeZone: 'America/Los_Angeles', firstDay: '2019-02-03' };
const resolved = (query: RangeQuery) => {
  const { from, to } = resolveRange(query, listener, NOW);
  return [from, to];
};
const before = (query: RangeQuery) => {
  const previous = previousRange(resolveRange(query, listener, NOW));
  return previous && [previous.from, previous.to];
};

describe('a range', () => {
  it.each<[RangeQuery, [string, string], [string, string] | null]>([
    // It is still the 20th there.
    [{ range: 'day' }, ['2026-11-20', '2026-11-20'], ['2026-11-19', '2026-11-19']],
    [{ range: 'week' }, ['2026-11-16', '2026-11-22'], ['2026-11-09', '2026-11-15']],
    [{ range: 'week', at: '2024-12-30' }, ['2024-12-30', '2025-01-05'], ['2024-12-23', '2024-12-29']],
    [{ range: 'month', at: '2024-03-31' }, ['2024-03-01', '2024-03-31'], ['2024-02-01', '2024-02-29']],
    [{ range: 'quarter', at: '2025-02-10' }, ['2025-01-01', '2025-03-31'], ['2024-10-01', '2024-12-31']],
    [{ range: 'year', at: '2024-06-01' }, ['2024-01-01', '2024-12-31'], ['2023-01-01', '2023-12-31']],
    [{ range: 'all' }, ['2019-02-03', '2026-11-20'], null],
    [{}, ['2019-02-03', '2026-11-20'], null],
    [{ from: '2024-02-27', to: '2024-03-01' }, ['2024-02-27', '2024-03-01'], ['2024-02-23', '2024-02-26']],
    [{ from: '2026-11-01' }, ['2026-11-01', '2026-11-20'], ['2026-10-12', '2026-10-31']],
    [{ to: '2019-02-10' }, ['2019-02-03', '2019-02-10'], ['2019-01-26', '2019-02-02']],
    [{ to: '2001-01-01' }, ['2001-01-01', '2001-01-01'], ['2000-12-31', '2000-12-31']],
  ])('%j is %j, after %j', (query, days, previous) => {
    expect(resolved(query)).toEqual(days);
    expect(before(query)).toEqual(previous);
  });

  it.each<[RangeQuery, string]>([
    [{ from: '2024-02-02', to: '2024-02-01' }, 'from'],
    [{ from: '2027-01-01' }, 'from'],
    [{ at: '2024-01-01' }, 'at'],
    [{ at: '2024-01-01', from: '2024-01-01' }, 'at'],
    [{ range: 'year', from: '2024-01-01' }, 'range'],
    [{ range: 'all', to: '2024-01-01' }, 'range'],
    [{ range: 'day', at: '1969-12-31' }, 'at'],
    [{ from: '2024-01-01', to: '9999-12-31' }, 'to'],
  ])('%j is refused for its %s', (query, field) => {
    const error = (() => {
      try {
        return resolved(query);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(InvalidRange);
    expect(error).toMatchObject({ field, message: expect.stringMatching(/\w+ \w+/) });
  });
});

const day = fc
  .integer({ min: 0, max: 4_500 })
  .map((count) => new Date(Date.UTC(2014, 0, 1) + count * 86_400_000).toISOString().slice(0, 10));
const two = fc.tuple(day, day).map(([a, b]) => (a <= b ? { from: a, to: b } : { from: b, to: a }));

/** Days of a segment that had plays. */
function* daysOf(from: string, to: string): Generator<string> {
  for (let at = Date.parse(from); at <= Date.parse(to); at += 86_400_000)
    yield new Date(at).toISOString().slice(0, 10);
}

describe('segments', () => {
  it('cover every day of the range with plays once, and no other', () => {
    fc.assert(
      fc.property(two, two, (range, edges) => {
        const span = { firstDay: edges.from, lastDay: edges.to };
        const segments = segmentsOf(range, span);
        const covered = [
          ...segments.stretches.flatMap(({ from, to }) => [...daysOf(from, to)]),
          ...segments.periods.flatMap(({ grain, period }) => {
            if (grain === 3) return [...daysOf(span.firstDay, span.lastDay)];
            const end = new Date(`${period}T00:00:00Z`);
            end.setUTCMonth(end.getUTCMonth() + (grain === 2 ? 12 : 1), 0);
            return [...daysOf(period, end.toISOString().slice(0, 10))];
          }),
        ].filter((one) => one >= span.firstDay && one <= span.lastDay);
        const wanted = [...daysOf(span.firstDay, span.lastDay)].filter(
          (one) => one >= range.from && one <= range.to,
        );
        expect(covered.sort()).toEqual(wanted);
        expect(strayDays(segments)).toBeLessThanOrEqual(60);
        expect(segments.periods.length).toBeLessThanOrEqual(11 + 12 + 11);
      }),
      { numRuns: 200 },
    );
  });

  it('are one period where there is one', () => {
    const span = { firstDay: '2015-05-05', lastDay: '2026-11-20' };
    const of = (from: string, to: string) => segmentsOf({ from, to }, span);
    expect(of('2015-05-05', '2026-11-20')).toEqual({
      periods: [{ grain: 3, period: '1970-01-01' }],
      stretches: [],
    });
    expect(of('2024-01-01', '2024-12-31').periods).toEqual([{ grain: 2, period: '2024-01-01' }]);
    // The first and the running year, as far as there are plays.
    expect(of('2015-05-05', '2015-12-31').periods).toEqual([{ grain: 2, period: '2015-01-01' }]);
    expect(of('2026-01-01', '2026-11-25').periods).toEqual([{ grain: 2, period: '2026-01-01' }]);
    expect(of('2024-02-01', '2024-02-29').periods).toEqual([{ grain: 1, period: '2024-02-01' }]);
    expect(of('2024-04-01', '2024-06-30').periods).toHaveLength(3);
    expect(of('2027-01-01', '2027-12-31')).toEqual({ periods: [], stretches: [] });
    expect(segmentsOf({ from: '2024-01-01', to: '2024-12-31' }, null)).toEqual({
      periods: [],
      stretches: [],
    });
  });
});
