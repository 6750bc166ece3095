import type { Database } from '../client.ts';
import { type PlaylistEntry, playlistEntriesSchema } from './playlist-entry.ts';

/** What is stored of a playlist's items. */
export interface StoredContents {
  /** Null: Spotify told none, so that nothing shows whether it has changed. */
  readonly snapshotId: string | null;
  readonly total: number;
  /** In order from the first; fewer than `total` where reading was interrupted. */
  readonly entries: readonly PlaylistEntry[];
  readonly readAt: Date;
}

export async function loadPlaylistContents(
  db: Database,
  userId: number,
  playlistId: string,
): Promise<StoredContents | null> {
  const { rows } = await db.pool.query<{
    snapshot_id: string | null;
    total: number;
    entries: unknown;
    read_at: Date;
  }>(
    `SELECT snapshot_id, total, entries, read_at FROM playlist_contents WHERE user_id = $1 AND playlist_id = $2`,
    [userId, playlistId],
  );
  const [row] = rows;
  if (!row) return null;
  const entries = playlistEntriesSchema.parse(row.entries);
  return { snapshotId: row.snapshot_id, total: row.total, entries, readAt: row.read_at };
}

/** Stores what was read; what another reading of the same snapshot stored stays where it got further. */
export async function savePlaylistContents(
  db: Database,
  userId: number,
  playlistId: string,
  contents: StoredContents,
): Promise<void> {
  await db.pool.query(
    `INSERT INTO playlist_contents AS c (user_id, playlist_id, snapshot_id, total, entries, read_at)
     VALUES ($1, $2, $3, $4, $5::jsonb, $6)
     ON CONFLICT (user_id, playlist_id) DO UPDATE
        SET snapshot_id = excluded.snapshot_id, total = excluded.total, entries = excluded.entries,
            read_at = excluded.read_at
      WHERE excluded.snapshot_id IS DISTINCT FROM c.snapshot_id OR excluded.snapshot_id IS NULL
         OR excluded.total <> c.total OR jsonb_array_length(excluded.entries) >= jsonb_array_length(c.entries)`,
    [
      userId,
      playlistId,
      contents.snapshotId,
      contents.total,
      JSON.stringify(contents.entries),
      contents.readAt,
    ],
  );
}

/** They were looked at, and had not changed. */
export async function notePlaylistRead(
  db: Database,
  userId: number,
  playlistId: string,
  now: Date,
): Promise<void> {
  await db.pool.query('UPDATE playlist_contents SET read_at = $3 WHERE user_id = $1 AND playlist_id = $2', [
    userId,
    playlistId,
    now,
  ]);
}

export async function dropPlaylistContents(db: Database, userId: number, playlistId: string): Promise<void> {
  await db.pool.query('DELETE FROM playlist_contents WHERE user_id = $1 AND playlist_id = $2', [
    userId,
    playlistId,
  ]);
}
