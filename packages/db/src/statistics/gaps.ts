import type { Queryable } from '../client.ts';
import type { ResolvedRange } from './range.ts';

/** Gaps shown at most; more would be a list, not a notice. */
const MOST = 100;

/** Stretches of a range that capture could not see whole, oldest first. */
export async function loadGaps(
  db: Queryable,
  userId: number,
  range: ResolvedRange,
): Promise<{ from: string; to: string }[]> {
  const { rows } = await db.query<{ from_at: Date; to_at: Date }>(
    `SELECT from_at, to_at FROM capture_gaps
      WHERE user_id = $1 AND to_at > ($2::date)::timestamp AT TIME ZONE $4
        AND from_at < ($3::date + 1)::timestamp AT TIME ZONE $4
      ORDER BY from_at LIMIT ${MOST}`,
    [userId, range.from, range.to, range.timeZone],
  );
  return rows.map((row) => ({ from: row.from_at.toISOString(), to: row.to_at.toISOString() }));
}
