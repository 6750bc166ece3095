import { ACTIVE } from './active-users.ts';
import type { Database, Queryable, Transaction } from './client.ts';

/** What the schedule knows of a listener. */
export interface CaptureState {
  readonly userId: number;
  readonly nextHistoryAt: Date | null;
  readonly historyReadAt: Date | null;
  /** End of the newest play that recently-played has shown. */
  readonly historyNewestAt: Date | null;
  readonly nextPlaybackAt: Date | null;
  readonly playbackReadAt: Date | null;
  readonly watchedUntil: Date | null;
  readonly idleReads: number;
  readonly failures: number;
  /** Shares what plays, or asked for live capture. */
  readonly live: boolean;
  /** Shares what plays: others may see it. */
  readonly sharing: boolean;
  readonly timeZone: string;
  readonly appId: string;
}

/** No listener's history is planned to be read later than this after the reading before, ms. */
export const LONGEST_HISTORY_PLAN_MS = 13 * 3_600_000;

interface CaptureRow {
  user_id: number;
  next_history_at: Date | null;
  history_read_at: Date | null;
  history_newest_at: Date | null;
  next_playback_at: Date | null;
  playback_read_at: Date | null;
  watched_until: Date | null;
  idle_reads: number;
  failures: number;
  live_capture: boolean;
  sharing: boolean;
  time_zone: string;
  app_id: string;
}

/** Starts the capture of a listener, or takes it up again: both readings are due at once. */
export async function startCapture(tx: Transaction, userId: number, now: Date): Promise<void> {
  await tx.query(
    `INSERT INTO capture_states (user_id, next_history_at, next_playback_at) VALUES ($1, $2, $2)
     ON CONFLICT (user_id) DO UPDATE
        SET next_history_at = $2, next_playback_at = $2, history_lease_until = NULL, playback_lease_until = NULL,
            failures = 0, idle_reads = 0`,
    [userId, now],
  );
}

export async function loadCapture(db: Database, userId: number, now: Date): Promise<CaptureState | null> {
  const { rows } = await db.pool.query<CaptureRow>(
    `SELECT s.user_id, s.next_history_at, s.history_read_at, s.history_newest_at, s.next_playback_at,
            s.playback_read_at, s.watched_until, s.idle_reads, s.failures, u.time_zone, c.app_id,
            u.live_capture,
            EXISTS (SELECT 1 FROM shares h WHERE h.user_id = s.user_id AND h.ended_at IS NULL
                       AND (h.expires_at IS NULL OR h.expires_at > $2)) AS sharing
       FROM capture_states s JOIN users u ON u.id = s.user_id JOIN spotify_credentials c ON c.user_id = s.user_id
      WHERE s.user_id = $1 AND c.reauth_needed_at IS NULL AND ${ACTIVE}`,
    [userId, now],
  );
  const [row] = rows;
  return row
    ? {
        userId: row.user_id,
        nextHistoryAt: row.next_history_at,
        historyReadAt: row.history_read_at,
        historyNewestAt: row.history_newest_at,
        nextPlaybackAt: row.next_playback_at,
        playbackReadAt: row.playback_read_at,
        watchedUntil: row.watched_until,
        idleReads: row.idle_reads,
        failures: row.failures,
        live: row.live_capture || row.sharing,
        sharing: row.sharing,
        timeZone: row.time_zone,
        appId: row.app_id,
      }
    : null;
}

export type Reading = 'history' | 'playback';

/**
 * Takes up to `limit` listeners whose reading is due, each for whoever asked until the lease ends: a
 * worker that dies loses nothing, the reading is due again then. Several may ask at once.
 */
export async function claimDue(
  db: Database,
  reading: Reading,
  now: Date,
  options: { readonly limit: number; readonly leaseMs: number },
): Promise<number[]> {
  const next = `next_${reading}_at`;
  const lease = `${reading}_lease_until`;
  const { rows } = await db.pool.query<{ user_id: number }>(
    `UPDATE capture_states SET ${lease} = $2
      WHERE user_id IN (
        SELECT s.user_id FROM capture_states s
          JOIN spotify_credentials c ON c.user_id = s.user_id AND c.reauth_needed_at IS NULL
          JOIN users u ON u.id = s.user_id AND ${ACTIVE}
         WHERE s.${next} <= $1 AND (s.${lease} IS NULL OR s.${lease} <= $1)
         ORDER BY s.${next} LIMIT $3 FOR UPDATE OF s SKIP LOCKED)
      RETURNING user_id`,
    [now, new Date(now.getTime() + options.leaseMs), options.limit],
  );
  return rows.map((row) => row.user_id);
}

/** The earliest moment at which any reading is due or a lease ends; null when nothing is planned. */
export async function nextDueAt(db: Database): Promise<Date | null> {
  const { rows } = await db.pool.query<{ at: Date | null }>(
    `SELECT least(min(greatest(s.next_history_at, s.history_lease_until)),
                  min(greatest(s.next_playback_at, s.playback_lease_until))) AS at
       FROM capture_states s JOIN spotify_credentials c ON c.user_id = s.user_id AND c.reauth_needed_at IS NULL
       JOIN users u ON u.id = s.user_id AND ${ACTIVE}`,
  );
  return rows[0]?.at ?? null;
}

/** The outcome of a reading of recently-played; ends the lease. */
export async function saveHistoryReading(
  tx: Transaction,
  userId: number,
  reading: {
    readonly readAt: Date;
    readonly newestAt: Date | null;
    readonly nextAt: Date;
    readonly gap: { readonly from: Date; readonly to: Date } | null;
  },
): Promise<void> {
  await tx.query(
    `UPDATE capture_states
        SET history_read_at = $2, history_newest_at = greatest(history_newest_at, $3), next_history_at = $4,
            history_lease_until = NULL, failures = 0, last_error_code = NULL, last_error_at = NULL
      WHERE user_id = $1`,
    [userId, reading.readAt, reading.newestAt, reading.nextAt],
  );
  if (reading.gap) {
    await tx.query(
      'INSERT INTO capture_gaps (user_id, from_at, to_at, detected_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
      [userId, reading.gap.from, reading.gap.to, reading.readAt],
    );
  }
}

/** The outcome of a reading of the player; ends the lease. A null `nextAt` plans no further one. */
export async function savePlaybackReading(
  tx: Transaction,
  userId: number,
  reading: { readonly readAt: Date; readonly nextAt: Date | null; readonly idleReads: number },
): Promise<void> {
  await tx.query(
    `UPDATE capture_states SET playback_read_at = $2, next_playback_at = $3, idle_reads = $4,
                               playback_lease_until = NULL, failures = 0
      WHERE user_id = $1`,
    [userId, reading.readAt, reading.nextAt, reading.idleReads],
  );
}

/** Brings the next reading of the history forward, never back. */
export async function hastenHistory(db: Queryable, userId: number, at: Date): Promise<void> {
  await db.query(
    'UPDATE capture_states SET next_history_at = least(next_history_at, $2) WHERE user_id = $1',
    [userId, at],
  );
}

/** Puts a reading off: Spotify or the governor asked to wait, or it failed. Ends the lease. */
export async function postponeReading(
  db: Database,
  userId: number,
  reading: Reading,
  outcome: { readonly nextAt: Date; readonly failure?: { readonly code: string; readonly at: Date } },
): Promise<void> {
  await db.pool.query(
    `UPDATE capture_states
        SET next_${reading}_at = CASE WHEN next_${reading}_at IS NULL THEN NULL ELSE $2::timestamptz END,
            ${reading}_lease_until = NULL, failures = failures + CASE WHEN $3::text IS NULL THEN 0 ELSE 1 END,
            last_error_code = coalesce($3, last_error_code), last_error_at = coalesce($4, last_error_at)
      WHERE user_id = $1`,
    [userId, outcome.nextAt, outcome.failure?.code ?? null, outcome.failure?.at ?? null],
  );
}

/** Somebody looks at this listener's player until `until`. A reading older than `staleMs` is due at once. */
export async function markWatched(
  db: Database,
  userId: number,
  watch: { readonly now: Date; readonly until: Date; readonly staleMs: number },
): Promise<void> {
  await db.pool.query(
    `UPDATE capture_states
        SET watched_until = greatest(watched_until, $3),
            next_playback_at = CASE
              WHEN playback_read_at IS NULL OR playback_read_at < $4 THEN least(next_playback_at, $2)
              ELSE least(next_playback_at, playback_read_at + ($2::timestamptz - $4::timestamptz)) END
      WHERE user_id = $1`,
    [userId, watch.now, watch.until, new Date(watch.now.getTime() - watch.staleMs)],
  );
}

/** Everybody who can be read. */
export async function listConnected(db: Database): Promise<number[]> {
  const { rows } = await db.pool.query<{ user_id: number }>(
    `SELECT c.user_id FROM spotify_credentials c JOIN users u ON u.id = c.user_id
      WHERE c.reauth_needed_at IS NULL AND ${ACTIVE} ORDER BY c.user_id`,
  );
  return rows.map((row) => row.user_id);
}

/** Everybody who shares at this moment and can be read. */
export async function listSharing(db: Database, now: Date): Promise<number[]> {
  const { rows } = await db.pool.query<{ user_id: number }>(
    `SELECT c.user_id FROM spotify_credentials c JOIN users u ON u.id = c.user_id
       JOIN shares s ON s.user_id = c.user_id AND s.ended_at IS NULL AND (s.expires_at IS NULL OR s.expires_at > $1)
      WHERE c.reauth_needed_at IS NULL AND ${ACTIVE} ORDER BY c.user_id`,
    [now],
  );
  return rows.map((row) => row.user_id);
}

/** How many listeners of an app somebody looks at, and how many are read live without. */
export async function countLive(
  db: Database,
  appIds: readonly string[],
  now: Date,
): Promise<{ watched: number; unwatched: number }> {
  const { rows } = await db.pool.query<{ watched: number; unwatched: number }>(
    `SELECT count(*) FILTER (WHERE s.watched_until > $2)::int AS watched,
            count(*) FILTER (WHERE s.watched_until IS NULL OR s.watched_until <= $2)::int AS unwatched
       FROM capture_states s JOIN spotify_credentials c ON c.user_id = s.user_id AND c.reauth_needed_at IS NULL
      WHERE c.app_id = ANY($1::text[]) AND s.next_playback_at IS NOT NULL`,
    [appIds, now],
  );
  return rows[0] ?? { watched: 0, unwatched: 0 };
}

/** Somebody wants to know what this listener plays (a share has begun): a reading is due at `at`. */
export async function wantPlayback(db: Queryable, userId: number, at: Date): Promise<void> {
  await db.query(
    'UPDATE capture_states SET next_playback_at = least(next_playback_at, $2), idle_reads = 0 WHERE user_id = $1',
    [userId, at],
  );
}

/**
 * Ends of a listener's plays since `from`, ascending, epoch ms, and since when all of them are known:
 * since the last gap, else the oldest play or the consent, whichever is earlier.
 */
export async function recentEnds(
  tx: Transaction,
  userId: number,
  from: Date,
): Promise<{ ends: number[]; knownFrom: number | null }> {
  const { rows } = await tx.query<{ ended_at: number }>(
    `SELECT (extract(epoch FROM ended_at) * 1000)::float8 AS ended_at FROM plays
      WHERE user_id = $1 AND played_at >= $2 ORDER BY ended_at`,
    [userId, from],
  );
  const { rows: known } = await tx.query<{ authorized_at: Date | null; gap_until: Date | null }>(
    `SELECT (SELECT authorized_at FROM spotify_credentials WHERE user_id = $1) AS authorized_at,
            (SELECT max(to_at) FROM capture_gaps WHERE user_id = $1) AS gap_until`,
    [userId],
  );
  const ends = rows.map((row) => row.ended_at);
  const since = [ends[0], known[0]?.authorized_at?.getTime()].filter((time) => time !== undefined);
  if (since.length === 0) return { ends, knownFrom: null };
  return { ends, knownFrom: Math.max(Math.min(...since), known[0]?.gap_until?.getTime() ?? 0) };
}
