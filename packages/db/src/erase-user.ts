import type { Database, Transaction } from './client.ts';
import { lockHistory } from './plays/ingest.ts';

/** Plays that go in one transaction, so that erasing a long history never holds locks for long. */
const BATCH = 20_000;

/** Tables of a listener's rows that no foreign key empties: rollups have none, guests stay when a host goes. */
const WITHOUT_CASCADE = ['play_periods', 'listening_sessions', 'room_participants'] as const;

/** Names that plays and rules share between listeners, with the column that points at them. */
const SHARED_NAMES = [
  { table: 'play_devices', column: 'device_id' },
  { table: 'play_contexts', column: 'context_id' },
] as const;

/**
 * Removes a listener and everything of theirs. Answers false when they were gone already. Safe to be
 * killed at any point and run again.
 */
export async function eraseUser(db: Database, userId: number): Promise<boolean> {
  for (;;) {
    const { rowCount } = await db.pool.query(
      `DELETE FROM plays WHERE user_id = $1 AND (played_at, track_id) IN
         (SELECT played_at, track_id FROM plays WHERE user_id = $1 LIMIT $2)`,
      [userId, BATCH],
    );
    if ((rowCount ?? 0) < BATCH) break;
  }
  const isErased = await db.transaction(async (tx) => {
    // Whoever waits for this lock to store or count plays finds no listener afterwards, and fails.
    await lockHistory(tx, userId);
    for (const table of WITHOUT_CASCADE) {
      await tx.query(`DELETE FROM ${table} WHERE user_id = $1`, [userId]);
    }
    const { rowCount } = await tx.query('DELETE FROM users WHERE id = $1', [userId]);
    return (rowCount ?? 0) > 0;
  });
  await db.transaction(forgetUnusedNames);
  return isErased;
}

/**
 * Forgets names of devices and addresses of contexts that nobody's plays or rules mention: "Anna's
 * phone" is personal too. A row that some transaction is about to use is locked by it, and stays.
 */
async function forgetUnusedNames(tx: Transaction): Promise<void> {
  for (const { table, column } of SHARED_NAMES) {
    const isUnused = `NOT EXISTS (SELECT 1 FROM plays p WHERE p.${column} = n.id)
       AND NOT EXISTS (SELECT 1 FROM exclusion_rules r WHERE r.${column} = n.id)`;
    const { rows } = await tx.query<{ id: number }>(
      `SELECT n.id FROM ${table} n WHERE ${isUnused} ORDER BY n.id FOR UPDATE OF n SKIP LOCKED`,
    );
    // Asked again under the lock: whoever used a row in between has committed by now, and is seen.
    await tx.query(`DELETE FROM ${table} n WHERE n.id = ANY($1::int[]) AND ${isUnused}`, [
      rows.map((row) => row.id),
    ]);
  }
}
