import type { StoredLike } from '@spindle/db';
import { PAGE_LIMIT } from '@spindle/spotify';
import { REMOVED } from './liked-list.ts';
import { type LikedItem, type LikedPages, Shifted } from './liked-pages.ts';
import type { LikedPart } from './liked-part.ts';
import { Misfit, orNull, topOf } from './stored-list.ts';

/** What was read is kept after so many pages, so that a crash loses no more. */
const SAVE_EVERY = 40;

/** What an earlier reading got to and is still so: everything before a page. */
interface Beginning {
  readonly items: readonly LikedItem[];
  readonly page: number;
}

/**
 * Looks whether a part stands as it did: new songs may have come on top, but its last song has to be as
 * far below its first as it was.
 */
async function beginningOf(pages: LikedPages, part: readonly StoredLike[]): Promise<Beginning> {
  const { fresh, list, known } = await topOf(pages, part);
  const { likes } = list;
  const end = fresh.length + likes.length - 1;
  if (end >= pages.total || list.ranks(known)[0] !== 0) throw new Misfit();
  const page = Math.floor(end / PAGE_LIMIT);
  const first = Math.max(page * PAGE_LIMIT, fresh.length);
  const items = (await pages.page(page)).slice(first - page * PAGE_LIMIT, end + 1 - page * PAGE_LIMIT);
  const ranks = list.ranks(items);
  if (ranks[0] !== first - fresh.length || ranks.at(-1) !== likes.length - 1) throw new Misfit();
  return { items: [...fresh, ...likes.map(itemOf)].slice(0, page * PAGE_LIMIT), page };
}

function itemOf({ itemKey, addedAtMs, trackId, unplayable }: StoredLike): LikedItem {
  const key = itemKey.startsWith(REMOVED) ? null : itemKey;
  return { key, addedAtMs, track: null, trackId, unplayable };
}

/**
 * Reads every page; goes on where an interrupted reading ended, when what it read stands as it did. What
 * is read is kept whenever this ends early.
 */
export async function readWhole(pages: LikedPages, part: LikedPart): Promise<LikedItem[]> {
  await pages.page(0);
  const begun = await part.load();
  const beginning = begun.length > 0 ? await orNull(beginningOf(pages, begun)) : null;
  const items: LikedItem[] = [...(beginning?.items ?? [])];
  let read = 0;
  try {
    for await (const page of pages.from(beginning?.page ?? 0)) {
      items.push(...page);
      read += 1;
      if (read % SAVE_EVERY === 0) await part.save(items, pages.total);
      await pages.tell(items.length);
    }
  } catch (error) {
    if (!(error instanceof Shifted)) await part.save(items, pages.total);
    throw error;
  }
  return items;
}
