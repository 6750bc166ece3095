import type { Database, Queryable } from './client.ts';

export interface ShareRow {
  readonly startedAt: Date;
  readonly expiresAt: Date | null;
}

/** The share that is on at this moment. */
export async function currentShare(db: Queryable, userId: number, now: Date): Promise<ShareRow | null> {
  const { rows } = await db.query<{ started_at: Date; expires_at: Date | null }>(
    `SELECT started_at, expires_at FROM shares
      WHERE user_id = $1 AND ended_at IS NULL AND (expires_at IS NULL OR expires_at > $2)`,
    [userId, now],
  );
  const [row] = rows;
  return row ? { startedAt: row.started_at, expiresAt: row.expires_at } : null;
}

/** Starts to share, or gives the share that is on another end. */
export async function startShare(
  db: Database,
  userId: number,
  expiresAt: Date | null,
  now: Date,
): Promise<ShareRow> {
  return db.transaction(async (tx) => {
    await tx.query('SELECT id FROM users WHERE id = $1 FOR UPDATE', [userId]);
    // One that ran out by itself ended when it said it would.
    await tx.query(
      `UPDATE shares SET ended_at = greatest(expires_at, started_at)
        WHERE user_id = $1 AND ended_at IS NULL AND expires_at <= $2`,
      [userId, now],
    );
    await tx.query(
      `INSERT INTO shares (user_id, started_at, expires_at) VALUES ($1, $2, $3)
       ON CONFLICT (user_id) WHERE ended_at IS NULL DO UPDATE SET expires_at = excluded.expires_at`,
      [userId, now, expiresAt],
    );
    const share = await currentShare(tx, userId, now);
    if (!share) throw new Error('the share was not stored');
    return share;
  });
}

/** Stops sharing; answers false when nothing was shared. */
export async function stopShare(db: Queryable, userId: number, now: Date): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE shares SET ended_at = greatest(least(coalesce(expires_at, $2), $2), started_at)
      WHERE user_id = $1 AND ended_at IS NULL`,
    [userId, now],
  );
  return (rowCount ?? 0) > 0;
}
