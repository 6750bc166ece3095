import type { StoredLike } from '@spindle/db';
import type { LikedItem, LikedPages } from './liked-pages.ts';

/** The lists cannot be brought into step page by page. */
export class Misfit extends Error {}

/** Null when the lists do not fit. */
export async function orNull<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Misfit) return null;
    throw error;
  }
}

/** Liked Songs as they are stored, newest first; a rank is a place in it, from 0. */
export class StoredList {
  readonly likes: readonly StoredLike[];
  readonly #rankOf: ReadonlyMap<string, number>;
  readonly #byTime = new Map<number, number[]>();

  constructor(likes: readonly StoredLike[]) {
    this.likes = likes;
    this.#rankOf = new Map(likes.map((like, rank) => [like.itemKey, rank]));
    for (const [rank, { addedAtMs }] of likes.entries()) {
      const ranks = this.#byTime.get(addedAtMs);
      if (ranks) ranks.push(rank);
      else this.#byTime.set(addedAtMs, [rank]);
    }
  }

  has({ key, addedAtMs }: LikedItem): boolean {
    if (key === null) return this.#byTime.has(addedAtMs);
    return this.#rank(key, addedAtMs) !== undefined;
  }

  /** Where each of these neighbours stands. @throws Misfit when they are not stored in this order. */
  ranks(items: readonly LikedItem[]): number[] {
    const named = items.map(({ key, addedAtMs }) => (key === null ? null : this.#rank(key, addedAtMs)));
    const taken = new Set(named);
    const ranks = named.map((rank, place) => rank ?? this.#rankOfRemoved(items, named, taken, place));
    for (const [place, rank] of ranks.entries())
      if (place > 0 && rank <= (ranks[place - 1] as number)) throw new Misfit();
    return ranks;
  }

  #rank(key: string, addedAtMs: number): number | undefined {
    const rank = this.#rankOf.get(key);
    return rank !== undefined && this.likes[rank]?.addedAtMs === addedAtMs ? rank : undefined;
  }

  /** Removed music has nothing but its time: it is what was stored with it, when that is beyond doubt. */
  #rankOfRemoved(
    items: readonly LikedItem[],
    named: readonly (number | null | undefined)[],
    taken: ReadonlySet<number | null | undefined>,
    place: number,
  ): number {
    const item = items[place] as LikedItem;
    if (item.key !== null) throw new Misfit();
    const before = named.slice(0, place).findLast((rank) => typeof rank === 'number') ?? -1;
    const after = named.slice(place).find((rank) => typeof rank === 'number') ?? this.likes.length;
    const candidates = (this.#byTime.get(item.addedAtMs) ?? []).filter(
      (rank) => rank > before && rank < after && !taken.has(rank),
    );
    const alike = items.flatMap((other, at) =>
      other.key === null && other.addedAtMs === item.addedAtMs ? [at] : [],
    );
    const rank = candidates[alike.indexOf(place)];
    if (rank === undefined || candidates.length !== alike.length) throw new Misfit();
    return rank;
  }
}

/** Where Spotify's list meets the stored one. */
export interface Top {
  /** What stands above everything that is stored. */
  readonly fresh: readonly LikedItem[];
  /** What is stored, without what was liked again. */
  readonly list: StoredList;
  /** The page on which they meet. */
  readonly page: number;
  /** What follows on that page, from the first that is stored. */
  readonly known: readonly LikedItem[];
}

/** Reads from the first page on until something stored comes. @throws Misfit when nothing does. */
export async function topOf(pages: LikedPages, stored: readonly StoredLike[]): Promise<Top> {
  const whole = new StoredList(stored);
  const fresh: LikedItem[] = [];
  for (let page = 0; page === 0 || page < pages.count; page += 1) {
    const items = await pages.page(page);
    const first = items.findIndex((item) => whole.has(item));
    fresh.push(...(first < 0 ? items : items.slice(0, first)));
    if (first < 0) continue;
    const liked = new Set(fresh.map((item) => item.key));
    const list = new StoredList(stored.filter((like) => !liked.has(like.itemKey)));
    return { fresh, list, page, known: items.slice(first) };
  }
  throw new Misfit();
}
