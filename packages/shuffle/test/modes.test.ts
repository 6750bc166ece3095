import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  comparatorShuffle,
  naiveSwapShuffle,
  type RandomSource,
  shuffleSpread,
  shuffleUnheard,
  shuffleUniform,
} from '../src/index.ts';
import { seededSource } from '../src/seeded.ts';

interface Track {
  uri: string;
  artist: string | null;
  album: string | null;
  heard: number | null;
}

const NOW = 1_800_000_000_000;

const modes: [string, (items: readonly Track[], random: RandomSource) => Track[]][] = [
  ['uniform', shuffleUniform],
  ['spread', (items, random) => shuffleSpread(items, (track) => track, random)],
  ['unheard', (items, random) => shuffleUnheard(items, (track) => track.heard, NOW, random)],
  ['naive swap', naiveSwapShuffle],
  ['comparator', comparatorShuffle],
];

const letter = fc.constantFrom('a', 'b', 'c', 'd', null);
const tracks = fc.array(
  fc.record({
    uri: fc.constantFrom('1', '2', '3', '4', '5', '6', '7', '8'),
    artist: letter,
    album: letter,
    heard: fc.option(fc.integer({ min: 0, max: 2 * NOW })),
  }),
  { maxLength: 60 },
);
const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 }).map((seed) => seed.toString(16).padStart(32, '0'));

/** As text, sorted: equal for lists that hold the same items equally often. */
const contents = (items: readonly Track[]): string[] => items.map((item) => JSON.stringify(item)).sort();

describe.each(modes)('%s', (_, shuffle) => {
  it('gives each item as often as it was there, and leaves the list as it was', () => {
    fc.assert(
      fc.property(tracks, seeds, (items, seed) => {
        const before = [...items];
        const order = shuffle(Object.freeze(items), seededSource(seed));
        expect(items).toEqual(before);
        expect(order).not.toBe(items);
        expect(contents(order)).toEqual(contents(items));
      }),
    );
  });

  it('gives the same order for the same seed, another for another', () => {
    fc.assert(
      fc.property(tracks, seeds, (items, seed) => {
        expect(shuffle(items, seededSource(seed))).toEqual(shuffle(items, seededSource(seed)));
      }),
    );
    const many = Array.from({ length: 50 }, (_, index) => ({
      uri: String(index),
      artist: String(index % 7),
      album: String(index % 11),
      heard: NOW - 86_400_000,
    }));
    const first = shuffle(many, seededSource('0'.repeat(32)));
    expect(shuffle(many, seededSource('1'.repeat(32)))).not.toEqual(first);
  });
});
