import { randomUUID } from 'node:crypto';
import type { Queryable } from '../client.ts';

/** A holder that gives no sign of life for this long has gone; by PostgreSQL's clock, which all share. */
const LEASE = "interval '60 seconds'";

/** Leave to write playlists of a listener: nobody else does meanwhile, in no process. */
export interface WriterLease {
  readonly userId: number;
  readonly token: string;
}

/** Somebody else has taken the lease over: this run is a ghost, and must not write any more. */
export class WriterLeaseLost extends Error {
  override readonly name = 'WriterLeaseLost';
}

/**
 * Takes the lease for `holder`; null when somebody else has it. The same holder takes it over from a run of
 * its own that was killed, at once and under a new token, which refuses the steps of the old one.
 */
export async function claimWriter(
  db: Queryable,
  userId: number,
  holder: string,
): Promise<WriterLease | null> {
  const token = randomUUID();
  const { rowCount } = await db.query(
    `INSERT INTO playlist_writers AS w (user_id, token, holder, leased_until)
     VALUES ($1, $2, $3, clock_timestamp() + ${LEASE})
     ON CONFLICT (user_id) DO UPDATE
        SET token = excluded.token, holder = excluded.holder, leased_until = excluded.leased_until
      WHERE w.leased_until < clock_timestamp() OR w.holder = excluded.holder`,
    [userId, token, holder],
  );
  return rowCount === 1 ? { userId, token } : null;
}

/** @throws WriterLeaseLost */
export async function renewWriter(db: Queryable, lease: WriterLease): Promise<void> {
  await whileHolding(db, lease, 'SELECT FROM held', []);
}

/**
 * Renews the lease and carries a statement out, at once or not at all. The statement takes its rows `FROM
 * held`, which is empty when the lease is lost, and its own values from $3 on.
 *
 * @throws WriterLeaseLost
 */
export async function whileHolding(
  db: Queryable,
  lease: WriterLease,
  statement: string,
  values: readonly unknown[],
): Promise<void> {
  const { rowCount } = await db.query(
    `WITH held AS (
       UPDATE playlist_writers SET leased_until = clock_timestamp() + ${LEASE}
        WHERE user_id = $1 AND token = $2 RETURNING user_id)
     ${statement}`,
    [lease.userId, lease.token, ...values],
  );
  if (rowCount === 0) throw new WriterLeaseLost('somebody else writes playlists of this listener');
}

export async function releaseWriter(db: Queryable, lease: WriterLease): Promise<void> {
  await db.query('DELETE FROM playlist_writers WHERE user_id = $1 AND token = $2', [
    lease.userId,
    lease.token,
  ]);
}
