import { LIKED } from '@spindle/contracts';
import type { Queryable } from '../client.ts';

/** What is known of a source before it is read. */
export interface SourceState {
  /** Null where the listener's library has no such playlist, as far as it was read. */
  readonly name: string | null;
  /** Items; null while unknown. */
  readonly items: number | null;
  /** Its items are stored as they are at Spotify, as far as that is known. */
  readonly stored: boolean;
  /** Belongs to somebody else and is not collaborative: Spotify does not let it be read. */
  readonly foreign: boolean;
}

/** @param source `liked`, or a playlist's id at Spotify */
export async function sourceState(db: Queryable, userId: number, source: string): Promise<SourceState> {
  if (source === LIKED) {
    const { rows } = await db.query<{ liked_total: number; liked_read_at: Date | null }>(
      'SELECT liked_total, liked_read_at FROM library_states WHERE user_id = $1',
      [userId],
    );
    const wasRead = Boolean(rows[0]?.liked_read_at);
    return {
      name: 'Liked Songs',
      items: wasRead ? (rows[0]?.liked_total ?? null) : null,
      stored: wasRead,
      foreign: false,
    };
  }
  const { rows } = await db.query<{
    name: string;
    item_count: number | null;
    own: boolean;
    collaborative: boolean;
    stored: boolean;
  }>(
    `SELECT p.name, p.item_count, p.own, p.collaborative,
            coalesce(c.snapshot_id = p.snapshot_id AND jsonb_array_length(c.entries) = c.total, false) AS stored
       FROM library_playlists p LEFT JOIN playlist_contents c ON c.user_id = p.user_id AND c.playlist_id = p.playlist_id
      WHERE p.user_id = $1 AND p.playlist_id = $2`,
    [userId, source],
  );
  const [row] = rows;
  return {
    name: row?.name ?? null,
    items: row?.item_count ?? null,
    stored: row?.stored ?? false,
    foreign: row ? !row.own && !row.collaborative : false,
  };
}

/** Which of the instance's Spotify apps a listener consented to; null without a consent. */
export async function appOfUser(db: Queryable, userId: number): Promise<string | null> {
  const { rows } = await db.query<{ app_id: string }>(
    'SELECT app_id FROM spotify_credentials WHERE user_id = $1',
    [userId],
  );
  return rows[0]?.app_id ?? null;
}
