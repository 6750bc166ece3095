import TinyQueue from 'tinyqueue';
import type { RandomSource } from './random-source.ts';
import { shuffleUniform } from './uniform.ts';

/** What must not meet: null when unknown, which meets anybody. */
export interface SpreadTraits {
  artist: string | null;
  album: string | null;
}

type KeyOf<T> = (item: T) => string | null;

/** The items of one key, in the order in which they will come. */
interface Group<T> {
  items: readonly T[];
  /** Where on the line from 0 to 1 each item would like to be; ascending. */
  places: readonly number[];
  /** Items already taken. */
  taken: number;
}

/** How far an item may stray from its even place, as a share of the distance to the next: distances vary by a fifth. */
const JITTER = 0.1;
/** Artists considered in search of another album. */
const CHOICES = 8;

/**
 * A random order in which tracks of one artist, and within an artist those of one album, are spread out.
 *
 * The method that Spotify described (Lukáš Poláček, "How to shuffle songs?", Spotify Engineering, 2014),
 * after Martin Fiedler's "The art of shuffling music" (2007): an artist's tracks are laid out evenly over
 * the list, from a random offset and with some jitter; their order among themselves comes about in the
 * same way from their albums, and that within an album from `shuffleUniform`.
 *
 * Chance still lets two artists' lines put neighbours together, so the order is then read off such that
 * one artist comes twice running only where that cannot be helped: with m of n tracks by one
 * artist, max(0, 2m - n - 1) times and no more. Where several artists may come next, one
 * with another album than the last track's is preferred. O(n log n).
 *
 * @returns a new list of the same items; an item that is there twice stays there twice
 */
export function shuffleSpread<T>(
  items: readonly T[],
  traits: (item: T) => SpreadTraits,
  random: RandomSource,
): T[] {
  return spreadBy(items, [(item) => traits(item).artist, (item) => traits(item).album], random);
}

/** Spreads by the first key, and what shares it by the next. */
function spreadBy<T>(items: readonly T[], keys: readonly KeyOf<T>[], random: RandomSource): T[] {
  const [keyOf, ...finer] = keys;
  if (!keyOf || items.length < 2) return shuffleUniform(items, random);
  const groups = groupBy(items, keyOf).map((group) => laidOut(spreadBy(group, finer, random), random));
  return readOff(groups, items.length, finer[0] ?? (() => null));
}

/** Items of the same key together; each without a key alone. */
function groupBy<T>(items: readonly T[], keyOf: KeyOf<T>): T[][] {
  const known = new Map<string, T[]>();
  const alone: T[][] = [];
  for (const item of items) {
    const key = keyOf(item);
    const group = key === null ? undefined : known.get(key);
    if (group) group.push(item);
    else if (key === null) alone.push([item]);
    else known.set(key, [item]);
  }
  return [...known.values(), ...alone];
}

function laidOut<T>(items: readonly T[], random: RandomSource): Group<T> {
  const offset = random.next();
  const places = items.map((_, index) => {
    const jitter = JITTER * (2 * random.next() - 1);
    return (index + offset + jitter) / items.length;
  });
  return { items, places, taken: 0 };
}

/**
 * Reads the groups off into one list: always the group whose next item has the earliest place, save the one
 * just taken from. Once a group holds more than half of what is left, it takes every other turn.
 *
 * That is the least possible. Of r items to come, the r - k of other groups part a group's k into at most
 * r - k + 1 runs, so these k meet at least 2k - r - 1 times: never, as long as k ≤ r/2. One turn of another
 * group leaves k ≤ (r + 1)/2 of r, which every other turn, begun at once, still deals out without a
 * meeting. Only a group that starts with more has some left when the others are used up.
 */
function readOff<T>(groups: readonly Group<T>[], total: number, finerKeyOf: KeyOf<T>): T[] {
  const order: T[] = [];
  const sizes = new Sizes(groups.map(left));
  let waiting = inOrderOfPlace(groups);
  let majority: Group<T> | undefined;
  let last: Group<T> | undefined;

  for (let rest = total; rest > 0; rest -= 1) {
    if (!majority && 2 * sizes.largest > rest) {
      majority = groups.find((group) => left(group) === sizes.largest);
      waiting = inOrderOfPlace(groups.filter((group) => group !== majority && group !== last));
    }
    const forced = majority !== last ? majority : undefined;
    const turn = forced ?? takeNext(waiting, order.at(-1), finerKeyOf) ?? majority;
    if (!turn) throw new Error('No group is left to take a turn.');

    sizes.shrink(left(turn));
    order.push(turn.items[turn.taken] as T);
    turn.taken += 1;
    // The group just taken from sat out this turn; the majority never waits.
    if (last && last !== majority && left(last) > 0) waiting.push(last);
    last = turn;
  }
  return order;
}

const left = <T>({ items, taken }: Group<T>): number => items.length - taken;

const nextPlace = <T>({ places, taken }: Group<T>): number => places[taken] ?? Number.POSITIVE_INFINITY;

function inOrderOfPlace<T>(groups: readonly Group<T>[]): TinyQueue<Group<T>> {
  return new TinyQueue(
    groups.filter((group) => left(group) > 0),
    (a, b) => nextPlace(a) - nextPlace(b),
  );
}

/** Takes the earliest group out of the queue, or a slightly later one whose next item differs finely too. */
function takeNext<T>(
  waiting: TinyQueue<Group<T>>,
  previous: T | undefined,
  finerKeyOf: KeyOf<T>,
): Group<T> | undefined {
  const key = previous === undefined ? null : finerKeyOf(previous);
  const passed: Group<T>[] = [];
  let chosen = waiting.pop();
  while (chosen && key !== null && key === finerKeyOf(chosen.items[chosen.taken] as T)) {
    passed.push(chosen);
    chosen = passed.length < CHOICES ? waiting.pop() : undefined;
  }
  chosen ??= passed.shift();
  for (const group of passed) waiting.push(group);
  return chosen;
}

/** The size of the largest group, kept in constant time while groups shrink by one. */
class Sizes {
  largest = 0;
  readonly #groupsOfSize: number[] = [];

  constructor(sizes: readonly number[]) {
    for (const size of sizes) {
      this.#groupsOfSize[size] = (this.#groupsOfSize[size] ?? 0) + 1;
      this.largest = Math.max(this.largest, size);
    }
  }

  shrink(size: number): void {
    this.#groupsOfSize[size] = (this.#groupsOfSize[size] ?? 0) - 1;
    this.#groupsOfSize[size - 1] = (this.#groupsOfSize[size - 1] ?? 0) + 1;
    if (this.#groupsOfSize[this.largest] === 0) this.largest -= 1;
  }
}
