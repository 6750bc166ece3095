import pg from 'pg';

/** Makes the value of one column of the `row`th row (from 1). */
export type ColumnValue = (row: number) => unknown;

interface Column {
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[] | null;
  readonly place: number;
  readonly references: { readonly table: string; readonly column: string } | null;
  readonly has_sequence: boolean;
}

interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
}

const START = Date.parse('2026-01-01T00:00:00Z');
const HOUR_MS = 3_600_000;

/** What the checks of the schema ask for, as `table.column`. */
const KNOWN: Readonly<Record<string, ColumnValue>> = {
  'users.handle': (row) => `listener-${row}`,
  'users.time_zone': (row) => ['Europe/Berlin', 'UTC', 'Asia/Kolkata'][row % 3],
  'users.min_play_ms': () => 30_000,
  'users.erasing_at': () => null,
  'exclusion_rules.kind': () => 'artist',
  ...Object.fromEntries(
    ['context_id', 'device_id', 'from_hour', 'to_hour', 'from_at', 'to_at'].map((column) => [
      `exclusion_rules.${column}`,
      () => null,
    ]),
  ),
  'track_merges.root_id': (row) => 1_000 + row,
  'artist_aliases.root_id': (row) => 1_000 + row,
  'plays.flags': () => 0,
  'now_playing.kind': () => 'track',
};

/**
 * Puts `rows` rows into each table that has none, whatever the schema looks like: values by type and
 * column, references to rows that are there. For tests that must hold for every table, also for those to come.
 *
 * @param values what a column must hold instead, by `table.column`, such as what a check allows.
 * @throws when a table cannot be filled: then `values` lacks what its checks ask for.
 */
export async function fillTables(
  databaseUrl: string,
  options: {
    readonly rows?: number;
    readonly values?: Readonly<Record<string, ColumnValue>>;
    /** Tables to leave empty. */
    readonly except?: readonly string[];
  } = {},
): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, options: '-c TimeZone=UTC' });
  await client.connect();
  try {
    const values = { ...KNOWN, ...options.values };
    for (const table of parentsFirst(await readTables(client)))
      if (!options.except?.includes(table.name)) await fillTable(client, table, options.rows ?? 3, values);
  } finally {
    await client.end();
  }
}

async function readTables(client: pg.Client): Promise<Table[]> {
  const { rows } = await client.query<Column & { table: string }>(
    `SELECT c.relname AS "table", a.attname AS name, format_type(a.atttypid, NULL) AS type, a.attnum::int AS place,
            (SELECT array_agg(e.enumlabel::text ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = a.atttypid) AS labels,
            (SELECT jsonb_build_object('table', r.relname, 'column', ra.attname)
               FROM pg_constraint k JOIN pg_class r ON r.oid = k.confrelid
               JOIN pg_attribute ra ON ra.attrelid = r.oid AND ra.attnum = k.confkey[1]
              WHERE k.contype = 'f' AND k.conrelid = c.oid AND k.conkey = ARRAY[a.attnum] LIMIT 1) AS "references",
            pg_get_serial_sequence(quote_ident(c.relname), a.attname) IS NOT NULL AS has_sequence
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND c.relname NOT LIKE '\\_%'
      ORDER BY c.relname, a.attnum`,
  );
  const names = [...new Set(rows.map((row) => row.table))];
  return names.map((name) => ({ name, columns: rows.filter((row) => row.table === name) }));
}

function parentsFirst(tables: readonly Table[]): Table[] {
  const done: Table[] = [];
  let left = [...tables];
  while (left.length > 0) {
    const ready = left.filter((table) =>
      table.columns.every(
        ({ references }) =>
          !references || references.table === table.name || done.some((one) => one.name === references.table),
      ),
    );
    if (ready.length === 0)
      throw new Error(`${left.map((one) => one.name).join(', ')} refer to one another.`);
    done.push(...ready);
    left = left.filter((table) => !ready.includes(table));
  }
  return done;
}

async function fillTable(
  client: pg.Client,
  table: Table,
  rows: number,
  values: Readonly<Record<string, ColumnValue>>,
): Promise<void> {
  const name = pg.escapeIdentifier(table.name);
  if ((await client.query(`SELECT 1 FROM ${name} LIMIT 1`)).rowCount !== 0) return;
  const columns = table.columns.filter((one) => !one.has_sequence || values[`${table.name}.${one.name}`]);
  const parents = new Map<Column, unknown[]>();
  for (const column of columns) {
    const { references } = column;
    if (!references) continue;
    const { rows: found } = await client.query<{ id: unknown }>(
      `SELECT ${pg.escapeIdentifier(references.column)} AS id FROM ${pg.escapeIdentifier(references.table)} ORDER BY 1`,
    );
    parents.set(
      column,
      found.map((one) => one.id),
    );
  }
  for (let row = 1; row <= rows; row += 1) {
    const one = columns.map((column) => {
      const known = values[`${table.name}.${column.name}`];
      if (known) return known(row);
      const ids = parents.get(column);
      if (ids) return ids[(row + column.place) % ids.length] ?? null;
      return plainValue(column, row);
    });
    const names = columns.map((column) => pg.escapeIdentifier(column.name)).join(', ');
    const places = columns.map((column, index) => `$${index + 1}::${column.type}`).join(', ');
    try {
      await client.query(`INSERT INTO ${name} (${names}) VALUES (${places})`, one);
    } catch (error) {
      throw new Error(`${table.name} cannot be filled: ${(error as Error).message}`, { cause: error });
    }
  }
}

function plainValue(column: Column, row: number): unknown {
  const at = new Date(START + row * 24 * HOUR_MS + column.place * HOUR_MS);
  if (column.labels) return column.labels[row % column.labels.length];
  switch (column.type) {
    case 'smallint':
    case 'integer':
    case 'bigint':
    case 'numeric':
      return row;
    case 'double precision':
    case 'real':
      return row / 3;
    case 'boolean':
      return row % 2 === 0;
    case 'timestamp with time zone':
      return at.toISOString();
    case 'date':
      return at.toISOString().slice(0, 10);
    case 'jsonb':
      return JSON.stringify({ row, text: 'tab\there, "quotes", \\backslash, ünïcode ♫' });
    case 'bytea':
      return Buffer.from([row, 0, 10, 92, 255]);
    case 'uuid':
      return `00000000-0000-4000-8000-${String(row).padStart(12, '0')}`;
    case 'text':
      return `${column.name} ${row}\t\\N "ünïcode" ♫`;
    case 'text[]':
      return [`one ${row}`, 'a,b', '"', '\\', ''];
    case 'integer[]':
      return [row, row + 1];
    default:
      throw new Error(`What is a value of the type ${column.type} (${column.name})?`);
  }
}
