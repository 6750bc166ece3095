/** Where chance comes from. A shuffle is exactly as fair as its source, so every mode takes one. */
export interface RandomSource {
  /** Uniform in [0, 1), with 53 bits. */
  next(): number;
  /** Uniform in 0 … maxExclusive - 1, without modulo bias. `maxExclusive`: an integer, 1 … 2^32; else RangeError. */
  int(maxExclusive: number): number;
}

// Millions of draws go through these: looked up once, not at each.
const { floor, imul } = Math;

/** Bytes fetched at once: few calls, and no more than the 65,536 that `crypto.getRandomValues` gives a call. */
const BLOCK_BYTES = 16_384;
const WORDS = 2 ** 32;
/** The chance that a sound source is refused so often in a row is below 2^-128. */
const MOST_REFUSALS = 128;

/**
 * An unbiased source over any generator of uniform bytes.
 *
 * Integers: Daniel Lemire, "Fast Random Integer Generation in an Interval", ACM TOMACS 29 (2019),
 * algorithm 5. A 32-bit word times `max` is a number of 64 bits: the upper half is the result, and words
 * whose lower half is under 2^32 mod `max` are drawn again, which leaves every result the same number
 * of words. Words are read in little-endian order, so the same bytes give the same numbers anywhere.
 *
 * @param fill overwrites the whole array with fresh random bytes, as `crypto.getRandomValues` does
 * @throws Error from `int` when the bytes are evidently not random: refused 128 times in a row
 */
export function fromBytes(fill: (bytes: Uint8Array<ArrayBuffer>) => void): RandomSource {
  const block = new Uint8Array(BLOCK_BYTES);
  const view = new DataView(block.buffer);
  let at = BLOCK_BYTES;

  /** Uniform in 0 … 2^32 - 1. */
  const word = (): number => {
    if (at === BLOCK_BYTES) {
      fill(block);
      at = 0;
    }
    const drawn = view.getUint32(at, true);
    at += 4;
    return drawn;
  };

  return {
    next: () => ((word() >>> 5) * 2 ** 26 + (word() >>> 6)) / 2 ** 53,
    int: (max) => {
      if (!(max >= 1 && max <= WORDS && floor(max) === max)) {
        throw new RangeError(`int() needs an integer from 1 to 2^32, not ${max}.`);
      }
      for (let refusals = 0; refusals < MOST_REFUSALS; refusals += 1) {
        const drawn = word();
        const lower = imul(drawn, max) >>> 0;
        // 2^32 mod max is under max, so the slow remainder is seldom needed.
        if (lower >= max || lower >= WORDS % max) return upperHalf(drawn, max);
      }
      throw new Error('The source of random bytes repeats itself.');
    },
  };
}

/** floor(word · max / 2^32), exact although the product may need 64 bits and a double holds 53. */
function upperHalf(word: number, max: number): number {
  const fromLower = floor(((word & 0xffff) * max) / 0x10000);
  return floor(((word >>> 16) * max + fromLower) / 0x10000);
}
