import { type Database, lockHistory, recountHistory } from '../../src/index.ts';

export interface Rollups {
  readonly periods: readonly object[];
  readonly sessions: readonly object[];
}

/** Every rollup row of a listener, in one order. */
export async function readRollups(db: Database, userId: number): Promise<Rollups> {
  const periods = await db.pool.query(
    `SELECT grain, kind, period::text, item_id AS item, plays, ms_played::float8 AS ms, ms_assumed::float8 AS assumed,
            first_day::text AS first, last_day::text AS last
       FROM play_periods WHERE user_id = $1 ORDER BY grain, kind, period, item_id`,
    [userId],
  );
  const sessions = await db.pool.query(
    `SELECT started_at AS "from", ended_at AS "to", plays, ms_played::float8 AS ms, ms_assumed::float8 AS assumed
       FROM listening_sessions WHERE user_id = $1 ORDER BY started_at`,
    [userId],
  );
  return { periods: periods.rows, sessions: sessions.rows };
}

/** Counts anew, as the job does. */
export async function recount(db: Database, userId: number): Promise<void> {
  await db.transaction(async (tx) => {
    await lockHistory(tx, userId);
    await recountHistory(tx, userId, new Date('2026-11-01T12:00:00Z'));
  });
}

/** The rollups as kept, and as a recount of the plays has them. */
export async function rollupsAndRecount(
  db: Database,
  userId: number,
): Promise<{ kept: Rollups; recounted: Rollups }> {
  const kept = await readRollups(db, userId);
  await recount(db, userId);
  return { kept, recounted: await readRollups(db, userId) };
}
