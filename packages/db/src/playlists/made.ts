import type { Queryable } from '../client.ts';
import type { PlaylistOperation } from './operations.ts';
import { renewWriter, type WriterLease } from './writer-lease.ts';

/** How long a deletion can be taken back, ms. */
export const RESTORABLE_MS = 60 * 60_000;

interface MadePlaylistRow {
  readonly playlistId: string;
  readonly name: string;
}

const FAMILY = `CASE WHEN mode IN ('liked', 'tops', 'room') THEN mode::text ELSE 'shuffle' END`;

/**
 * The playlist that an operation goes on with: of a schedule its own; else the one that its target names, or
 * the last one that was made of the same source in the same manner. Whether it still exists at Spotify is
 * another question.
 */
export async function earlierPlaylist(
  db: Queryable,
  operation: Pick<PlaylistOperation, 'id' | 'userId' | 'sourceId' | 'mode' | 'target' | 'scheduleId'>,
): Promise<MadePlaylistRow | null> {
  const { id, userId, sourceId, mode, target, scheduleId } = operation;
  if (target === 'new') return null;
  const named = target !== 'refresh';
  const { rows } = await db.query<{ playlist_id: string; name: string }>(
    `SELECT playlist_id, name FROM shuffled_playlists
      WHERE user_id = $1 AND id <> $2 AND playlist_id IS NOT NULL AND deleted_at IS NULL
        AND CASE WHEN $3::text IS NOT NULL THEN playlist_id = $3
                 WHEN $4::int IS NOT NULL THEN schedule_id = $4 AND part = 1
                 ELSE schedule_id IS NULL AND id < $2 AND source_id = $5 AND part = 1 AND ${FAMILY} = $6 END
      ORDER BY id DESC LIMIT 1`,
    [
      userId,
      id,
      named ? target : null,
      named ? null : scheduleId,
      sourceId,
      mode === 'liked' || mode === 'tops' || mode === 'room' ? mode : 'shuffle',
    ],
  );
  const [row] = rows;
  return row ? { playlistId: row.playlist_id, name: row.name } : null;
}

/** The playlists that the runs of a schedule went into, the last one first. */
export async function playlistsOfSchedule(db: Queryable, scheduleId: number): Promise<MadePlaylistRow[]> {
  const { rows } = await db.query<{ playlist_id: string; name: string }>(
    `SELECT playlist_id, (array_agg(name ORDER BY id DESC))[1] AS name FROM shuffled_playlists
      WHERE schedule_id = $1 AND part = 1 AND playlist_id IS NOT NULL AND deleted_at IS NULL
      GROUP BY playlist_id ORDER BY max(id) DESC LIMIT 5`,
    [scheduleId],
  );
  return rows.map((row) => ({ playlistId: row.playlist_id, name: row.name }));
}

/**
 * The further playlists over which earlier lists were split whose first playlist is this one, by part;
 * the newest of each.
 */
export async function earlierParts(
  db: Queryable,
  operation: Pick<PlaylistOperation, 'id' | 'userId'>,
  leadPlaylistId: string,
): Promise<Map<number, MadePlaylistRow>> {
  const { rows } = await db.query<{ part: number; playlist_id: string; name: string }>(
    `SELECT DISTINCT ON (p.part) p.part, p.playlist_id, p.name
       FROM shuffled_playlists p JOIN shuffled_playlists l ON l.id = p.lead_id
      WHERE p.user_id = $1 AND l.playlist_id = $2 AND l.id <> $3 AND p.playlist_id IS NOT NULL AND p.deleted_at IS NULL
      ORDER BY p.part, p.id DESC`,
    [operation.userId, leadPlaylistId, operation.id],
  );
  return new Map(rows.map((row) => [row.part, { playlistId: row.playlist_id, name: row.name }]));
}

/** Spotify ids of every playlist that we made for a listener and did not take away, oldest first. */
export async function madePlaylists(db: Queryable, userId: number): Promise<string[]> {
  const { rows } = await db.query<{ playlist_id: string }>(
    `SELECT playlist_id FROM shuffled_playlists
      WHERE user_id = $1 AND playlist_id IS NOT NULL AND deleted_at IS NULL GROUP BY playlist_id ORDER BY min(id)`,
    [userId],
  );
  return rows.map((row) => row.playlist_id);
}

/** Whether we made this playlist for the listener and it was not taken away. */
export async function isMadePlaylist(db: Queryable, userId: number, playlistId: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `SELECT 1 FROM shuffled_playlists WHERE user_id = $1 AND playlist_id = $2 AND deleted_at IS NULL LIMIT 1`,
    [userId, playlistId],
  );
  return (rowCount ?? 0) > 0;
}

/** Notes that playlists were taken out of the library. @throws WriterLeaseLost */
export async function markDeleted(
  db: Queryable,
  lease: WriterLease,
  playlistIds: readonly string[],
  at: Date,
): Promise<void> {
  await renewWriter(db, lease);
  await db.query(
    `UPDATE shuffled_playlists SET deleted_at = $3
      WHERE user_id = $1 AND playlist_id = ANY($2::text[]) AND deleted_at IS NULL`,
    [lease.userId, playlistIds, at],
  );
}

/** Playlists that were taken away at exactly this moment, which names a deletion. */
export async function countDeleted(db: Queryable, userId: number, at: Date): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `SELECT count(DISTINCT playlist_id)::int AS count FROM shuffled_playlists WHERE user_id = $1 AND deleted_at = $2`,
    [userId, at],
  );
  return rows[0]?.count ?? 0;
}

/** What can still be put back, and until when all of it can. */
export async function restorablePlaylists(
  db: Queryable,
  userId: number,
  now: Date,
): Promise<{ readonly playlistIds: string[]; readonly until: Date } | null> {
  const { rows } = await db.query<{ playlist_id: string; deleted_at: Date }>(
    `SELECT playlist_id, min(deleted_at) AS deleted_at FROM shuffled_playlists
      WHERE user_id = $1 AND playlist_id IS NOT NULL AND deleted_at > $2 GROUP BY playlist_id ORDER BY min(id)`,
    [userId, new Date(now.getTime() - RESTORABLE_MS)],
  );
  if (rows.length === 0) return null;
  const first = Math.min(...rows.map((row) => row.deleted_at.getTime()));
  return { playlistIds: rows.map((row) => row.playlist_id), until: new Date(first + RESTORABLE_MS) };
}

/** Notes that playlists are in the library again. @throws WriterLeaseLost */
export async function markRestored(
  db: Queryable,
  lease: WriterLease,
  playlistIds: readonly string[],
): Promise<void> {
  await renewWriter(db, lease);
  await db.query(
    'UPDATE shuffled_playlists SET deleted_at = NULL WHERE user_id = $1 AND playlist_id = ANY($2::text[])',
    [lease.userId, playlistIds],
  );
}
