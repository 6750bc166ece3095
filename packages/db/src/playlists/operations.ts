import {
  type LeftOut,
  type LeftOutNames,
  leftOutNamesSchema,
  leftOutSchema,
  type PlaylistRequest,
  playlistRequestSchema,
} from '@spindle/contracts';
import { z } from 'zod';
import type { Database, Queryable, Transaction } from '../client.ts';
import type { OperationStatus, ShuffleMode } from '../generated/enums.ts';
import { renewWriter, type WriterLease, whileHolding } from './writer-lease.ts';

/**
 * Playlists that we write at Spotify for somebody: each row is one operation on one playlist and what came
 * of it. A list that is too long for one playlist has a row for each of its parts, the first of which leads.
 */

const checkpointSchema = z.object({
  /** The call that is under way, whose answer is not stored yet: it may have been carried out or not. */
  sent: z.enum(['create', 'items']).nullable(),
  /** Some call was once left without an answer, so that the end is looked at before it is believed. */
  doubtful: z.boolean(),
  /** That many of the items, from the first, are known to be there. */
  written: z.number().int(),
});
export type PlaylistCheckpoint = z.infer<typeof checkpointSchema>;

const AT_THE_START: PlaylistCheckpoint = { sent: null, doubtful: false, written: 0 };

export interface NewPlaylist {
  readonly userId: number;
  /** What it is made of, as a key: the same source is refreshed in place. */
  readonly sourceId: string;
  readonly sourceName: string;
  readonly mode: ShuffleMode;
  readonly seed: string;
  readonly name: string;
  /** `new`, `refresh`, or the Spotify id of one that we made. */
  readonly target: string;
  /** What was asked for; null where the list is given. */
  readonly request: PlaylistRequest | null;
  /** The list, where it is given. */
  readonly uris?: readonly string[];
  readonly leftOut?: LeftOut;
  readonly scheduleId?: number;
  /** Of the request, where it has one: the same request stores one operation, however often it is sent. */
  readonly requestKey?: string;
}

/** What is written into one playlist. */
export interface PlaylistPart {
  readonly id: number;
  /** From 1. */
  readonly part: number;
  readonly name: string;
  readonly createdAt: Date;
  /** Spotify's id, once it is known. */
  readonly playlistId: string | null;
  readonly refreshed: boolean;
  /** What it is to hold, in this order; empty when that is not known yet, and once all is done. */
  readonly uris: readonly string[];
  /** Items in it, once it is written. */
  readonly trackCount: number;
  /** Null: it is written, or nothing is planned yet. */
  readonly checkpoint: PlaylistCheckpoint | null;
}

export interface PlaylistOperation {
  readonly id: number;
  readonly userId: number;
  readonly sourceId: string;
  readonly sourceName: string;
  readonly mode: ShuffleMode;
  readonly seed: string;
  readonly target: string;
  readonly request: PlaylistRequest | null;
  readonly scheduleId: number | null;
  readonly status: OperationStatus;
  readonly createdAt: Date;
  /** Items of the source; null while it is not known what to write. */
  readonly sourceCount: number | null;
  readonly leftOut: LeftOut;
  readonly leftOutNames: LeftOutNames;
  /** In order; at least one. */
  readonly parts: readonly PlaylistPart[];
}

interface Row {
  id: number;
  user_id: number;
  source_id: string;
  source_name: string;
  mode: ShuffleMode;
  seed: string;
  target: string;
  request: unknown;
  schedule_id: number | null;
  status: OperationStatus;
  source_count: number | null;
  left_out: unknown;
  left_out_names: unknown;
  part: number;
  name: string;
  created_at: Date;
  playlist_id: string | null;
  refreshed: boolean;
  uris: string[] | null;
  track_count: number;
  checkpoint: unknown;
}

function toPart(row: Row): PlaylistPart {
  return {
    id: row.id,
    part: row.part,
    name: row.name,
    createdAt: row.created_at,
    playlistId: row.playlist_id,
    refreshed: row.refreshed,
    uris: row.uris ?? [],
    trackCount: row.track_count,
    checkpoint: checkpointSchema.nullable().parse(row.checkpoint),
  };
}

/** Notes what is to be done. Answers the id of the operation: of the one that was there, for a request that came again. */
export async function createPlaylistOperation(
  db: Queryable,
  playlist: NewPlaylist,
  now: Date,
): Promise<number> {
  const { uris } = playlist;
  const { rows } = await db.query<{ id: number }>(
    `INSERT INTO shuffled_playlists (user_id, source_id, source_name, mode, seed, name, target, request, uris,
                                     source_count, checkpoint, left_out, schedule_id, request_key, status, created_at)
     VALUES ($1, $2, $3, $4::shuffle_mode, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 'queued', $15)
     ON CONFLICT (request_key) DO UPDATE SET request_key = excluded.request_key RETURNING id`,
    [
      playlist.userId,
      playlist.sourceId,
      playlist.sourceName,
      playlist.mode,
      playlist.seed,
      playlist.name,
      playlist.target,
      playlist.request && JSON.stringify(playlist.request),
      uris ?? null,
      uris ? uris.length : null,
      uris ? JSON.stringify(AT_THE_START) : null,
      JSON.stringify(playlist.leftOut ?? {}),
      playlist.scheduleId ?? null,
      playlist.requestKey ?? null,
      now,
    ],
  );
  const [row] = rows;
  if (!row) throw new Error('an operation was not stored');
  return row.id;
}

/** Forgets an operation that nobody will carry out. */
export async function dropPlaylistOperation(db: Database, operationId: number): Promise<void> {
  await db.prisma.shuffledPlaylist.deleteMany({ where: { id: operationId, status: 'queued' } });
}

/** The job that carries an operation out, by its public id. */
export async function noteOperationJob(db: Queryable, operationId: number, jobId: string): Promise<void> {
  await db.query('UPDATE shuffled_playlists SET job_id = $2 WHERE id = $1', [operationId, jobId]);
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
  db: Queryable,
  operationId: number,
): Promise<PlaylistOperation | null> {
  await db.query(
    `UPDATE shuffled_playlists SET status = 'running', failure_code = NULL, failure_message = NULL, finished_at = NULL
      WHERE (id = $1 OR lead_id = $1) AND status <> 'succeeded'`,
    [operationId],
  );
  const { rows } = await db.query<Row>(
    `SELECT id, user_id, source_id, source_name, mode, seed, target, request, schedule_id, status, source_count,
            left_out, left_out_names, part, name, created_at, playlist_id, refreshed, uris, track_count, checkpoint
       FROM shuffled_playlists WHERE id = $1 OR lead_id = $1 ORDER BY part`,
    [operationId],
  );
  const lead = rows.find((row) => row.id === operationId);
  if (!lead) return null;
  return {
    id: lead.id,
    userId: lead.user_id,
    sourceId: lead.source_id,
    sourceName: lead.source_name,
    mode: lead.mode,
    seed: lead.seed,
    target: lead.target,
    request: playlistRequestSchema.nullable().parse(lead.request),
    scheduleId: lead.schedule_id,
    status: lead.status,
    createdAt: lead.created_at,
    sourceCount: lead.source_count,
    leftOut: leftOutSchema.parse(lead.left_out),
    leftOutNames: leftOutNamesSchema.parse(lead.left_out_names),
    parts: rows.map(toPart),
  };
}

/** What came of reading and ordering a source. */
export interface PlaylistPlan {
  readonly sourceName: string;
  readonly sourceCount: number;
  /** One for each playlist, in order. */
  readonly lists: readonly { readonly name: string; readonly uris: readonly string[] }[];
  readonly leftOut: LeftOut;
  readonly leftOutNames: LeftOutNames;
}

/** Stores what is to be written: from here on the source is not read again. @throws WriterLeaseLost */
export async function planPlaylistOperation(
  db: Database,
  lease: WriterLease,
  operationId: number,
  plan: PlaylistPlan,
): Promise<void> {
  await db.transaction(async (tx) => {
    await renewWriter(tx, lease);
    const [first, ...rest] = plan.lists;
    if (!first) throw new RangeError('a plan without a list');
    const start = JSON.stringify(AT_THE_START);
    await tx.query(
      `UPDATE shuffled_playlists
          SET source_name = $2, source_count = $3, left_out = $4, left_out_names = $5, parts = $6, name = $7, uris = $8,
              checkpoint = $9
        WHERE id = $1`,
      [
        operationId,
        plan.sourceName,
        plan.sourceCount,
        JSON.stringify(plan.leftOut),
        JSON.stringify(plan.leftOutNames),
        plan.lists.length,
        first.name,
        first.uris,
        start,
      ],
    );
    for (const [index, { name, uris }] of rest.entries()) {
      await tx.query(
        `INSERT INTO shuffled_playlists (user_id, source_id, source_name, mode, seed, target, schedule_id, created_at,
                                         lead_id, part, parts, name, uris, source_count, checkpoint, status)
         SELECT user_id, source_id, source_name, mode, seed, target, schedule_id, created_at,
                id, $2, parts, $3, $4, source_count, $5, 'running' FROM shuffled_playlists WHERE id = $1`,
        [operationId, index + 2, name, uris, start],
      );
    }
  });
}

/** What became known of a part; what is left out of it stays as it was. */
export interface PlaylistStep {
  readonly playlistId?: string;
  readonly name?: string;
  readonly refreshed?: boolean;
  readonly uris?: readonly string[];
  readonly leftOut?: LeftOut;
  readonly checkpoint?: Partial<PlaylistCheckpoint>;
}

/** Stores a step, so that another run goes on from it, and keeps the lease. @throws WriterLeaseLost */
export async function savePlaylistStep(
  db: Queryable,
  lease: WriterLease,
  partId: number,
  step: PlaylistStep,
): Promise<void> {
  await whileHolding(
    db,
    lease,
    `UPDATE shuffled_playlists
        SET playlist_id = coalesce($4, playlist_id), name = coalesce($5, name), refreshed = coalesce($6, refreshed),
            uris = coalesce($7, uris), left_out = coalesce($8::jsonb, left_out), checkpoint = checkpoint || $9::jsonb
       FROM held WHERE id = $3`,
    [
      partId,
      step.playlistId ?? null,
      step.name ?? null,
      step.refreshed ?? null,
      step.uris ?? null,
      step.leftOut ? JSON.stringify(step.leftOut) : null,
      JSON.stringify(step.checkpoint ?? {}),
    ],
  );
}

/** A part holds what it is to hold. @throws WriterLeaseLost */
export async function finishPlaylistPart(
  db: Queryable,
  lease: WriterLease,
  partId: number,
  trackCount: number,
): Promise<void> {
  await whileHolding(
    db,
    lease,
    'UPDATE shuffled_playlists SET track_count = $4, checkpoint = NULL FROM held WHERE id = $3',
    [partId, trackCount],
  );
}

/** Raises public totals, in the transaction that did what they count. */
async function count(tx: Transaction, counters: Readonly<Record<string, number>>): Promise<void> {
  await tx.query(
    `INSERT INTO shuffle_counters AS c (name, value) SELECT * FROM unnest($1::text[], $2::bigint[])
     ON CONFLICT (name) DO UPDATE SET value = c.value + excluded.value`,
    [Object.keys(counters), Object.values(counters)],
  );
}

/**
 * All parts are written: the operation is done, is counted, and is the newest of its schedule.
 *
 * @throws WriterLeaseLost
 */
export async function finishPlaylistOperation(
  db: Database,
  lease: WriterLease,
  operationId: number,
  now: Date,
): Promise<void> {
  await db.transaction(async (tx) => {
    await renewWriter(tx, lease);
    const { rows } = await tx.query<{
      id: number;
      mode: ShuffleMode;
      user_id: number;
      track_count: number;
      uris: string[];
    }>(
      `SELECT id, mode, user_id, track_count, coalesce(uris, '{}') AS uris FROM shuffled_playlists
        WHERE (id = $1 OR lead_id = $1) AND status <> 'succeeded' ORDER BY id FOR UPDATE`,
      [operationId],
    );
    const lead = rows.find((row) => row.id === operationId);
    if (!lead) return;
    if (lead.mode !== 'tops' && lead.mode !== 'liked' && lead.mode !== 'room') {
      await count(tx, {
        playlists_shuffled: 1,
        tracks_shuffled: rows.reduce((sum, row) => sum + row.track_count, 0),
      });
      await tx.query(
        `INSERT INTO shuffled_tracks AS s (user_id, track_id, times)
         SELECT $1, t.id, count(*) FROM unnest($2::text[]) AS w (uri)
           JOIN tracks t ON t.spotify_id = split_part(w.uri, ':', 3) GROUP BY t.id ORDER BY t.id
         ON CONFLICT (user_id, track_id) DO UPDATE SET times = s.times + excluded.times`,
        [lead.user_id, rows.flatMap((row) => row.uris)],
      );
    }
    await tx.query(
      `UPDATE shuffled_playlists SET status = 'succeeded', finished_at = $2, uris = NULL, checkpoint = NULL
        WHERE id = $1 OR lead_id = $1`,
      [operationId, now],
    );
    await tx.query(
      `UPDATE playlist_schedules s SET playlist_id = o.playlist_id, last_run_at = $2, failures = 0
         FROM shuffled_playlists o WHERE o.id = $1 AND s.id = o.schedule_id`,
      [operationId, now],
    );
  });
}

/** The operation has failed for good, unless somebody has its job run again: the checkpoint stays. */
export async function failPlaylistOperation(
  db: Queryable,
  operationId: number,
  failure: { readonly code: string; readonly message: string },
  now: Date,
): Promise<void> {
  await db.query(
    `WITH failed AS (
       UPDATE shuffled_playlists SET status = 'failed', failure_code = $2, failure_message = $3, finished_at = $4
        WHERE (id = $1 OR lead_id = $1) AND status <> 'succeeded' RETURNING id, schedule_id)
     UPDATE playlist_schedules s SET failures = failures + 1, last_run_at = $4
       FROM failed f WHERE f.id = $1 AND s.id = f.schedule_id`,
    [operationId, failure.code, failure.message, now],
  );
}
