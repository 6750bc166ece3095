import type { Transaction } from '../client.ts';
import { sourceCode } from '../play-source.ts';
import { type PlayObservation, RECONCILE_WINDOW_MS, reconcile, type StoredPlay } from './reconcile.ts';
import { withoutRemoved } from './removed.ts';
import { applyRollup } from './rollup.ts';

export interface IngestResult {
  /** New plays. */
  readonly stored: number;
  /** Plays that were known and became better known. */
  readonly merged: number;
  /** Observations that said nothing new. */
  readonly duplicates: number;
}

interface PlayRow {
  track_id: number;
  played_at: number;
  ended_at: number;
  ms_played: number | null;
  seen_by: number;
  source: number;
  context_id: number | null;
  import_id: number | null;
  flags: number;
}

const toStored = (row: PlayRow): StoredPlay => ({
  trackId: row.track_id,
  playedAt: row.played_at,
  endedAt: row.ended_at,
  msPlayed: row.ms_played,
  seenBy: row.seen_by,
  source: row.source,
  contextId: row.context_id,
  importId: row.import_id,
  flags: row.flags,
});

/** Whatever writes plays of one listener does so one after another; the lock ends with the transaction. */
export async function lockHistory(tx: Transaction, userId: number): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock(hashtext($1), $2)', ['plays', userId]);
}

async function candidatesOf(
  tx: Transaction,
  userId: number,
  observations: readonly PlayObservation[],
): Promise<StoredPlay[]> {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const { endedAt } of observations) {
    from = Math.min(from, endedAt);
    to = Math.max(to, endedAt);
  }
  const tracks = [...new Set(observations.map((observation) => observation.trackId))];
  const { rows } = await tx.query<PlayRow>(
    `SELECT track_id, seen_by, source, ms_played, context_id, import_id, flags,
            (extract(epoch FROM played_at) * 1000)::float8 AS played_at,
            (extract(epoch FROM ended_at) * 1000)::float8 AS ended_at
       FROM plays
      WHERE user_id = $1 AND track_id = ANY($2::int[])
        AND ended_at BETWEEN to_timestamp($3::float8 / 1000) AND to_timestamp($4::float8 / 1000)`,
    [userId, tracks, from - RECONCILE_WINDOW_MS, to + RECONCILE_WINDOW_MS],
  );
  return rows.map(toStored);
}

async function insert(tx: Transaction, userId: number, plays: readonly StoredPlay[]): Promise<void> {
  if (plays.length === 0) return;
  await tx.query(
    `INSERT INTO plays (user_id, played_at, track_id, ended_at, ms_played, context_id, import_id, source, seen_by, flags)
     SELECT $1, to_timestamp(p.played_at / 1000), p.track_id, to_timestamp(p.ended_at / 1000), p.ms_played,
            p.context_id, p.import_id, p.source, p.seen_by, p.flags
       FROM unnest($2::float8[], $3::int[], $4::float8[], $5::int[], $6::int[], $7::int[], $8::smallint[],
                   $9::smallint[], $10::smallint[])
            AS p (played_at, track_id, ended_at, ms_played, context_id, import_id, source, seen_by, flags)`,
    [
      userId,
      plays.map((play) => play.playedAt),
      plays.map((play) => play.trackId),
      plays.map((play) => play.endedAt),
      plays.map((play) => play.msPlayed),
      plays.map((play) => play.contextId),
      plays.map((play) => play.importId),
      plays.map((play) => play.source),
      plays.map((play) => play.seenBy),
      plays.map((play) => play.flags),
    ],
  );
}

async function remove(tx: Transaction, userId: number, plays: readonly StoredPlay[]): Promise<void> {
  if (plays.length === 0) return;
  await tx.query(
    `DELETE FROM plays USING unnest($2::float8[], $3::int[]) AS gone (played_at, track_id)
      WHERE plays.user_id = $1 AND plays.played_at = to_timestamp(gone.played_at / 1000)
        AND plays.track_id = gone.track_id`,
    [userId, plays.map((play) => play.playedAt), plays.map((play) => play.trackId)],
  );
}

/**
 * Stores what a source told of one listener's plays, each listen once whatever saw it (see
 * {@link reconcile}), and keeps the daily rollups in step. Runs inside the caller's transaction, so
 * that a cursor or checkpoint moves together with the plays. Running it again changes nothing.
 */
export async function ingestPlays(
  tx: Transaction,
  userId: number,
  observations: readonly PlayObservation[],
): Promise<IngestResult> {
  if (observations.length === 0) return { stored: 0, merged: 0, duplicates: 0 };
  await lockHistory(tx, userId);
  const wanted = await withoutRemoved(tx, userId, observations);
  if (wanted.length === 0) return { stored: 0, merged: 0, duplicates: observations.length };
  const { inserts, updates, duplicates } = reconcile(
    await candidatesOf(tx, userId, wanted),
    wanted,
    sourceCode,
  );
  const before = updates.map((update) => update.before);
  const after = updates.map((update) => update.after);
  // A changed start changes the key, so a change is a removal and an insertion.
  await remove(tx, userId, before);
  await insert(tx, userId, [...inserts, ...after]);
  await applyRollup(tx, userId, { added: [...inserts, ...after], removed: before });
  return {
    stored: inserts.length,
    merged: updates.length,
    duplicates: duplicates + observations.length - wanted.length,
  };
}
