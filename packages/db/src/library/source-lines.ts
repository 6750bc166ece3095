import { LIKED } from '@spindle/contracts';
import type { Database } from '../client.ts';
import { loadPlaylistContents } from './contents.ts';
import { libraryState } from './library-state.ts';
import { loadLikes, type StoredLike } from './likes.ts';
import type { PlaylistEntry } from './playlist-entry.ts';

/** One line of a source; positions count from 1. */
export interface SourceLine extends PlaylistEntry {
  readonly position: number;
}

/** How a playlist is called that was read and stands in no list. */
const UNLISTED = 'A playlist';

/** A source as it was last read. */
export interface SourceLines {
  readonly name: string;
  /** Null: it was never read, or not to its end, so that there are no lines. */
  readonly readAt: Date | null;
  readonly lines: readonly SourceLine[];
}

function likedEntry(like: StoredLike): PlaylistEntry {
  const isLocal = like.itemKey.startsWith('spotify:');
  const isKnown = !isLocal && !like.itemKey.startsWith('removed:');
  return {
    kind: isLocal ? 'local' : like.trackId === null ? 'removed' : 'track',
    uri: isLocal ? like.itemKey : isKnown ? `spotify:track:${like.itemKey}` : null,
    trackId: like.trackId,
    name: isLocal ? localName(like.itemKey) : null,
    addedAt: new Date(like.addedAtMs).toISOString(),
    ...(like.unplayable && { unplayable: true }),
  };
}

/** `spotify:local:artist:album:title:seconds` */
function localName(uri: string): string | null {
  const title = uri.split(':')[4];
  if (title === undefined) return null;
  try {
    return decodeURIComponent(title.replaceAll('+', ' '));
  } catch {
    return title;
  }
}

const numbered = (entries: readonly PlaylistEntry[]): SourceLine[] =>
  entries.map((entry, index) => ({ ...entry, position: index + 1 }));

/** @param source `liked`, or a playlist's id at Spotify @returns null when the listener has no such playlist */
export async function sourceLines(db: Database, userId: number, source: string): Promise<SourceLines | null> {
  if (source === LIKED) {
    const { likedReadAt } = await libraryState(db, userId);
    const likes = likedReadAt ? await loadLikes(db, userId) : [];
    return { name: 'Liked Songs', readAt: likedReadAt, lines: numbered(likes.map(likedEntry)) };
  }
  const where = { userId_playlistId: { userId, playlistId: source } };
  const [listed, contents] = await Promise.all([
    db.prisma.libraryPlaylist.findUnique({ where, select: { name: true } }),
    loadPlaylistContents(db, userId, source),
  ]);
  if (!listed && !contents) return null;
  const isWhole = contents !== null && contents.entries.length === contents.total;
  return {
    name: listed?.name ?? UNLISTED,
    readAt: isWhole ? contents.readAt : null,
    lines: isWhole ? numbered(contents.entries) : [],
  };
}
