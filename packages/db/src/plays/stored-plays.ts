import type { Transaction } from '../client.ts';
import type { StoredPlay } from './reconcile.ts';

/** The rows of `plays`, in sets. Call under the history lock. */

interface PlayRow {
  track_id: number;
  played_at: number;
  ended_at: number;
  ms_played: number | null;
  seen_by: number;
  source: number;
  context_id: number | null;
  device_id: number | null;
  import_id: number | null;
  flags: number;
}

const COLUMNS = `p.track_id, p.seen_by, p.source, p.ms_played, p.context_id, p.device_id, p.import_id, p.flags,
  (extract(epoch FROM p.played_at) * 1000)::float8 AS played_at,
  (extract(epoch FROM p.ended_at) * 1000)::float8 AS ended_at`;

const toStored = (row: PlayRow): StoredPlay => ({
  trackId: row.track_id,
  playedAt: row.played_at,
  endedAt: row.ended_at,
  msPlayed: row.ms_played,
  seenBy: row.seen_by,
  source: row.source,
  contextId: row.context_id,
  deviceId: row.device_id,
  importId: row.import_id,
  flags: row.flags,
});

/** Where a play ended. Epoch ms. */
export interface PlayEnd {
  readonly trackId: number;
  readonly endedAt: number;
}

interface Stretch {
  readonly trackId: number;
  readonly from: number;
  to: number;
}

/**
 * The stretches within `reach` of the ends, by track, those that touch made one: so each play is read
 * once, and a batch in any order of time reads no more than what lies near it.
 */
function stretchesAround(ends: readonly PlayEnd[], reach: number): Stretch[] {
  const ordered = [...ends].sort((a, b) => a.trackId - b.trackId || a.endedAt - b.endedAt);
  const stretches: Stretch[] = [];
  for (const { trackId, endedAt } of ordered) {
    const last = stretches.at(-1);
    if (last && last.trackId === trackId && endedAt - reach <= last.to) last.to = endedAt + reach;
    else stretches.push({ trackId, from: endedAt - reach, to: endedAt + reach });
  }
  return stretches;
}

/** The stored plays of the same tracks that ended within `reach` ms of one of the given ends. */
export async function playsNear(
  tx: Transaction,
  userId: number,
  ends: readonly PlayEnd[],
  reach: number,
): Promise<StoredPlay[]> {
  const near = stretchesAround(ends, reach);
  if (near.length === 0) return [];
  const { rows } = await tx.query<PlayRow>(
    `SELECT ${COLUMNS}
       FROM unnest($2::int[], $3::float8[], $4::float8[]) AS near (track_id, ended_from, ended_to)
      CROSS JOIN LATERAL (
        SELECT * FROM plays
         WHERE user_id = $1 AND track_id = near.track_id
           AND ended_at BETWEEN to_timestamp(near.ended_from / 1000) AND to_timestamp(near.ended_to / 1000)
           -- No listen lasts a month: where plays are partitioned by their start, one year or two are looked at.
           AND played_at BETWEEN to_timestamp(near.ended_from / 1000) - interval '31 days' AND to_timestamp(near.ended_to / 1000)
        -- Keeps the plan at one look into the index a stretch, whatever the statistics say.
        OFFSET 0) p`,
    [userId, near.map((one) => one.trackId), near.map((one) => one.from), near.map((one) => one.to)],
  );
  return rows.map(toStored);
}

/** Plays of an import that other sources saw too, at most `limit`. */
export async function sharedPlaysOf(
  tx: Transaction,
  importId: number,
  userId: number,
  limit: number,
): Promise<StoredPlay[]> {
  const { rows } = await tx.query<PlayRow>(
    `SELECT ${COLUMNS} FROM plays p
      WHERE p.import_id = $1 AND p.user_id = $2 AND p.seen_by <> (1 << p.source) LIMIT $3`,
    [importId, userId, limit],
  );
  return rows.map(toStored);
}

export async function insertPlays(
  tx: Transaction,
  userId: number,
  plays: readonly StoredPlay[],
): Promise<void> {
  if (plays.length === 0) return;
  await tx.query(
    `INSERT INTO plays (user_id, played_at, track_id, ended_at, ms_played, context_id, device_id, import_id, source, seen_by, flags)
     SELECT $1, to_timestamp(p.played_at / 1000), p.track_id, to_timestamp(p.ended_at / 1000), p.ms_played,
            p.context_id, p.device_id, p.import_id, p.source, p.seen_by, p.flags
       FROM unnest($2::float8[], $3::int[], $4::float8[], $5::int[], $6::int[], $7::int[], $8::int[],
                   $9::smallint[], $10::smallint[], $11::smallint[])
            AS p (played_at, track_id, ended_at, ms_played, context_id, device_id, import_id, source, seen_by, flags)`,
    [
      userId,
      plays.map((play) => play.playedAt),
      plays.map((play) => play.trackId),
      plays.map((play) => play.endedAt),
      plays.map((play) => play.msPlayed),
      plays.map((play) => play.contextId),
      plays.map((play) => play.deviceId),
      plays.map((play) => play.importId),
      plays.map((play) => play.source),
      plays.map((play) => play.seenBy),
      plays.map((play) => play.flags),
    ],
  );
}

export async function deletePlays(
  tx: Transaction,
  userId: number,
  plays: readonly { readonly trackId: number; readonly playedAt: number }[],
): Promise<void> {
  if (plays.length === 0) return;
  await tx.query(
    `DELETE FROM plays USING unnest($2::float8[], $3::int[]) AS gone (played_at, track_id)
      WHERE plays.user_id = $1 AND plays.played_at = to_timestamp(gone.played_at / 1000)
        AND plays.track_id = gone.track_id`,
    [userId, plays.map((play) => play.playedAt), plays.map((play) => play.trackId)],
  );
}
