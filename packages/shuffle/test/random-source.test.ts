import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { chiSquareTest, fromBytes, type RandomSource } from '../src/index.ts';
import { newSeed, seededSource } from '../src/seeded.ts';

const SEED = '0123456789abcdef'.repeat(2);

const draw = (random: RandomSource, max: number, times: number): number[] =>
  Array.from({ length: times }, () => random.int(max));

/** A source whose 32-bit words are these, over and over. */
const ofWords = (...words: number[]): RandomSource =>
  fromBytes((bytes) => {
    const view = new DataView(bytes.buffer);
    for (let at = 0; at < bytes.length; at += 4)
      view.setUint32(at, words[(at / 4) % words.length] ?? 0, true);
  });

describe('int', () => {
  it.each([1, 2, 3, 7, 52, 1_000])('is uniform below %i', (max) => {
    const counts = new Array<number>(max).fill(0);
    for (const drawn of draw(seededSource(SEED), max, 200_000)) counts[drawn] = (counts[drawn] ?? 0) + 1;
    const { pValue } = chiSquareTest(counts, 200_000 / max);
    expect(pValue).toBeGreaterThan(0.0001);
    expect(counts).toHaveLength(max);
  });

  it.each([2 ** 31 + 1, 3 * 2 ** 30, 2 ** 32 - 1, 2 ** 32])(
    'is uniform below %i, in sixteenths and in both halves of odd and even',
    (max) => {
      const cells = new Array<number>(32).fill(0);
      const numbers = draw(seededSource(SEED), max, 200_000);
      expect(numbers.filter((drawn) => !(Number.isInteger(drawn) && drawn >= 0 && drawn < max))).toEqual([]);
      for (const drawn of numbers) {
        const cell = Math.floor((drawn / max) * 16) * 2 + (drawn % 2);
        cells[cell] = (cells[cell] ?? 0) + 1;
      }
      expect(chiSquareTest(cells, 200_000 / 32).pValue).toBeGreaterThan(0.0001);
    },
  );

  it('takes the upper half of word times range, exactly', () => {
    for (const max of [3, 7, 1_000, 2 ** 31 + 1, 2 ** 32 - 1, 2 ** 32]) {
      for (const word of [0xdeadbeef, 0x80000001, 0x12345678, 0xfffffffe]) {
        const product = BigInt(word) * BigInt(max);
        const refused = (product & 0xffffffffn) < 2n ** 32n % BigInt(max);
        // A refused word makes way for the next, here all ones, which is never refused.
        const expected = refused ? max - 1 : Number(product >> 32n);
        expect(ofWords(word, 0xffffffff).int(max)).toBe(expected);
      }
    }
  });

  it('stays in its range when all bytes are 0xFF', () => {
    const ones = ofWords(0xffffffff);
    for (const max of [1, 2, 3, 7, 2 ** 31 + 1, 2 ** 32]) expect(ones.int(max)).toBe(max - 1);
    expect(ones.next()).toBeLessThan(1);
  });

  it('ends with an error, not never, when the bytes cannot be random', () => {
    const zeros = ofWords(0);
    expect(zeros.int(4)).toBe(0);
    expect(() => zeros.int(3)).toThrow('repeats itself');
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 32 + 1, Number.POSITIVE_INFINITY])('refuses %d', (max) => {
    expect(() => seededSource(SEED).int(max)).toThrow(RangeError);
  });
});

describe('next', () => {
  it('is uniform in [0, 1), to the last of its 53 bits', () => {
    const random = seededSource(SEED);
    const cells = new Array<number>(64).fill(0);
    for (let round = 0; round < 200_000; round += 1) {
      const drawn = random.next();
      const cell = Math.floor(drawn * 32) * 2 + ((drawn * 2 ** 53) % 2);
      cells[cell] = (cells[cell] ?? 0) + 1;
    }
    expect(chiSquareTest(cells, 200_000 / 64).pValue).toBeGreaterThan(0.0001);
    expect(ofWords(0).next()).toBe(0);
    expect(ofWords(0xffffffff).next()).toBe(1 - 2 ** -53);
  });
});

describe('fromBytes', () => {
  it("takes the browser's generator as it is", () => {
    const random = fromBytes((bytes) => crypto.getRandomValues(bytes));
    expect(new Set(draw(random, 2 ** 32, 100)).size).toBeGreaterThan(95);
  });
});

describe('seededSource', () => {
  // Worked out with OpenSSL's command line and Python's integers from the docstring.
  it('gives these numbers for ever', () => {
    const random = seededSource('00000000000000000000000000000000');
    expect([...draw(random, 2 ** 32, 4), random.next(), random.int(52)]).toEqual([
      1283856720, 3879884797, 2696394692, 4291285572, 0.3887410742027957, 37,
    ]);
    const many = draw(random, 1_000, 100_000).join();
    expect(createHash('sha256').update(many).digest('hex')).toBe(
      '6a780190db9d22a00cc956a207a44422d16c9650f98151fd863bb6f232be9062',
    );
  });

  it('repeats itself with its seed only', () => {
    expect(draw(seededSource(SEED), 1_000, 50)).toEqual(draw(seededSource(SEED), 1_000, 50));
    expect(draw(seededSource(SEED), 1_000, 50)).not.toEqual(draw(seededSource(newSeed()), 1_000, 50));
  });

  it.each(['', 'abc', SEED.toUpperCase(), `${SEED}0`, `${SEED}\n`, 'g'.repeat(32)])('refuses %j', (seed) => {
    expect(() => seededSource(seed)).toThrow(RangeError);
  });

  it('has seeds of 128 bits', () => {
    expect(newSeed()).toMatch(/^[0-9a-f]{32}$/);
    expect(newSeed()).not.toBe(newSeed());
  });
});
