import type { Database, Queryable, Transaction } from '../client.ts';

/** How far the rollups of a listener are behind the plays. */
export const STALE = {
  /** They are right. */
  no: 0,
  /** Artists, albums or lengths of some tracks became known after they were counted. */
  catalogue: 1,
  /** They wait for a recount and are not kept in step until then. */
  all: 2,
} as const;
export type Staleness = (typeof STALE)[keyof typeof STALE];

export interface HistoryState {
  /** Grows with every change; what was computed from the history is good until then. */
  readonly version: string;
  readonly stale: Staleness;
  readonly countedAt: Date | null;
}

/** Notes that a listener's plays change. Answers how stale the rollups are. Call under the history lock. */
export async function bumpHistory(tx: Transaction, userId: number): Promise<Staleness> {
  const { rows } = await tx.query<{ stale: Staleness }>(
    `INSERT INTO history_states AS h (user_id) VALUES ($1)
     ON CONFLICT (user_id) DO UPDATE SET version = h.version + 1 RETURNING stale`,
    [userId],
  );
  return rows[0]?.stale ?? STALE.no;
}

/**
 * Asks for a recount. With {@link STALE}.all the rollups are left as they are until it is done, so
 * figures stay consistent, only old. Call under the history lock.
 */
export async function markStale(
  tx: Transaction,
  userId: number,
  level: Staleness,
  now: Date | null = null,
): Promise<void> {
  await tx.query(
    `INSERT INTO history_states AS h (user_id, stale, stale_since) VALUES ($1, $2, coalesce($3::timestamptz, now()))
     ON CONFLICT (user_id) DO UPDATE
        SET version = h.version + 1, stale = greatest(h.stale, excluded.stale),
            stale_since = coalesce(h.stale_since, excluded.stale_since)`,
    [userId, level, now],
  );
}

export async function loadHistoryState(db: Queryable, userId: number): Promise<HistoryState> {
  const { rows } = await db.query<{ version: string; stale: Staleness; counted_at: Date | null }>(
    'SELECT version, stale, counted_at FROM history_states WHERE user_id = $1',
    [userId],
  );
  const [row] = rows;
  return { version: row?.version ?? '0', stale: row?.stale ?? STALE.no, countedAt: row?.counted_at ?? null };
}

/** Notes that artists, album or length of tracks are not what they were when plays of them were counted. */
export async function noteCatalogueChange(
  tx: Transaction,
  trackIds: readonly number[],
  now: Date,
): Promise<void> {
  if (trackIds.length === 0) return;
  await tx.query('INSERT INTO catalogue_changes (track_id, changed_at) SELECT unnest($1::int[]), $2', [
    trackIds,
    now,
  ]);
}

/** Marks the listeners whom changes of the catalogue concern, and forgets the changes. */
export async function sweepCatalogueChanges(db: Database, now: Date): Promise<void> {
  await db.transaction(async (tx) => {
    const { rows } = await tx.query<{ track_id: number }>('DELETE FROM catalogue_changes RETURNING track_id');
    const trackIds = [...new Set(rows.map((row) => row.track_id))];
    if (trackIds.length === 0) return;
    // In the order of ids, as every writer of several rows here.
    const { rows: concerned } = await tx.query<{ user_id: number }>(
      `SELECT h.user_id FROM history_states h
        WHERE EXISTS (SELECT 1 FROM plays p WHERE p.user_id = h.user_id AND p.track_id = ANY($1::int[]))
           OR EXISTS (SELECT 1 FROM track_merges m WHERE m.user_id = h.user_id AND m.root_id = ANY($1::int[]))
        ORDER BY h.user_id`,
      [trackIds],
    );
    for (const { user_id: userId } of concerned) await markStale(tx, userId, STALE.catalogue, now);
  });
}

/**
 * Listeners who wait for a recount: those whose rollups are out of step at once, those whom only the
 * catalogue concerns when they have waited since `catalogueBefore` (details of an import arrive for
 * hours). Whose import is running is left to it: it ends with a recount.
 */
export async function listStale(db: Database, catalogueBefore: Date): Promise<number[]> {
  const { rows } = await db.pool.query<{ user_id: number }>(
    `SELECT h.user_id FROM history_states h JOIN users u ON u.id = h.user_id AND u.erasing_at IS NULL
      WHERE (h.stale = ${STALE.all} OR (h.stale = ${STALE.catalogue} AND h.stale_since <= $1))
        AND NOT EXISTS (SELECT 1 FROM imports i WHERE i.user_id = h.user_id AND i.status = 'running')
      ORDER BY h.stale DESC, h.stale_since`,
    [catalogueBefore],
  );
  return rows.map((row) => row.user_id);
}
