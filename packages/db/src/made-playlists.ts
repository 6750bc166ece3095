import { z } from 'zod';
import type { Database, Queryable } from './client.ts';
import type { ShuffleMode } from './generated/enums.ts';

/** Playlists that we write at Spotify for somebody: each row is one operation and what came of it. */

const leftOutSchema = z.record(z.string(), z.number().int());
/** How many items were left out, by reason. */
export type LeftOut = z.infer<typeof leftOutSchema>;

const checkpointSchema = z.object({
  /** What the playlist is to hold, in this order. */
  uris: z.array(z.string()),
  /** Write into the playlist that was made of the same source before. */
  refresh: z.boolean(),
  /** The call that is under way, whose answer is not stored yet: it may have been carried out or not. */
  sent: z.enum(['create', 'items']).nullable(),
  /** Some call was once left without an answer, so that the end is looked at before it is believed. */
  doubtful: z.boolean(),
  /** That many of the items, from the first, are known to be there. */
  written: z.number().int(),
});
export type PlaylistCheckpoint = z.infer<typeof checkpointSchema>;

export interface NewPlaylist {
  readonly userId: number;
  /** What it is made of, as a key: the same source is refreshed in place. */
  readonly sourceId: string;
  readonly sourceName: string;
  readonly mode: ShuffleMode;
  readonly seed: string;
  readonly name: string;
  readonly uris: readonly string[];
  readonly leftOut: LeftOut;
  readonly refresh: boolean;
}

export interface PlaylistOperation {
  readonly id: number;
  readonly userId: number;
  readonly sourceId: string;
  readonly sourceName: string;
  readonly name: string;
  readonly createdAt: Date;
  /** Spotify's id, once it is known. */
  readonly playlistId: string | null;
  readonly leftOut: LeftOut;
  /** Items in the playlist, once it is done. */
  readonly trackCount: number;
  /** Null: it is done. */
  readonly checkpoint: PlaylistCheckpoint | null;
}

/** Notes what is to be written. Answers the id of the operation. */
export async function createPlaylistOperation(
  db: Database,
  playlist: NewPlaylist,
  now: Date,
): Promise<number> {
  const { uris, refresh, leftOut, ...columns } = playlist;
  const checkpoint: PlaylistCheckpoint = {
    uris: [...uris],
    refresh,
    sent: null,
    doubtful: false,
    written: 0,
  };
  const { id } = await db.prisma.shuffledPlaylist.create({
    data: { ...columns, leftOut, checkpoint, status: 'queued', createdAt: now },
    select: { id: true },
  });
  return id;
}

/** Forgets an operation that nobody will carry out. */
export async function dropPlaylistOperation(db: Database, operationId: number): Promise<void> {
  await db.prisma.shuffledPlaylist.deleteMany({ where: { id: operationId, status: 'queued' } });
}

/** Whose an operation is; null when there is none any more. */
export async function playlistOperationOwner(db: Database, operationId: number): Promise<number | null> {
  const where = { id: operationId };
  return (await db.prisma.shuffledPlaylist.findUnique({ where, select: { userId: true } }))?.userId ?? null;
}

/**
 * Takes an operation up, for the first time or where it was left; null when there is none any more.
 * One that is done stays so.
 */
export async function beginPlaylistOperation(
  db: Database,
  operationId: number,
): Promise<PlaylistOperation | null> {
  await db.prisma.shuffledPlaylist.updateMany({
    where: { id: operationId, status: { not: 'succeeded' } },
    data: { status: 'running', failureCode: null, finishedAt: null },
  });
  const row = await db.prisma.shuffledPlaylist.findUnique({ where: { id: operationId } });
  if (!row) return null;
  return {
    id: row.id,
    userId: row.userId,
    sourceId: row.sourceId,
    sourceName: row.sourceName,
    name: row.name,
    createdAt: row.createdAt,
    playlistId: row.playlistId,
    leftOut: leftOutSchema.parse(row.leftOut),
    trackCount: row.trackCount,
    checkpoint: checkpointSchema.nullable().parse(row.checkpoint),
  };
}

/** The playlist that was last made of the same source, whether or not it still exists at Spotify. */
export async function earlierPlaylist(
  db: Database,
  operation: Pick<PlaylistOperation, 'id' | 'userId' | 'sourceId'>,
): Promise<{ readonly playlistId: string; readonly name: string } | null> {
  const row = await db.prisma.shuffledPlaylist.findFirst({
    where: {
      userId: operation.userId,
      sourceId: operation.sourceId,
      id: { lt: operation.id },
      playlistId: { not: null },
      deletedAt: null,
    },
    orderBy: { id: 'desc' },
    select: { playlistId: true, name: true },
  });
  return row?.playlistId ? { playlistId: row.playlistId, name: row.name } : null;
}

/** What became known of an operation; what is left out of it stays as it was. */
export interface PlaylistStep {
  readonly playlistId?: string;
  readonly name?: string;
  readonly leftOut?: LeftOut;
  readonly checkpoint?: Partial<PlaylistCheckpoint>;
}

/** Stores a step, so that another run goes on from it. */
export async function savePlaylistStep(
  db: Queryable,
  operationId: number,
  step: PlaylistStep,
): Promise<void> {
  await db.query(
    `UPDATE shuffled_playlists
        SET playlist_id = coalesce($2, playlist_id), name = coalesce($3, name),
            left_out = coalesce($4::jsonb, left_out), checkpoint = checkpoint || $5::jsonb
      WHERE id = $1`,
    [
      operationId,
      step.playlistId ?? null,
      step.name ?? null,
      step.leftOut ? JSON.stringify(step.leftOut) : null,
      JSON.stringify(step.checkpoint ?? {}),
    ],
  );
}

/** The playlist holds `trackCount` items, and the operation is done. */
export async function finishPlaylistOperation(
  db: Queryable,
  operationId: number,
  trackCount: number,
  now: Date,
): Promise<void> {
  await db.query(
    `UPDATE shuffled_playlists
        SET status = 'succeeded', track_count = $2, finished_at = $3, failure_code = NULL, checkpoint = NULL
      WHERE id = $1`,
    [operationId, trackCount, now],
  );
}

/** The operation has failed for good, unless somebody has its job run again: the checkpoint stays. */
export async function failPlaylistOperation(
  db: Queryable,
  operationId: number,
  failureCode: string,
  now: Date,
): Promise<void> {
  await db.query(
    `UPDATE shuffled_playlists SET status = 'failed', failure_code = $2, finished_at = $3
      WHERE id = $1 AND status <> 'succeeded'`,
    [operationId, failureCode, now],
  );
}

/**
 * Does `work` while nobody else, in no process, writes playlists of the same listener; null, at once and
 * without having begun, when somebody does. Holds a connection to PostgreSQL meanwhile, and ends with it.
 */
export async function whileWritingPlaylists<T>(
  db: Database,
  userId: number,
  work: () => Promise<T>,
): Promise<{ readonly result: T } | null> {
  const key = ['playlists', userId];
  const connection = await db.pool.connect();
  let broken: Error | undefined;
  try {
    const { rows } = await connection.query<{ mine: boolean }>(
      'SELECT pg_try_advisory_lock(hashtext($1), $2) AS mine',
      key,
    );
    if (!rows[0]?.mine) return null;
    try {
      return { result: await work() };
    } finally {
      await connection.query('SELECT pg_advisory_unlock(hashtext($1), $2)', key).catch((error: Error) => {
        broken = error;
      });
    }
  } finally {
    // A connection that could not give the lock back is closed, which does.
    connection.release(broken);
  }
}

/**
 * The Spotify URIs of tracks, in the order given; those that Spotify has no id for are counted. A track
 * that is known by name only stands for those that the listener merged into it.
 */
export async function trackUris(
  db: Queryable,
  userId: number,
  trackIds: readonly number[],
): Promise<{ readonly uris: string[]; readonly withoutId: number }> {
  const { rows } = await db.query<{ spotify_id: string }>(
    `SELECT spotify_id
       FROM (SELECT w.place,
                    coalesce(t.spotify_id,
                             (SELECT s.spotify_id FROM track_merges m JOIN tracks s ON s.id = m.track_id
                               WHERE m.user_id = $1 AND m.root_id = t.id AND s.spotify_id IS NOT NULL
                               ORDER BY s.id LIMIT 1)) AS spotify_id
               FROM unnest($2::int[]) WITH ORDINALITY AS w (id, place) JOIN tracks t ON t.id = w.id) l
      WHERE spotify_id IS NOT NULL ORDER BY place`,
    [userId, trackIds],
  );
  return {
    uris: rows.map((row) => `spotify:track:${row.spotify_id}`),
    withoutId: trackIds.length - rows.length,
  };
}
