import { describe, expect, it } from '@jest/globals';
import { type FilterFacts, limitList, type ShuffleFilter, whyNot } from '../src/index.ts';

const DAY_MS = 86_400_000;
const NOW = 1_800_000_000_000;

const TRACK: FilterFacts = {
  artistIds: ['a', 'b'],
  addedAtMs: NOW - 10 * DAY_MS,
  releasedOn: '1994-05-10',
  explicit: false,
  lastHeardMs: NOW - 3 * DAY_MS,
};

const why = (filter: ShuffleFilter, facts: Partial<FilterFacts> = {}) =>
  whyNot({ ...TRACK, ...facts }, filter, NOW);

describe('whyNot', () => {
  it('lets everything pass without conditions, whatever is unknown', () => {
    expect(why({})).toBeNull();
    const unknown = { artistIds: [], addedAtMs: null, releasedOn: null, explicit: null, lastHeardMs: null };
    expect(why({}, unknown)).toBeNull();
    expect(why({ artistIds: [] }, unknown)).toBeNull();
  });

  it('wants one of the artists', () => {
    expect(why({ artistIds: ['b', 'z'] })).toBeNull();
    expect(why({ artistIds: ['z'] })).toBe('artist');
    expect(why({ artistIds: ['z'] }, { artistIds: [] })).toBe('artist');
  });

  it('wants it added then or later, and known', () => {
    expect(why({ addedSinceMs: NOW - 10 * DAY_MS })).toBeNull();
    expect(why({ addedSinceMs: NOW - 10 * DAY_MS + 1 })).toBe('added');
    expect(why({ addedSinceMs: 0 }, { addedAtMs: null })).toBe('added');
  });

  it.each<[number | undefined, number | undefined, string | null, boolean]>([
    [1994, 1994, '1994-05-10', true],
    [1994, undefined, '1994-05', true],
    [undefined, 1994, '1994', true],
    [1995, undefined, '1994-12-31', false],
    [undefined, 1993, '1994-01-01', false],
    [1990, 1999, null, false],
    [undefined, 1999, '0000', false],
    [undefined, 1999, '94', false],
    [undefined, 1999, 'spring 1994', false],
  ])('from %p to %p, released %p: %p', (releasedFrom, releasedTo, releasedOn, passes) => {
    expect(why({ releasedFrom, releasedTo }, { releasedOn })).toBe(passes ? null : 'released');
  });

  it('wants it unheard for so many days', () => {
    expect(why({ notPlayedForDays: 3 })).toBeNull();
    expect(why({ notPlayedForDays: 3 }, { lastHeardMs: NOW - 3 * DAY_MS + 1 })).toBe('played');
    expect(why({ notPlayedForDays: 10_000 }, { lastHeardMs: null })).toBeNull();
    expect(why({ notPlayedForDays: 1 }, { lastHeardMs: NOW + DAY_MS })).toBe('played');
  });

  it('leaves out what is marked explicit', () => {
    expect(why({ withoutExplicit: true }, { explicit: true })).toBe('explicit');
    expect(why({ withoutExplicit: true }, { explicit: null })).toBeNull();
    expect(why({ withoutExplicit: false }, { explicit: true })).toBeNull();
  });

  it('gives the first reason of several', () => {
    const all = {
      artistIds: ['z'],
      addedSinceMs: NOW,
      releasedFrom: 2000,
      notPlayedForDays: 9,
      withoutExplicit: true,
    };
    const explicit = { explicit: true };
    expect(why(all, explicit)).toBe('artist');
    expect(why({ ...all, artistIds: undefined }, explicit)).toBe('added');
    expect(why({ ...all, artistIds: undefined, addedSinceMs: undefined }, explicit)).toBe('released');
    expect(why({ notPlayedForDays: 9, withoutExplicit: true }, explicit)).toBe('played');
  });
});

describe('limitList', () => {
  const minutes = (limit: { items?: number; minutes?: number }, ...durations: (number | null)[]) =>
    limitList(
      durations,
      { items: limit.items, durationMs: limit.minutes === undefined ? undefined : limit.minutes * 60_000 },
      (duration) => (duration === null ? null : duration * 60_000),
    );

  it('keeps everything without a limit, as a new list', () => {
    const items = [1, 2, 3];
    expect(limitList(items, {}, () => null)).toEqual(items);
    expect(limitList(items, {}, () => null)).not.toBe(items);
    expect(minutes({ items: 5, minutes: 5 })).toEqual([]);
  });

  it('keeps so many', () => {
    expect(minutes({ items: 2 }, 1, 2, 3)).toEqual([1, 2]);
    expect(minutes({ items: 9 }, 1, 2, 3)).toEqual([1, 2, 3]);
    expect(minutes({ items: 0 }, 1, 2, 3)).toEqual([]);
  });

  it('stops before the first that would exceed the time, even if a later one would fit', () => {
    expect(minutes({ minutes: 6 }, 1, 2, 3, 1)).toEqual([1, 2, 3]);
    expect(minutes({ minutes: 5.9 }, 1, 2, 3, 1)).toEqual([1, 2]);
    expect(minutes({ minutes: 2 }, 3, 1)).toEqual([]);
    expect(minutes({ minutes: 0 }, 1)).toEqual([]);
  });

  it('keeps both', () => {
    expect(minutes({ items: 2, minutes: 100 }, 1, 2, 3)).toEqual([1, 2]);
    expect(minutes({ items: 3, minutes: 3 }, 1, 2, 3)).toEqual([1, 2]);
  });

  it('takes an unknown duration for the mean of the known, or for 3.5 minutes', () => {
    expect(minutes({ minutes: 6 }, null, 2, 4, 1)).toHaveLength(2);
    expect(minutes({ minutes: 7 }, null, null, null)).toHaveLength(2);
    expect(minutes({ minutes: 6.9 }, null, null, null)).toHaveLength(1);
  });

  it('refuses what is below nothing', () => {
    for (const limit of [{ items: -1 }, { minutes: -1 }, { items: Number.NaN }]) {
      expect(() => minutes(limit, 1)).toThrow(RangeError);
    }
  });
});
