import type { Database } from './client.ts';

/** Plays that go in one transaction, so that erasing a long history never holds locks for long. */
const BATCH = 20_000;

/** Removes a listener and everything of theirs. Answers false when they were gone already. Safe to be run again. */
export async function eraseUser(db: Database, userId: number): Promise<boolean> {
  for (;;) {
    const { rowCount } = await db.pool.query(
      `DELETE FROM plays WHERE user_id = $1 AND (played_at, track_id) IN
         (SELECT played_at, track_id FROM plays WHERE user_id = $1 LIMIT $2)`,
      [userId, BATCH],
    );
    if ((rowCount ?? 0) < BATCH) break;
  }
  const { rowCount } = await db.pool.query('DELETE FROM users WHERE id = $1', [userId]);
  return (rowCount ?? 0) > 0;
}
