import type { LikedReading } from '@spindle/contracts';
import {
  type Database,
  libraryState,
  loadLikes,
  type StoredLike,
  storeLikes,
  type TrackItem,
  upsertTracks,
} from '@spindle/db';
import type { LibraryAccess, ReadOptions } from './access.ts';
import { listOfAll, listOfStep } from './liked-list.ts';
import { type LikedItem, LikedPages, Shifted } from './liked-pages.ts';
import { stepOf } from './liked-step.ts';

/** After so long all pages are read again: what was put between older songs shows nowhere else. */
const FULL_EVERY_MS = 30 * 86_400_000;
/** A list that changes while it is read is read anew so often. */
const ANEW = 2;
/** Tracks that go into the catalogue at once. */
const BATCH = 500;

/**
 * Brings the stored Liked Songs of a listener into step with Spotify: new ones are read from the top,
 * removed ones are looked for only when the total tells that there are any, and all pages are read when
 * nothing else makes sure (see {@link stepOf}), when that was 30 days ago, or when asked for. What was
 * found is stored at once at the end; two readings at the same time come to the same.
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
      const after = await readList(access, userId, pages, before, options.full ?? false);
      const full = pages.areAllRead;
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

async function readList(
  { db, clock }: LibraryAccess,
  userId: number,
  pages: LikedPages,
  before: readonly StoredLike[],
  full: boolean,
): Promise<StoredLike[]> {
  const { likedFullAt, likedTotal } = await libraryState(db, userId);
  const isDue = full || !likedFullAt || clock.nowMs() - likedFullAt.getTime() > FULL_EVERY_MS;
  const now = clock.now();
  if (!isDue && before.length > 0) {
    const step = await stepOf(pages, before, likedTotal - before.length);
    if (step) return listOfStep(step, await trackIdsOf(db, step.fresh, now));
  }
  const items = await pages.all();
  return listOfAll(items, before, await trackIdsOf(db, items, now));
}

/** Makes sure that the catalogue has these songs; their rows by the id in the list. */
async function trackIdsOf(
  db: Database,
  items: readonly LikedItem[],
  now: Date,
): Promise<Map<string, number>> {
  const tracks: TrackItem[] = items.flatMap(({ track }) => track ?? []);
  const ids = new Map<string, number>();
  for (let from = 0; from < tracks.length; from += BATCH) {
    const batch = tracks.slice(from, from + BATCH);
    for (const [spotifyId, id] of await db.transaction((tx) => upsertTracks(tx, batch, now)))
      ids.set(spotifyId, id);
  }
  return ids;
}

function differenceOf(
  before: readonly StoredLike[],
  after: readonly StoredLike[],
): Pick<LikedReading, 'added' | 'removed'> {
  const was = new Set(before.map((like) => like.itemKey));
  const kept = after.filter((like) => was.has(like.itemKey)).length;
  return { added: after.length - kept, removed: before.length - kept };
}
