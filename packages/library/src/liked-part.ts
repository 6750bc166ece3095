import { LIKED } from '@spindle/contracts';
import {
  type Database,
  dropPlaylistContents,
  loadPlaylistContents,
  type PlaylistEntry,
  type StoredLike,
  savePlaylistContents,
} from '@spindle/db';
import { REMOVED } from './liked-list.ts';
import type { LikedItem } from './liked-pages.ts';
import { storeTracks } from './store-tracks.ts';

/** A part is of use for so long: a list that changed much costs more to compare than to read. */
const KEPT_FOR_MS = 2 * 86_400_000;

/** The songs, from the top, that an interrupted reading of the whole list got to. */
export interface LikedPart {
  load(): Promise<StoredLike[]>;
  save(items: readonly LikedItem[], total: number): Promise<void>;
  drop(): Promise<void>;
}

function entryOf(item: LikedItem, trackIds: ReadonlyMap<string, number>): PlaylistEntry {
  const trackId = item.trackId ?? (item.track && trackIds.get(item.track.spotifyId)) ?? null;
  return {
    kind: item.key === null ? 'removed' : item.track || item.trackId ? 'track' : 'local',
    uri: item.key,
    trackId,
    name: null,
    addedAt: new Date(item.addedAtMs).toISOString(),
    ...(item.unplayable && { unplayable: true }),
  };
}

function likeOf(entry: PlaylistEntry, place: number): StoredLike {
  return {
    itemKey: entry.uri ?? `${REMOVED}${place}`,
    trackId: entry.trackId,
    addedAtMs: Date.parse(entry.addedAt ?? ''),
    place: -place,
    unplayable: entry.unplayable ?? false,
  };
}

/** Stands with the items of playlists, under the name of Liked Songs. */
export function likedPart(db: Database, userId: number, now: () => Date): LikedPart {
  return {
    async load() {
      const stored = await loadPlaylistContents(db, userId, LIKED);
      if (!stored || now().getTime() - stored.readAt.getTime() > KEPT_FOR_MS) return [];
      return stored.entries.map(likeOf);
    },
    async save(items, total) {
      if (items.length === 0) return;
      const trackIds = await storeTracks(db, items, now());
      const entries = items.map((item) => entryOf(item, trackIds));
      await savePlaylistContents(db, userId, LIKED, { snapshotId: null, total, entries, readAt: now() });
    },
    drop: () => dropPlaylistContents(db, userId, LIKED),
  };
}
