import type { StoredLike } from '@spindle/db';
import { PAGE_LIMIT } from '@spindle/spotify';
import type { LikedItem, LikedPages } from './liked-pages.ts';

/** What stands where: Spotify's list and the stored one, both newest first from 0. */
interface Mark {
  /** Number of the page; one behind the last for the end. */
  readonly page: number;
  readonly index: number;
  readonly rank: number;
}

/** What a reading in step found. */
export interface Step {
  /** On top of what was stored, newest first. */
  readonly fresh: readonly LikedItem[];
  /** What is still there of what was stored, in order, each with what was read of it. */
  readonly kept: readonly { readonly like: StoredLike; readonly item: LikedItem | undefined }[];
}

/** The lists cannot be brought into step page by page. */
class Misfit extends Error {}

class StoredList {
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

/**
 * Brings the stored list into step with few pages. New songs stand on top, so pages are read until one
 * holds something stored. The total then tells how many were removed. Where they are is found by
 * halving: what stands at a place of Spotify's list shows by its stored rank how many before it are
 * gone, and only where that number grows is there anything to look for. No page is read twice, so this
 * never costs more than reading all.
 *
 * @param unlisted how many songs Spotify counted and did not list when all pages were read
 * @returns null when the lists do not fit: then only reading all pages tells.
 */
export async function stepOf(
  pages: LikedPages,
  stored: readonly StoredLike[],
  unlisted: number,
): Promise<Step | null> {
  try {
    return await readStep(pages, stored, unlisted);
  } catch (error) {
    if (error instanceof Misfit) return null;
    throw error;
  }
}

async function readStep(pages: LikedPages, stored: readonly StoredLike[], unlisted: number): Promise<Step> {
  const whole = new StoredList(stored);
  const fresh: LikedItem[] = [];
  let page = 0;
  let known: readonly LikedItem[] = [];
  for (; known.length === 0; page += 1) {
    const items = await pages.page(page);
    const first = items.findIndex((item) => whole.has(item));
    fresh.push(...(first < 0 ? items : items.slice(0, first)));
    if (first >= 0) known = items.slice(first);
    // Nothing of what was stored is there any more.
    else if (page + 1 >= pages.count) throw new Misfit();
  }
  const liked = new Set(fresh.map((item) => item.key));
  const list = new StoredList(stored.filter((like) => !liked.has(like.itemKey)));
  const removed = list.likes.length + fresh.length - (pages.total - unlisted);
  if (removed < 0 || (removed > 0 && unlisted > 0)) throw new Misfit();

  const search = new Search(pages, list);
  const top: Mark = { page: page - 1, index: fresh.length - 1, rank: -1 };
  const { last: behind } = search.take(page - 1, fresh.length, known, top);
  await search.between(
    behind,
    removed === 0
      ? // Nothing is missing: what follows need not be looked at.
        { page: behind.page, index: behind.index + 1, rank: behind.rank + 1 }
      : { page: pages.count, index: pages.total, rank: list.likes.length },
  );
  if (search.gone.size !== removed) throw new Misfit();
  return {
    fresh,
    kept: list.likes.flatMap((like, rank) =>
      search.gone.has(rank) ? [] : [{ like, item: search.found.get(rank) }],
    ),
  };
}

/** Looks for the stored songs that are gone. */
class Search {
  /** Ranks of those that are gone. */
  readonly gone = new Set<number>();
  /** What was read, by rank. */
  readonly found = new Map<number, LikedItem>();
  readonly #pages: LikedPages;
  readonly #list: StoredList;

  constructor(pages: LikedPages, list: StoredList) {
    this.#pages = pages;
    this.#list = list;
  }

  /**
   * Goes through neighbours of one page: what is stored between two of them is gone.
   *
   * @param before what stands right before the first, when that is known
   */
  take(
    page: number,
    index: number,
    items: readonly LikedItem[],
    before?: Mark,
  ): { readonly first: Mark; readonly last: Mark } {
    const marks = this.#list.ranks(items).map((rank, place): Mark => {
      this.found.set(rank, items[place] as LikedItem);
      return { page, index: index + place, rank };
    });
    for (const [place, mark] of marks.entries()) {
      const previous = marks[place - 1] ?? before;
      if (previous) this.#missing(previous, mark);
    }
    const [first, last] = [marks[0], marks.at(-1)];
    if (!first || !last) throw new Misfit();
    return { first, last };
  }

  /** Finds what is gone between two places of Spotify's list. */
  async between(left: Mark, right: Mark): Promise<void> {
    const gone = right.rank - left.rank - (right.index - left.index);
    if (gone < 0) throw new Misfit();
    if (gone === 0) return;
    if (right.index === left.index + 1) {
      this.#missing(left, right);
      return;
    }
    const page = Math.floor((left.page + right.page) / 2);
    const items = await this.#pages.page(page);
    const index = page * PAGE_LIMIT;
    const expected = Math.min(PAGE_LIMIT, this.#pages.total - index);
    if (page === left.page || items.length !== expected) throw new Misfit();
    const { first, last } = this.take(page, index, items);
    await this.between(left, first);
    await this.between(last, right);
  }

  #missing(left: Mark, right: Mark): void {
    for (let rank = left.rank + 1; rank < right.rank; rank += 1) this.gone.add(rank);
  }
}
