import type { StoredLike } from '@spindle/db';
import { PAGE_LIMIT } from '@spindle/spotify';
import type { LikedItem, LikedPages } from './liked-pages.ts';
import { Misfit, orNull, type StoredList, topOf } from './stored-list.ts';

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
export function stepOf(
  pages: LikedPages,
  stored: readonly StoredLike[],
  unlisted: number,
): Promise<Step | null> {
  return orNull(readStep(pages, stored, unlisted));
}

async function readStep(pages: LikedPages, stored: readonly StoredLike[], unlisted: number): Promise<Step> {
  const { fresh, list, page, known } = await topOf(pages, stored);
  const removed = list.likes.length + fresh.length - (pages.total - unlisted);
  if (removed < 0 || (removed > 0 && unlisted > 0)) throw new Misfit();

  const search = new Search(pages, list);
  const top: Mark = { page, index: fresh.length - 1, rank: -1 };
  const { last: behind } = search.take(page, fresh.length, known, top);
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
