import { type Image, LIKED, type LibraryPlaylistView } from '@spindle/contracts';
import { spotifyUrl } from '../catalogue/views.ts';
import type { Database } from '../client.ts';
import { libraryState } from './library-state.ts';
import { namePatterns } from './name-patterns.ts';

export interface LibraryPlaylistsRequest {
  readonly limit: number;
  /** How many of the list came on the pages before; unless told this is the first page. */
  readonly after?: number | undefined;
  /** Every word must stand in the name. */
  readonly words?: string | undefined;
}

export interface LibraryPlaylistsPage {
  readonly items: readonly LibraryPlaylistView[];
  /** Where to go on; null at the end. */
  readonly next: number | null;
}

const LIKED_NAME = 'Liked Songs';
const LIKED_URL = 'https://open.spotify.com/collection/tracks';

interface Row {
  playlist_id: string;
  position: number;
  name: string;
  owner_name: string | null;
  owner_id: string | null;
  own: boolean;
  collaborative: boolean;
  public: boolean | null;
  images: Image[];
  item_count: number | null;
  made_mode: string | null;
  made_source: string | null;
  made_at: Date | null;
}

function toView(row: Row): LibraryPlaylistView {
  return {
    id: row.playlist_id,
    name: row.name,
    url: spotifyUrl('playlist', row.playlist_id) ?? '',
    owner: row.owner_name ?? row.owner_id,
    own: row.own,
    collaborative: row.collaborative,
    public: row.public,
    images: row.images,
    tracks: row.item_count,
    readable: row.own || row.collaborative,
    made:
      row.made_mode === null || row.made_at === null
        ? null
        : { mode: row.made_mode, sourceName: row.made_source ?? '', at: row.made_at.toISOString() },
  };
}

async function likedView(db: Database, userId: number): Promise<LibraryPlaylistView> {
  const { likedReadAt, likedTotal } = await libraryState(db, userId);
  return {
    id: LIKED,
    name: LIKED_NAME,
    url: LIKED_URL,
    owner: null,
    own: true,
    collaborative: false,
    public: false,
    images: [],
    tracks: likedReadAt ? likedTotal : null,
    readable: true,
    made: null,
  };
}

function isLikedWanted(words: string | undefined): boolean {
  const name = LIKED_NAME.toLowerCase();
  const wanted = namePatterns(words ?? '').map((pattern) => pattern.slice(1, -1).replace(/\\(.)/g, '$1'));
  return wanted.every((word) => name.includes(word));
}

/**
 * One page of a listener's playlists as stored, Liked Songs first, then in Spotify's order, by keyset on
 * the position.
 */
export async function listLibraryPlaylists(
  db: Database,
  userId: number,
  { limit, after, words }: LibraryPlaylistsRequest,
): Promise<LibraryPlaylistsPage> {
  const first = after === undefined && isLikedWanted(words) ? [await likedView(db, userId)] : [];
  const wanted = limit - first.length;
  const { rows } = await db.pool.query<Row>(
    `SELECT p.playlist_id, p.position, p.name, p.owner_name, p.owner_id, p.own, p.collaborative, p.public, p.images,
            p.item_count, m.mode::text AS made_mode, m.source_name AS made_source,
            coalesce(m.finished_at, m.created_at) AS made_at
       FROM library_playlists p
       LEFT JOIN LATERAL (
         SELECT s.mode, s.source_name, s.finished_at, s.created_at FROM shuffled_playlists s
          WHERE s.user_id = p.user_id AND s.playlist_id = p.playlist_id AND s.status = 'succeeded'
          ORDER BY s.id DESC LIMIT 1) m ON true
      WHERE p.user_id = $1 AND p.position >= $2 AND lower(normalize(p.name, NFKC)) LIKE ALL ($3::text[])
      ORDER BY p.position LIMIT $4`,
    [userId, after ?? 0, namePatterns(words ?? ''), wanted + 1],
  );
  const page = rows.slice(0, wanted);
  // Where the page has room for Liked Songs alone, the list begins with the next one.
  const next = (page.at(-1)?.position ?? -1) + 1;
  return { items: [...first, ...page.map(toView)], next: rows.length > wanted ? next : null };
}
