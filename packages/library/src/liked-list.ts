import type { StoredLike } from '@spindle/db';
import type { LikedItem } from './liked-pages.ts';
import type { Step } from './liked-step.ts';

/** Catalogue rows by the id in a list. */
type TrackIds = ReadonlyMap<string, number>;

/** What the key of music begins with of which Spotify never told what it was. */
export const REMOVED = 'removed:';

function pushTo<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** Names for removed music of which nothing but its time is known. */
class RemovedKeys {
  readonly #taken: Set<string>;

  constructor(taken: Iterable<string>) {
    this.#taken = new Set(taken);
  }

  next(addedAtMs: number): string {
    const base = `${REMOVED}${new Date(addedAtMs).toISOString()}`;
    let key = base;
    for (let number = 2; this.#taken.has(key); number += 1) key = `${base}#${number}`;
    this.#taken.add(key);
    return key;
  }
}

function likeOf(item: LikedItem, itemKey: string, trackIds: TrackIds): Omit<StoredLike, 'place'> {
  return {
    itemKey,
    trackId: item.trackId ?? (item.track && trackIds.get(item.track.spotifyId)) ?? null,
    addedAtMs: item.addedAtMs,
    unplayable: item.unplayable,
  };
}

/** What is to be stored after a reading in step. */
export function listOfStep({ fresh, kept }: Step, trackIds: TrackIds): StoredLike[] {
  const highest = kept[0]?.like.place ?? 0;
  const keys = new RemovedKeys(kept.map(({ like }) => like.itemKey));
  return [
    ...fresh.map((item, index) => ({
      ...likeOf(item, item.key ?? keys.next(item.addedAtMs), trackIds),
      place: highest + fresh.length - index,
    })),
    ...kept.map(({ like, item }) => (item ? { ...like, unplayable: item.unplayable } : like)),
  ];
}

/**
 * What was stored of removed music before it was removed: that of the same time which is in the list no
 * more, where there is no doubt which it is.
 */
function identify(
  items: readonly LikedItem[],
  stored: readonly StoredLike[],
): ReadonlyMap<LikedItem, StoredLike> {
  const listed = new Set(items.map((item) => item.key));
  const lost = new Map<number, StoredLike[]>();
  for (const like of stored) if (!listed.has(like.itemKey)) pushTo(lost, like.addedAtMs, like);
  const nameless = new Map<number, LikedItem[]>();
  for (const item of items) if (item.key === null) pushTo(nameless, item.addedAtMs, item);
  const found = new Map<LikedItem, StoredLike>();
  for (const [addedAtMs, group] of nameless) {
    const all = lost.get(addedAtMs) ?? [];
    // More are gone than removed music stands there: some were un-liked, and nobody can tell which.
    const candidates =
      all.length <= group.length ? all : all.filter((like) => like.itemKey.startsWith(REMOVED));
    for (const [index, item] of group.entries()) {
      const like = candidates[index];
      if (like) found.set(item, like);
    }
  }
  return found;
}

/** What is to be stored after every page was read. */
export function listOfAll(
  items: readonly LikedItem[],
  stored: readonly StoredLike[],
  trackIds: TrackIds,
): StoredLike[] {
  const known = identify(items, stored);
  const keys = new RemovedKeys([...known.values()].map((like) => like.itemKey));
  const rows = new Map<string, Omit<StoredLike, 'place'>>();
  for (const item of items) {
    const like = known.get(item);
    const key = like?.itemKey ?? item.key ?? keys.next(item.addedAtMs);
    if (rows.has(key)) continue;
    const row = likeOf(item, key, trackIds);
    rows.set(key, { ...row, trackId: row.trackId ?? like?.trackId ?? null });
  }
  return placed([...rows.values()], stored);
}

/** Keeps the places where new songs stand on top of known ones; otherwise numbers all anew. */
function placed(rows: readonly Omit<StoredLike, 'place'>[], stored: readonly StoredLike[]): StoredLike[] {
  const places = new Map(stored.map((like) => [like.itemKey, like]));
  const placeOf = (row: Omit<StoredLike, 'place'> | undefined): number | undefined => {
    const like = row && places.get(row.itemKey);
    return like?.addedAtMs === row?.addedAtMs ? like?.place : undefined;
  };
  const found = rows.findIndex((row) => placeOf(row) !== undefined);
  const fresh = found < 0 ? rows.length : found;
  const kept = rows.slice(fresh).map(placeOf);
  const isInStep = kept.every((place, index) => {
    const before = kept[index - 1];
    return place !== undefined && (before === undefined || place < before);
  });
  const highest = isInStep ? (kept[0] ?? 0) : rows.length - fresh;
  return rows.map((row, index) => ({
    ...row,
    place:
      isInStep && index >= fresh
        ? (kept[index - fresh] as number)
        : index < fresh
          ? highest + fresh - index
          : rows.length - index,
  }));
}
