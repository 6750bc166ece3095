import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chiSquareTest, shuffleSpread, shuffleUniform } from '../src/index.ts';
import { seededSource } from '../src/seeded.ts';

interface Track {
  artist: string | null;
  album: string | null;
}

const SEED = '5eed'.repeat(8);

const meetings = (order: readonly Track[], trait: keyof Track): number =>
  order.filter((track, at) => track[trait] !== null && order[at - 1]?.[trait] === track[trait]).length;

/** The size of the largest artist or album. */
function largest(items: readonly Track[], trait: keyof Track): number {
  const sizes = Map.groupBy(
    items.filter((track) => track[trait] !== null),
    (track) => track[trait],
  );
  return Math.max(0, ...[...sizes.values()].map((group) => group.length));
}

/** With m of n by one artist, n - m others part them into n - m + 1 runs at most. */
const fewest = (items: readonly Track[], trait: keyof Track): number =>
  Math.max(0, 2 * largest(items, trait) - items.length - 1);

const spread = (items: readonly Track[], seed = SEED) =>
  shuffleSpread(items, (track) => track, seededSource(seed));

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 }).map((seed) => seed.toString(16).padStart(32, '0'));

/** Lists of all shapes: from one artist to many, one of them often near half. */
const lists = fc
  .tuple(
    fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', null), { maxLength: 30 }),
    fc.nat({ max: 30 }),
    fc.infiniteStream(fc.constantFrom('x', 'y', 'z', null)),
  )
  .map(([others, many, albums]) => {
    const artists = [...others, ...new Array<string>(many).fill('a')];
    return artists.map((artist): Track => ({ artist, album: albums.next().value ?? null }));
  });

/** 10 artists with 20 tracks each, on four albums. */
const CATALOGUE = Array.from({ length: 200 }, (_, index) => ({
  artist: `artist ${index % 10}`,
  album: `album ${index % 10}/${Math.floor(index / 10) % 4}`,
  title: index,
}));

describe('shuffleSpread', () => {
  it('lets one artist meet itself only where it must, and then as seldom as can be', () => {
    fc.assert(
      fc.property(lists, seeds, (items, seed) => {
        expect(meetings(spread(items, seed), 'artist')).toBe(fewest(items, 'artist'));
      }),
      { numRuns: 2_000 },
    );
  });

  it('knows the least by trying all orders of short lists', () => {
    const permutations = <T>(items: T[]): T[][] =>
      items.length < 2
        ? [items]
        : items.flatMap((item, at) => permutations(items.toSpliced(at, 1)).map((rest) => [item, ...rest]));
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c', null), { maxLength: 6 }), (artists) => {
        const items = artists.map((artist) => ({ artist, album: null }));
        const best = Math.min(...permutations(items).map((order) => meetings(order, 'artist')));
        expect(fewest(items, 'artist')).toBe(best);
      }),
      { numRuns: 50 },
    );
  });

  it("does the same for the albums of a single artist's list", () => {
    fc.assert(
      fc.property(lists, seeds, (items, seed) => {
        const single = items.map(({ artist }) => ({ artist: 'one', album: artist }));
        expect(meetings(spread(single, seed), 'album')).toBe(fewest(single, 'album'));
      }),
    );
  });

  it('parts the tracks of a compilation, although their artists differ', () => {
    const items = Array.from({ length: 100 }, (_, index) => ({
      artist: `artist ${index}`,
      album: index % 3 === 0 ? 'compilation' : `album ${index}`,
    }));
    expect(meetings(spread(items), 'album')).toBe(0);
    expect(meetings(shuffleUniform(items, seededSource(SEED)), 'album')).toBeGreaterThan(5);
  });

  it('keeps the tracks of an artist much further apart than chance does', () => {
    /** The mean over all tracks of the distance to the artist's next one, and the least of these distances. */
    const distances = (order: readonly Track[]) => {
      const all = order.flatMap((track, at) => {
        const next = order.findIndex((other, later) => later > at && other.artist === track.artist);
        return next < 0 ? [] : [next - at];
      });
      const close = all.filter((distance) => distance < 5).length / all.length;
      return { close, least: Math.min(...all) };
    };
    const random = seededSource(SEED);
    let closeByChance = 0;
    let close = 0;
    for (let round = 0; round < 50; round += 1) {
      closeByChance += distances(shuffleUniform(CATALOGUE, random)).close / 50;
      const spreadOut = distances(shuffleSpread(CATALOGUE, (track) => track, random));
      close += spreadOut.close / 50;
      expect(spreadOut.least).toBeGreaterThan(1);
    }
    // By chance a third of the next tracks of an artist come within 4 of the last one.
    expect(closeByChance).toBeGreaterThan(0.3);
    expect(close).toBeLessThan(0.03);
  });

  it('spreads the albums within an artist', () => {
    const own = (order: readonly Track[]) => order.filter(({ artist }) => artist === 'artist 3');
    for (const seed of ['0', '1', '2', '3']) {
      expect(meetings(own(spread(CATALOGUE, seed.repeat(32))), 'album')).toBe(0);
    }
    expect(meetings(own(shuffleUniform(CATALOGUE, seededSource(SEED))), 'album')).toBeGreaterThan(0);
  });

  it('stays random: any track may be first, each about equally often', () => {
    const random = seededSource(SEED);
    const counts = new Array<number>(200).fill(0);
    const rounds = 10_000;
    for (let round = 0; round < rounds; round += 1) {
      const [first] = shuffleSpread(CATALOGUE, (track) => track, random);
      const at = first?.title ?? -1;
      counts[at] = (counts[at] ?? 0) + 1;
    }
    expect(chiSquareTest(counts, rounds / 200).pValue).toBeGreaterThan(0.0001);
  });

  it('gives artists of different sizes about their share of first places', () => {
    const random = seededSource(SEED);
    const items = [...new Array(10).fill('a'), ...new Array(5).fill('b'), ...'cdefghijklmno'].map(
      (artist) => ({
        artist: String(artist),
        album: null,
      }),
    );
    const rounds = 5_000;
    const firsts = { a: 0, b: 0, other: 0 };
    for (let round = 0; round < rounds; round += 1) {
      const artist = shuffleSpread(items, (track) => track, random)[0]?.artist;
      firsts[artist === 'a' || artist === 'b' ? artist : 'other'] += 1;
    }
    // The method itself, made for even distances, favours some sizes a little.
    for (const [count, tracks] of [
      [firsts.a, 10],
      [firsts.b, 5],
      [firsts.other, 13],
    ] as const) {
      const fair = (rounds * tracks) / items.length;
      expect(count / fair).toBeGreaterThan(0.7);
      expect(count / fair).toBeLessThan(1.3);
    }
  });

  it('takes empty lists and single tracks', () => {
    expect(spread([])).toEqual([]);
    expect(spread([{ artist: null, album: null }])).toEqual([{ artist: null, album: null }]);
  });

  it('takes 10,000 tracks, most by one artist', () => {
    const items = Array.from({ length: 10_000 }, (_, index) => ({
      artist: index % 4 === 0 ? `artist ${index}` : 'one',
      album: `album ${index % 100}`,
    }));
    const order = spread(items);
    expect(order).toHaveLength(10_000);
    expect(meetings(order, 'artist')).toBe(2 * 7_500 - 10_000 - 1);
  });
});
