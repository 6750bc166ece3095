import { type Database, type PlaylistEntry, type TrackItem, upsertTracks } from '@spindle/db';
import type { SpotifyCaller, SpotifyPlayable } from '@spindle/spotify';
import { listedTrackItem } from './catalogue-items.ts';

export type PlaylistLine = Awaited<ReturnType<SpotifyCaller['playlistItems']>>['items'][number];

/** A place of which Spotify tells nothing. */
const REMOVED: PlaylistEntry = { kind: 'removed', uri: null, trackId: null, name: null, addedAt: null };

/** An episode says so, or has the URI of one where it comes in the form of a track. */
function kindOf(item: SpotifyPlayable): 'track' | 'episode' | 'local' {
  if (item.type === 'episode' || item.uri?.startsWith('spotify:episode:')) return 'episode';
  return item.id && !('is_local' in item && item.is_local) ? 'track' : 'local';
}

function trackOf(line: PlaylistLine): TrackItem | null {
  const { item } = line;
  if (!item || line.is_local || item.type === 'episode' || kindOf(item) !== 'track') return null;
  return listedTrackItem(item);
}

/** Lines of the wire as they are stored; what Spotify told of their tracks goes into the catalogue. */
export async function storeLines(
  db: Database,
  lines: readonly PlaylistLine[],
  now: Date,
): Promise<PlaylistEntry[]> {
  const tracks = lines.map(trackOf);
  const items = tracks.filter((track) => track !== null);
  const ids =
    items.length > 0 ? await db.transaction((tx) => upsertTracks(tx, items, now)) : new Map<string, number>();
  return lines.map((line, place): PlaylistEntry => {
    const addedAt = line.added_at ?? null;
    const { item } = line;
    if (!item) return { ...REMOVED, addedAt };
    const track = tracks[place];
    if (!track) {
      const kind = line.is_local ? 'local' : kindOf(item);
      return { kind, uri: item.uri ?? null, trackId: null, name: item.name, addedAt };
    }
    const unplayable = item.type !== 'episode' && item.is_playable === false;
    return {
      kind: 'track',
      uri: `spotify:track:${track.spotifyId}`,
      trackId: ids.get(track.spotifyId) ?? null,
      name: track.name,
      addedAt,
      ...(unplayable && { unplayable }),
    };
  });
}

/** A page that Spotify gave shorter than its place in the list: every line keeps its position. */
export function filledUp(entries: readonly PlaylistEntry[], length: number): PlaylistEntry[] {
  const missing = Math.max(0, length - entries.length);
  return [...entries, ...Array.from({ length: missing }, () => REMOVED)];
}
