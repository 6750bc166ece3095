/**
 * Repeatable randomness. Every draw in the sandbox comes from a stream named by the seed and by what is being
 * drawn (a person, a day, a session), so that the order in which requests arrive never changes what happens.
 */
export interface SeededRandom {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform whole number, both ends included. */
  int(min: number, max: number): number;
  /** Uniform in [min, max). */
  between(min: number, max: number): number;
  chance(probability: number): boolean;
  /** @throws RangeError when there is nothing to pick from. */
  pick<T>(from: readonly T[]): T;
  /** One entry, each as likely as its weight. @throws RangeError when there is nothing to pick from. */
  weighted<T>(from: readonly (readonly [T, number])[]): T;
  /** Log-normal value with this median; `spread` is the standard deviation of its logarithm. */
  logNormal(median: number, spread: number): number;
  /** A new array in random order (Fisher-Yates). */
  shuffled<T>(from: readonly T[]): T[];
  /** This many lower-case hexadecimal digits. */
  hex(digits: number): string;
}

// Bound once: within Jest every look-up of a global is slow, and these are the innermost loops of the model.
const { imul, floor, sqrt, log, exp, cos, PI } = Math;

/** 128 bits of hash of a text (cyrb128), as four unsigned 32-bit words. */
function hashText(text: string): [number, number, number, number] {
  let h1 = 1779033703;
  let h2 = 3144134277;
  let h3 = 1013904242;
  let h4 = 2773480762;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    h1 = h2 ^ imul(h1 ^ code, 597399067);
    h2 = h3 ^ imul(h2 ^ code, 2869860233);
    h3 = h4 ^ imul(h3 ^ code, 951274213);
    h4 = h1 ^ imul(h4 ^ code, 2716044179);
  }
  h1 = imul(h3 ^ (h1 >>> 18), 597399067);
  h2 = imul(h4 ^ (h2 >>> 22), 2869860233);
  h3 = imul(h1 ^ (h3 >>> 17), 951274213);
  h4 = imul(h2 ^ (h4 >>> 19), 2716044179);
  h1 ^= h2 ^ h3 ^ h4;
  return [h1 >>> 0, (h2 ^ h1) >>> 0, (h3 ^ h1) >>> 0, (h4 ^ h1) >>> 0];
}

/** The stream of this name: `randomFor(seed, 'person', id, day)`. The generator is sfc32 (PractRand). */
export function randomFor(...name: readonly (string | number)[]): SeededRandom {
  let [a, b, c, d] = hashText(name.join('\u001f'));

  const word = (): number => {
    const sum = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return sum >>> 0;
  };
  const next = (): number => word() / 4294967296;
  const int = (min: number, max: number): number => min + floor(next() * (max - min + 1));

  const pick = <T>(from: readonly T[]): T => {
    if (from.length === 0) throw new RangeError('pick: nothing to pick from');
    return from[int(0, from.length - 1)] as T;
  };
  return {
    next,
    int,
    between: (min, max) => min + next() * (max - min),
    chance: (probability) => next() < probability,
    pick,
    weighted: (from) => {
      let rest = next() * from.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [value, weight] of from) {
        rest -= weight;
        if (rest < 0) return value;
      }
      return pick(from)[0];
    },
    logNormal: (median, spread) => {
      // Box-Muller; 1 - next() keeps the logarithm away from zero.
      const normal = sqrt(-2 * log(1 - next())) * cos(2 * PI * next());
      return median * exp(spread * normal);
    },
    shuffled: (from) => {
      const items = [...from];
      for (let index = items.length - 1; index > 0; index -= 1) {
        const other = int(0, index);
        const held = items[index];
        items[index] = items[other] as (typeof items)[number];
        items[other] = held as (typeof items)[number];
      }
      return items;
    },
    hex: (digits) => {
      let text = '';
      while (text.length < digits) text += word().toString(16).padStart(8, '0');
      return text.slice(0, digits);
    },
  };
}
