import pg from 'pg';

export interface ColumnShape {
  readonly type: string;
  readonly required: boolean;
  readonly hasDefault: boolean;
}

/** What code that was written for a schema relies on. */
export interface SchemaShape {
  /** By `table.column`. */
  readonly columns: ReadonlyMap<string, ColumnShape>;
  /** Labels by the name of their enum. */
  readonly enums: ReadonlyMap<string, readonly string[]>;
}

export async function readShape(url: string): Promise<SchemaShape> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const columns = await client.query<{ name: string } & ColumnShape>(
      `SELECT c.relname || '.' || a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
              a.attnotnull AS required, a.atthasdef AS "hasDefault"
         FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
          AND a.attnum > 0 AND NOT a.attisdropped`,
    );
    const enums = await client.query<{ name: string; labels: string[] }>(
      `SELECT t.typname AS name, array_agg(e.enumlabel::text ORDER BY e.enumsortorder) AS labels
         FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid GROUP BY 1`,
    );
    return {
      columns: new Map(columns.rows.map(({ name, ...shape }) => [name, shape])),
      enums: new Map(enums.rows.map((row) => [row.name, row.labels])),
    };
  } finally {
    await client.end();
  }
}

/** What of `before` code that knows only it would miss in `after`, in words. */
export function missedBy(before: SchemaShape, after: SchemaShape): string[] {
  const missed: string[] = [];
  for (const [name, old] of before.columns) {
    const now = after.columns.get(name);
    if (!now) missed.push(`${name} is gone`);
    else if (now.type !== old.type) missed.push(`${name} was ${old.type} and is ${now.type}`);
    else if (now.required && !old.required) missed.push(`${name} may no longer be null`);
    else if (now.required && old.hasDefault && !now.hasDefault) missed.push(`${name} lost its default`);
    else if (!now.required && old.required)
      missed.push(`${name} may be null, which old code does not expect`);
  }
  const tablesBefore = new Set([...before.columns.keys()].map((name) => name.split('.')[0]));
  for (const [name, now] of after.columns) {
    if (before.columns.has(name) || !tablesBefore.has(name.split('.')[0])) continue;
    if (now.required && !now.hasDefault) missed.push(`${name} is new, required and without a default`);
  }
  for (const [name, labels] of before.enums) {
    const now = after.enums.get(name) ?? [];
    for (const label of labels) if (!now.includes(label)) missed.push(`${name} lost '${label}'`);
  }
  return missed;
}
