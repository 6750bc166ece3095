import type { LikedReading } from '@spindle/contracts';
import { libraryState, loadLikes, type StoredLike, storeLikes } from '@spindle/db';
import type { LibraryAccess, ReadOptions } from './access.ts';
import { listOfAll, listOfStep } from './liked-list.ts';
import { LikedPages, Shifted } from './liked-pages.ts';
import { likedPart } from './liked-part.ts';
import { stepOf } from './liked-step.ts';
import { readWhole } from './liked-whole.ts';
import { storeTracks } from './store-tracks.ts';

/** After so long all pages are read again: what was put between older songs shows nowhere else. */
const FULL_EVERY_MS = 30 * 86_400_000;
/** A list that changes while it is read is read anew so often. */
const ANEW = 2;

/**
 * Brings the stored Liked Songs of a listener into step with Spotify: new ones are read from the top,
 * removed ones are looked for only when the total tells that there are any, and all pages are read when
 * nothing else makes sure (see {@link stepOf}), when that was 30 days ago, or when asked for. What was
 * found is stored at once at the end; two readings at the same time come to the same. A reading of all
 * pages that is interrupted is gone on with by the next one.
 */
export async function readLikedSongs(
  access: LibraryAccess,
  userId: number,
  options: ReadOptions & { readonly full?: boolean },
): Promise<LikedReading> {
  const { db, clock } = access;
  let calls = 0;
  for (let begun = 0; begun <= ANEW; begun += 1) {
    options.signal.throwIfAborted();
    const pages = new LikedPages(
      access.spotify.as(userId, { lane: options.lane, signal: options.signal }),
      options,
    );
    try {
      const before = await loadLikes(db, userId);
      const { after, full } = await readList(access, userId, pages, before, options.full ?? false);
      const { total } = pages;
      calls += pages.calls;
      if (await storeLikes(db, userId, { before, after, total, full, now: clock.now() }))
        return { total, ...differenceOf(before, after), pages: calls, full };
    } catch (error) {
      if (!(error instanceof Shifted)) throw error;
      calls += pages.calls;
    }
  }
  throw new Error('Liked Songs kept changing while they were read');
}

interface ReadList {
  readonly after: StoredLike[];
  /** All of it was read, now or by a reading before that was interrupted. */
  readonly full: boolean;
}

async function readList(
  { db, clock }: LibraryAccess,
  userId: number,
  pages: LikedPages,
  before: readonly StoredLike[],
  full: boolean,
): Promise<ReadList> {
  const { likedFullAt, likedTotal } = await libraryState(db, userId);
  const isDue = full || !likedFullAt || clock.nowMs() - likedFullAt.getTime() > FULL_EVERY_MS;
  if (!isDue && before.length > 0) {
    const step = await stepOf(pages, before, likedTotal - before.length);
    if (step) {
      const trackIds = await storeTracks(db, step.fresh, clock.now());
      return { after: listOfStep(step, trackIds), full: pages.areAllRead };
    }
  }
  const part = likedPart(db, userId, () => clock.now());
  const items = await readWhole(pages, part);
  const after = listOfAll(items, before, await storeTracks(db, items, clock.now()));
  await part.drop();
  return { after, full: true };
}

function differenceOf(
  before: readonly StoredLike[],
  after: readonly StoredLike[],
): Pick<LikedReading, 'added' | 'removed'> {
  const was = new Set(before.map((like) => like.itemKey));
  const kept = after.filter((like) => was.has(like.itemKey)).length;
  return { added: after.length - kept, removed: before.length - kept };
}
