import type { Transaction } from '../client.ts';
import { type PlayObservation, STAMP_SLACK_MS } from './reconcile.ts';

/** Without what tells again a listen that its listener removed (see `removePlays`). */
export async function withoutRemoved(
  tx: Transaction,
  userId: number,
  observations: readonly PlayObservation[],
): Promise<readonly PlayObservation[]> {
  const { rows } = await tx.query<{ track_id: number; played_at: number; ended_at: number }>(
    `SELECT track_id, (extract(epoch FROM played_at) * 1000)::float8 AS played_at,
            (extract(epoch FROM ended_at) * 1000)::float8 AS ended_at
       FROM removed_plays WHERE user_id = $1 AND track_id = ANY($2::int[])`,
    [userId, [...new Set(observations.map((one) => one.trackId))]],
  );
  if (rows.length === 0) return observations;
  return observations.filter(
    (one) =>
      !rows.some(
        (removed) =>
          removed.track_id === one.trackId &&
          (Math.abs(removed.ended_at - one.endedAt) <= STAMP_SLACK_MS ||
            Math.abs(removed.played_at - one.startedAt) <= STAMP_SLACK_MS),
      ),
  );
}
