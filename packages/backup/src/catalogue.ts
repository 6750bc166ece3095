import pg from 'pg';

/** A connection, in or out of a transaction. */
export type Connection = Pick<pg.Client, 'query'>;

export interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  /** What puts the rows into one order on every server: the primary key, texts by their bytes. */
  readonly order: readonly string[];
}

/** An empty schema that is there while a restore is under way: `requireMigrations` (@spindle/db) looks for it. */
export const RESTORE_MARK = 'spindle_restore';

export const quoted = (name: string): string => pg.escapeIdentifier(name);

/** Every table of the schema but the migrations' own, by name; a partitioned one counts once. */
export async function readTables(connection: Connection): Promise<Table[]> {
  const { rows } = await connection.query<{ name: string; columns: string[]; order: string[] | null }>(
    `SELECT c.relname AS name,
            (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns,
            (SELECT array_agg(quote_ident(a.attname) || CASE WHEN a.attcollation = 0 THEN '' ELSE ' COLLATE "C"' END
                              ORDER BY k.place)
               FROM pg_index i, unnest(i.indkey) WITH ORDINALITY AS k (attnum, place), pg_attribute a
              WHERE i.indrelid = c.oid AND i.indisprimary AND a.attrelid = c.oid AND a.attnum = k.attnum) AS "order"
       FROM pg_class c
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        AND c.relname <> '_prisma_migrations'
      ORDER BY c.relname COLLATE "C"`,
  );
  return rows.map(({ name, columns, order }) => {
    if (!order) throw new Error(`The table ${name} has no primary key, so its rows have no order.`);
    return { name, columns, order };
  });
}

/** The statement that reads a table's rows in their one order, as fields of the text form of COPY. */
export function copyOut(table: Table): string {
  const columns = table.columns.map(quoted).join(', ');
  return `COPY (SELECT ${columns} FROM ${quoted(table.name)} ORDER BY ${table.order.join(', ')}) TO STDOUT`;
}

export function copyIn(table: { readonly name: string; readonly columns: readonly string[] }): string {
  return `COPY ${quoted(table.name)} (${table.columns.map(quoted).join(', ')}) FROM STDIN`;
}

/** Values have one text form whatever the server or the role is set to. Until the end of the transaction. */
export const PLAIN_FORMS =
  "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'postgres'; SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0";

/** Migrations that were applied, oldest first; null when the database never had any. */
export async function readMigrationHistory(connection: Connection): Promise<string[] | null> {
  const known = await connection.query<{ known: boolean }>(
    `SELECT to_regclass('public._prisma_migrations') IS NOT NULL AS known`,
  );
  if (!known.rows[0]?.known) return null;
  const { rows } = await connection.query<{ migration_name: string }>(
    `SELECT migration_name FROM _prisma_migrations
      WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY migration_name COLLATE "C"`,
  );
  return rows.map((row) => row.migration_name);
}

/** The names of all sequences of the schema. */
export async function readSequences(connection: Connection): Promise<string[]> {
  const { rows } = await connection.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class
      WHERE relnamespace = 'public'::regnamespace AND relkind = 'S' ORDER BY relname COLLATE "C"`,
  );
  return rows.map((row) => row.name);
}

/** Foreign keys of the schema, each with the statement that makes it. Those of partitions follow their table's. */
export async function readForeignKeys(
  connection: Connection,
): Promise<{ readonly table: string; readonly name: string; readonly definition: string }[]> {
  const { rows } = await connection.query<{ table: string; name: string; definition: string }>(
    `SELECT c.relname AS "table", k.conname AS name, pg_get_constraintdef(k.oid) AS definition
       FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
      WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace AND k.conparentid = 0
      ORDER BY c.relname, k.conname`,
  );
  return rows;
}

/** Indexes that stand for themselves, not for a key, each with the statement that makes it. */
export async function readIndexes(
  connection: Connection,
): Promise<{ readonly name: string; readonly definition: string }[]> {
  const { rows } = await connection.query<{ name: string; definition: string }>(
    `SELECT c.relname AS name, pg_get_indexdef(i.indexrelid) AS definition
       FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
      WHERE c.relnamespace = 'public'::regnamespace AND NOT c.relispartition
        AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
      ORDER BY c.relname`,
  );
  return rows;
}
