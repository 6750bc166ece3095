import type { Transaction } from '../client.ts';

/**
 * Merges of tracks and aliases of artists are links `id → into`. What counts is where a chain of them
 * ends: after a→b and b→c both count as c, and when b→c is taken back, a counts as b again.
 */

/** Where links of one sort are kept. */
export interface LinkTable {
  readonly table: 'track_merges' | 'artist_aliases';
  readonly column: 'track_id' | 'artist_id';
}
export const TRACK_MERGES: LinkTable = { table: 'track_merges', column: 'track_id' };
export const ARTIST_ALIASES: LinkTable = { table: 'artist_aliases', column: 'artist_id' };

/** One link as its listener said it, by row ids. */
export interface Link {
  readonly id: number;
  readonly intoId: number;
}

/** Where the chain from `id` ends; `id` itself when nothing leads on. Null: it goes round in a circle. */
export function rootOf(links: ReadonlyMap<number, number>, id: number): number | null {
  const passed = new Set<number>();
  for (let at = id; ; ) {
    if (passed.has(at)) return null;
    passed.add(at);
    const next = links.get(at);
    if (next === undefined) return at;
    at = next;
  }
}

interface LinkRow {
  id: number;
  into_id: number;
  root_id: number;
}

async function loadLinks(tx: Transaction, { table, column }: LinkTable, userId: number): Promise<LinkRow[]> {
  const { rows } = await tx.query<LinkRow>(
    `SELECT ${column} AS id, into_id, root_id FROM ${table} WHERE user_id = $1`,
    [userId],
  );
  return rows;
}

/** Writes the roots that are no longer what they were. */
async function refreshRoots(
  tx: Transaction,
  { table, column }: LinkTable,
  userId: number,
  rows: readonly LinkRow[],
): Promise<void> {
  const links = new Map(rows.map((row) => [row.id, row.into_id]));
  const changed = rows.flatMap(({ id, root_id: before }) => {
    const root = rootOf(links, id);
    if (root === null) throw new Error(`${table} of listener ${userId} go round in a circle from ${id}`);
    return root === before ? [] : [{ id, root }];
  });
  await tx.query(
    `UPDATE ${table} l SET root_id = c.root FROM unnest($2::int[], $3::int[]) AS c (id, root)
      WHERE l.user_id = $1 AND l.${column} = c.id`,
    [userId, changed.map((one) => one.id), changed.map((one) => one.root)],
  );
}

/**
 * Adds links, or turns those that lead elsewhere. Call under the history lock.
 *
 * @returns `changed`: links that were not there just so. `circle`: the id whose link would lead back to
 *   itself; then nothing was written.
 */
export async function addLinks(
  tx: Transaction,
  where: LinkTable,
  userId: number,
  wanted: readonly Link[],
  now: Date,
): Promise<{ readonly changed: number } | { readonly circle: number }> {
  const known = await loadLinks(tx, where, userId);
  const links = new Map(known.map((row) => [row.id, row.into_id]));
  const changed = wanted.filter((link) => links.get(link.id) !== link.intoId);
  for (const link of changed) links.set(link.id, link.intoId);
  const circle = wanted.find((link) => rootOf(links, link.id) === null);
  if (circle) return { circle: circle.id };
  if (changed.length === 0) return { changed: 0 };
  const { table, column } = where;
  await tx.query(
    `INSERT INTO ${table} AS l (user_id, ${column}, into_id, root_id, created_at)
     SELECT $1, n.id, n.into_id, n.root_id, $5 FROM unnest($2::int[], $3::int[], $4::int[]) AS n (id, into_id, root_id)
     ON CONFLICT (user_id, ${column}) DO UPDATE
        SET into_id = excluded.into_id, root_id = excluded.root_id, created_at = excluded.created_at`,
    [
      userId,
      changed.map((link) => link.id),
      changed.map((link) => link.intoId),
      changed.map((link) => rootOf(links, link.id)),
      now,
    ],
  );
  await refreshRoots(tx, where, userId, await loadLinks(tx, where, userId));
  return { changed: changed.length };
}

/** Takes one link away. Call under the history lock. @returns false when there is none. */
export async function removeLink(
  tx: Transaction,
  where: LinkTable,
  userId: number,
  id: number,
): Promise<boolean> {
  const { table, column } = where;
  const { rowCount } = await tx.query(`DELETE FROM ${table} WHERE user_id = $1 AND ${column} = $2`, [
    userId,
    id,
  ]);
  if (rowCount !== 1) return false;
  await refreshRoots(tx, where, userId, await loadLinks(tx, where, userId));
  return true;
}

/** Links among `ids` (all unless told), newest first. */
export async function listLinks(
  tx: Pick<Transaction, 'query'>,
  { table, column }: LinkTable,
  userId: number,
  ids?: readonly number[],
): Promise<{ id: number; into_id: number; created_at: Date }[]> {
  const { rows } = await tx.query<{ id: number; into_id: number; created_at: Date }>(
    `SELECT ${column} AS id, into_id, created_at FROM ${table}
      WHERE user_id = $1 AND ($2::int[] IS NULL OR ${column} = ANY($2::int[])) ORDER BY created_at DESC, ${column}`,
    [userId, ids ?? null],
  );
  return rows;
}
