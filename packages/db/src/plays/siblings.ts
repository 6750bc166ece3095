import type { Transaction } from '../client.ts';

/**
 * For tracks of a batch, the other ids under which this listener may have played a track of the same
 * name by the same artist. Only where some source tells tracks by name can the same listen stand under
 * another id, so most listeners have none.
 *
 * @param named this batch comes from such a source; that is remembered.
 */
export async function siblingsOf(
  tx: Transaction,
  userId: number,
  trackIds: readonly number[],
  named: boolean,
): Promise<Map<number, number[]>> {
  if (named) {
    await tx.query(
      `INSERT INTO history_states AS h (user_id, named) VALUES ($1, true)
       ON CONFLICT (user_id) DO UPDATE SET named = true WHERE NOT h.named`,
      [userId],
    );
  } else {
    const { rows } = await tx.query('SELECT 1 FROM history_states WHERE user_id = $1 AND named', [userId]);
    if (rows.length === 0) return new Map();
  }
  const { rows } = await tx.query<{ id: number; siblings: number[] }>(
    `SELECT t.id, array_agg(s.id) AS siblings FROM tracks t
       JOIN tracks s ON s.name_key = t.name_key AND s.artist_key = t.artist_key AND s.id <> t.id
      WHERE t.id = ANY($1::int[])
        AND EXISTS (SELECT 1 FROM plays p WHERE p.user_id = $2 AND p.track_id = s.id)
      GROUP BY t.id`,
    [[...new Set(trackIds)], userId],
  );
  return new Map(rows.map((row) => [row.id, row.siblings]));
}
