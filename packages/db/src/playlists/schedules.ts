import { type PlaylistRequest, type PlaylistScheduleView, playlistRequestSchema } from '@spindle/contracts';
import { ACTIVE } from '../active-users.ts';
import type { Database, Queryable } from '../client.ts';
import { createPlaylistOperation, type NewPlaylist } from './operations.ts';

/** Shuffles and shared lists that recur. */

interface ScheduleRow {
  id: number;
  user_id: number;
  source_name: string;
  request: unknown;
  pattern: string;
  enabled: boolean;
  next_at: Date | null;
  last_run_at: Date | null;
  failures: number;
  playlist_id: string | null;
  failure_code: string | null;
  failure_message: string | null;
}

const SELECT = `
  SELECT s.id, s.user_id, s.source_name, s.request, s.pattern, s.enabled, s.next_at, s.last_run_at, s.failures,
         s.playlist_id, f.failure_code, f.failure_message
    FROM playlist_schedules s
    LEFT JOIN LATERAL (SELECT failure_code, failure_message FROM shuffled_playlists o
                        WHERE o.schedule_id = s.id AND o.lead_id IS NULL AND o.status = 'failed'
                        ORDER BY o.id DESC LIMIT 1) f ON s.failures > 0`;

function toView(row: ScheduleRow): PlaylistScheduleView {
  return {
    id: String(row.id),
    sourceName: row.source_name,
    request: playlistRequestSchema.parse(row.request),
    pattern: row.pattern,
    enabled: row.enabled,
    nextAt: row.next_at?.toISOString() ?? null,
    lastRunAt: row.last_run_at?.toISOString() ?? null,
    failures: row.failures,
    lastFailure:
      row.failure_code === null ? null : { code: row.failure_code, message: row.failure_message ?? '' },
    playlist:
      row.playlist_id === null
        ? null
        : { playlistId: row.playlist_id, url: `https://open.spotify.com/playlist/${row.playlist_id}` },
  };
}

export async function listPlaylistSchedules(db: Queryable, userId: number): Promise<PlaylistScheduleView[]> {
  const { rows } = await db.query<ScheduleRow>(`${SELECT} WHERE s.user_id = $1 ORDER BY s.id`, [userId]);
  return rows.map(toView);
}

/** Null when the listener has no such schedule. */
export async function findPlaylistSchedule(
  db: Queryable,
  userId: number,
  id: number,
): Promise<PlaylistScheduleView | null> {
  const { rows } = await db.query<ScheduleRow>(`${SELECT} WHERE s.user_id = $1 AND s.id = $2`, [userId, id]);
  return rows[0] ? toView(rows[0]) : null;
}

/** Schedules of one listener at most. */
export const MOST_SCHEDULES = 50;

/** A listener has {@link MOST_SCHEDULES} already. */
export class TooManySchedules extends RangeError {
  override readonly name = 'TooManySchedules';
}

/** @throws TooManySchedules */
export async function createPlaylistSchedule(
  db: Database,
  schedule: {
    readonly userId: number;
    readonly sourceName: string;
    readonly request: PlaylistRequest;
    readonly pattern: string;
    readonly nextAt: Date;
  },
  now: Date,
): Promise<number> {
  const { userId, sourceName, request, pattern, nextAt } = schedule;
  return db.transaction(async (tx) => {
    // Of two at once, the second counts the first.
    await tx.query('SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE', [userId]);
    const { rows } = await tx.query<{ id: number }>(
      `INSERT INTO playlist_schedules (user_id, source_name, request, pattern, next_at, created_at)
       SELECT $1, $2, $3, $4, $5, $6
        WHERE (SELECT count(*) FROM playlist_schedules WHERE user_id = $1) < $7 RETURNING id`,
      [userId, sourceName, JSON.stringify(request), pattern, nextAt, now, MOST_SCHEDULES],
    );
    const [row] = rows;
    if (!row) throw new TooManySchedules(`There can be ${MOST_SCHEDULES} schedules.`);
    return row.id;
  });
}

/**
 * Gives a listener's schedules new times, after a change of the time zone that their patterns follow. Those
 * whose time has come already are left to whoever takes them on.
 *
 * @param next when a pattern comes next by the new zone; null: never
 */
export async function retimePlaylistSchedules(
  db: Database,
  userId: number,
  now: Date,
  next: (pattern: string) => Date | null,
): Promise<void> {
  await db.transaction(async (tx) => {
    const { rows } = await tx.query<{ id: number; pattern: string }>(
      `SELECT id, pattern FROM playlist_schedules
        WHERE user_id = $1 AND enabled AND (next_at IS NULL OR next_at > $2) ORDER BY id FOR UPDATE`,
      [userId, now],
    );
    await tx.query(
      `UPDATE playlist_schedules s SET next_at = t.next_at
         FROM unnest($1::int[], $2::timestamptz[]) AS t (id, next_at) WHERE s.id = t.id`,
      [rows.map((row) => row.id), rows.map((row) => next(row.pattern))],
    );
  });
}

/** Answers false when the listener has no such schedule. */
export async function changePlaylistSchedule(
  db: Database,
  userId: number,
  id: number,
  change: { readonly pattern?: string; readonly enabled?: boolean; readonly nextAt?: Date | null },
): Promise<boolean> {
  return (await db.prisma.playlistSchedule.updateMany({ where: { id, userId }, data: change })).count > 0;
}

/** Answers false when the listener has no such schedule. */
export async function deletePlaylistSchedule(db: Database, userId: number, id: number): Promise<boolean> {
  return (await db.prisma.playlistSchedule.deleteMany({ where: { id, userId } })).count > 0;
}

/** A schedule whose time has come, before it is said when it comes next. */
export interface DueSchedule {
  readonly id: number;
  readonly userId: number;
  readonly sourceName: string;
  readonly request: PlaylistRequest;
  readonly pattern: string;
  readonly timeZone: string;
}

/**
 * Takes on schedules that are due: each gets its operation and its next time in one transaction, so that a
 * run is neither lost nor doubled whoever is killed. One whose last operation still goes on gets its next
 * time only. Answers the operations.
 *
 * @param plan what to do for a schedule, and when it is due again (null: never).
 */
export async function claimDueSchedules(
  db: Database,
  now: Date,
  limit: number,
  plan: (schedule: DueSchedule) => { readonly operation: NewPlaylist; readonly nextAt: Date | null },
): Promise<{ readonly operationId: number; readonly userId: number; readonly mode: string }[]> {
  return db.transaction(async (tx) => {
    const { rows } = await tx.query<ScheduleRow & { time_zone: string; busy: boolean }>(
      `SELECT s.*, u.time_zone,
              EXISTS (SELECT 1 FROM shuffled_playlists o
                       WHERE o.schedule_id = s.id AND o.status IN ('queued', 'running')) AS busy
         FROM playlist_schedules s JOIN users u ON u.id = s.user_id AND ${ACTIVE}
        WHERE s.enabled AND s.next_at <= $1 ORDER BY s.next_at LIMIT $2 FOR UPDATE OF s SKIP LOCKED`,
      [now, limit],
    );
    const claimed = [];
    for (const row of rows) {
      const { operation, nextAt } = plan({
        id: row.id,
        userId: row.user_id,
        sourceName: row.source_name,
        request: playlistRequestSchema.parse(row.request),
        pattern: row.pattern,
        timeZone: row.time_zone,
      });
      await tx.query('UPDATE playlist_schedules SET next_at = $2 WHERE id = $1', [row.id, nextAt]);
      if (row.busy) continue;
      const operationId = await createPlaylistOperation(tx, operation, now);
      claimed.push({ operationId, userId: row.user_id, mode: operation.mode });
    }
    return claimed;
  });
}

/** An operation that has come to no end yet. */
export interface UnfinishedOperation {
  readonly operationId: number;
  readonly userId: number;
  readonly mode: string;
  /** Public id of the job that carries it out; null: whoever stored it was killed then. */
  readonly jobId: string | null;
}

/** Operations that were stored before `before` and have come to no end, the oldest first. */
export async function unfinishedOperations(db: Queryable, before: Date): Promise<UnfinishedOperation[]> {
  const { rows } = await db.query<UnfinishedOperation>(
    `SELECT id AS "operationId", user_id AS "userId", mode::text AS mode, job_id AS "jobId" FROM shuffled_playlists
      WHERE status IN ('queued', 'running') AND lead_id IS NULL AND created_at < $1 ORDER BY id LIMIT 500`,
    [before],
  );
  return rows;
}
