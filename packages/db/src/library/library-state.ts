import type { Database } from '../client.ts';

/** How far what is stored of a library is in step with Spotify. Null: never yet. */
export interface LibraryState {
  readonly likedReadAt: Date | null;
  /** When all pages of Liked Songs were last read. */
  readonly likedFullAt: Date | null;
  readonly likedTotal: number;
  readonly playlistsReadAt: Date | null;
  readonly playlistsTotal: number;
}

export async function libraryState(db: Database, userId: number): Promise<LibraryState> {
  const { rows } = await db.pool.query<LibraryState>(
    `SELECT liked_read_at AS "likedReadAt", liked_full_at AS "likedFullAt", liked_total AS "likedTotal",
            playlists_read_at AS "playlistsReadAt", playlists_total AS "playlistsTotal"
       FROM library_states WHERE user_id = $1`,
    [userId],
  );
  return (
    rows[0] ?? {
      likedReadAt: null,
      likedFullAt: null,
      likedTotal: 0,
      playlistsReadAt: null,
      playlistsTotal: 0,
    }
  );
}
