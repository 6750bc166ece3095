import type { Database } from '@spindle/db';

/** When something was last used, and stamps of caches: what changes by being asked. */
const NOTES: Readonly<Record<string, readonly string[]>> = {
  api_tokens: ['last_used_at'],
  history_states: ['version'],
};

/**
 * A fingerprint of the rows of every table, by its name.
 *
 * @param ownerId only rows of this user
 */
export async function storedState(
  { pool }: Database,
  ownerId?: number,
): Promise<ReadonlyMap<string, string>> {
  const { rows: tables } = await pool.query<{ name: string; has_owner: boolean }>(
    `SELECT c.relname AS name, EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid
                                          AND a.attname = 'user_id' AND NOT a.attisdropped) AS has_owner
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1`,
  );
  const parts = tables
    .filter((table) => ownerId === undefined || table.has_owner || table.name === 'users')
    .map(({ name }) => {
      const left = (NOTES[name] ?? []).map((column) => ` - '${column}'`).join('');
      const owner = name === 'users' ? 'id' : 'user_id';
      const whose = ownerId === undefined ? '' : ` WHERE t.${owner} = ${ownerId}`;
      return `SELECT '${name}' AS name,
        md5(coalesce(string_agg(row, E'\\n' ORDER BY row), '')) AS state
        FROM (SELECT (to_jsonb(t)${left})::text AS row FROM "${name}" t${whose}) rows`;
    });
  const { rows } = await pool.query<{ name: string; state: string }>(parts.join(' UNION ALL '));
  return new Map(rows.map(({ name, state }) => [name, state]));
}

/** Names of the tables that differ. */
export function changedTables(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): string[] {
  return [...after].filter(([name, state]) => before.get(name) !== state).map(([name]) => name);
}
