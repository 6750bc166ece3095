import { randomBytes, randomInt } from 'node:crypto';

/** A source of random numbers, passed in wherever chance decides, so that a run can be repeated. */
export interface Random {
  /** Uniform in [0, 1), with 53 bits. */
  next(): number;
  /** Uniform in 0 … maxExclusive - 1, without modulo bias. `maxExclusive`: an integer, 1 … 2^32. */
  int(maxExclusive: number): number;
}

const MAX_RANGE = 2 ** 32;

function checkRange(maxExclusive: number): void {
  if (!Number.isInteger(maxExclusive) || maxExclusive < 1 || maxExclusive > MAX_RANGE) {
    throw new RangeError(`int() needs an integer from 1 to 2^32, not ${maxExclusive}.`);
  }
}

/** The operating system's cryptographic source: for everything that must not be foreseen. */
export const cryptoRandom: Random = {
  next: () => Number(randomBytes(8).readBigUInt64BE() >> 11n) / 2 ** 53,
  int: (maxExclusive) => {
    checkRange(maxExclusive);
    return randomInt(maxExclusive);
  },
};

/** FNV-1a, 32 bits: spreads a seed's text over the generator's first state. */
function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash >>> 0;
}

/**
 * A repeatable source: the same seed gives the same numbers on every machine. The generator is
 * sfc32 (Chris Doty-Humphrey, PractRand), which passes the usual batteries; not for secrets.
 */
export function seededRandom(seed: string | number): Random {
  const text = String(seed);
  let a = hash32(`${text}/a`);
  let b = hash32(`${text}/b`);
  let c = hash32(`${text}/c`);
  let counter = 1;
  const word = (): number => {
    const out = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + out;
    c |= 0;
    return out >>> 0;
  };
  for (let round = 0; round < 15; round += 1) word();

  return {
    next: () => ((word() >>> 5) * 2 ** 26 + (word() >>> 6)) / 2 ** 53,
    int: (maxExclusive) => {
      checkRange(maxExclusive);
      // Numbers above the last whole multiple would favour the low results.
      const limit = MAX_RANGE - (MAX_RANGE % maxExclusive);
      let drawn = word();
      while (drawn >= limit) drawn = word();
      return drawn % maxExclusive;
    },
  };
}
