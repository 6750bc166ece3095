import type { Transaction } from '../client.ts';
import { countedPlays } from './counted.ts';
import type { PlayRef } from './rollup.ts';
import { SESSION_GAP_MS } from './series.ts';

/** A stretch of time, epoch ms. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Stretches of which two that one session could span are made one, in order. */
function joined(stretches: readonly Stretch[]): Stretch[] {
  const ordered = [...stretches].sort((a, b) => a.from - b.from);
  const result: { from: number; to: number }[] = [];
  for (const { from, to } of ordered) {
    const last = result.at(-1);
    if (last && from - last.to < SESSION_GAP_MS) last.to = Math.max(last.to, to);
    else result.push({ from, to });
  }
  return result;
}

/**
 * INSERT of the sessions that counted plays (`base`) make: a play begins one when nothing that started
 * before it ended less than {@link SESSION_GAP_MS} ago.
 */
export function insertSessions(base: string): string {
  return `
  INSERT INTO listening_sessions (user_id, started_at, ended_at, plays, ms_played, ms_assumed)
  SELECT $1, min(played_at), max(ended_at), count(*), sum(ms_played), sum(ms_assumed)
    FROM (SELECT x.*, count(*) FILTER (WHERE begins) OVER (ORDER BY played_at, track_id) AS session
            FROM (SELECT b.*, coalesce(b.played_at - max(b.ended_at) OVER (
                           ORDER BY b.played_at, b.track_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
                         >= interval '${SESSION_GAP_MS} milliseconds', true) AS begins
                    FROM (${base}) b) x) y
   GROUP BY session`;
}

/**
 * Works the sessions out anew wherever the stretches touch them. Call under the history lock.
 *
 * @param without plays that are about to go.
 */
export async function refreshSessions(
  tx: Transaction,
  userId: number,
  stretches: readonly Stretch[],
  without: readonly PlayRef[] = [],
): Promise<void> {
  for (const { from, to } of joined(stretches)) {
    const { rows } = await tx.query<{ from: number; to: number }>(
      `WITH near AS (
         SELECT started_at, ended_at FROM (
           (SELECT started_at, ended_at FROM listening_sessions
             WHERE user_id = $1 AND started_at <= to_timestamp($2::float8 / 1000) ORDER BY started_at DESC LIMIT 1)
           UNION ALL
           SELECT started_at, ended_at FROM listening_sessions
            WHERE user_id = $1 AND started_at > to_timestamp($2::float8 / 1000)
              AND started_at < to_timestamp(($3::float8 + ${SESSION_GAP_MS}) / 1000)) s
          WHERE ended_at > to_timestamp(($2::float8 - ${SESSION_GAP_MS}) / 1000)),
       gone AS (
         DELETE FROM listening_sessions s USING near
          WHERE s.user_id = $1 AND s.started_at = near.started_at)
       SELECT least($2::float8, (extract(epoch FROM min(started_at)) * 1000)::float8) AS "from",
              greatest($3::float8, (extract(epoch FROM max(ended_at)) * 1000)::float8) AS "to" FROM near`,
      [userId, from, to],
    );
    const whole = rows[0] ?? { from, to };
    await tx.query(
      insertSessions(
        `${countedPlays(`
           LEFT JOIN unnest($4::float8[], $5::int[]) AS k (played_at, track_id)
             ON p.played_at = to_timestamp(k.played_at / 1000) AND p.track_id = k.track_id`)}
           AND k.track_id IS NULL
           AND p.played_at BETWEEN to_timestamp($2::float8 / 1000) AND to_timestamp($3::float8 / 1000)`,
      ),
      [
        userId,
        whole.from,
        whole.to,
        without.map((play) => play.playedAt),
        without.map((play) => play.trackId),
      ],
    );
  }
}
