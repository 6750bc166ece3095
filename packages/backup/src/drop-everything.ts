import { type Connection, quoted } from './catalogue.ts';

const NOT_OF_EXTENSION = (catalogue: string, oid: string) =>
  `NOT EXISTS (SELECT 1 FROM pg_depend WHERE classid = '${catalogue}'::regclass AND objid = ${oid} AND deptype = 'e')`;

/**
 * Drops every table, view, sequence, type and function of the schema `public`, but not the schema with its grants,
 * nor what belongs to an extension. Call it in a transaction.
 */
export async function dropEverything(connection: Connection): Promise<void> {
  const relations = await connection.query<{ name: string; kind: string }>(
    `SELECT relname AS name, relkind AS kind FROM pg_class c
      WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
        AND ${NOT_OF_EXTENSION('pg_class', 'c.oid')}`,
  );
  const word: Record<string, string> = {
    r: 'TABLE',
    p: 'TABLE',
    f: 'FOREIGN TABLE',
    v: 'VIEW',
    m: 'MATERIALIZED VIEW',
    S: 'SEQUENCE',
  };
  // Sequences go with their tables, partitions with theirs: hence IF EXISTS.
  for (const { name, kind } of relations.rows)
    await connection.query(`DROP ${word[kind]} IF EXISTS public.${quoted(name)} CASCADE`);
  const types = await connection.query<{ name: string }>(
    `SELECT typname AS name FROM pg_type t
      WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd') AND ${NOT_OF_EXTENSION('pg_type', 't.oid')}`,
  );
  for (const { name } of types.rows)
    await connection.query(`DROP TYPE IF EXISTS public.${quoted(name)} CASCADE`);
  const functions = await connection.query<{ signature: string }>(
    `SELECT oid::regprocedure::text AS signature FROM pg_proc p
      WHERE pronamespace = 'public'::regnamespace AND ${NOT_OF_EXTENSION('pg_proc', 'p.oid')}`,
  );
  for (const { signature } of functions.rows)
    await connection.query(`DROP ROUTINE IF EXISTS ${signature} CASCADE`);
}
