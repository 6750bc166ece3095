import pg from 'pg';

/** Rows a statement, as a careful hand-written loader would send them. */
const BATCH = 5_000;

const COLUMNS = [
  ['user_id', 'int'],
  ['played_at', 'timestamptz'],
  ['track_id', 'int'],
  ['ended_at', 'timestamptz'],
  ['ms_played', 'int'],
  ['context_id', 'int'],
  ['device_id', 'int'],
  ['import_id', 'int'],
  ['source', 'smallint'],
  ['seen_by', 'smallint'],
  ['flags', 'smallint'],
] as const;

/**
 * Stores the plays that are in `plays` once more by bare `INSERT … SELECT unnest`, into an empty table
 * with the same columns, checks, indexes and foreign keys. Answers the ms that took, without reading.
 *
 * @param connections that insert side by side
 */
export async function bareInsert(
  databaseUrl: string,
  connections = 1,
): Promise<{ rows: number; ms: number }> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const inserting = Array.from(
    { length: connections },
    () => new pg.Client({ connectionString: databaseUrl }),
  );
  await Promise.all(inserting.map((one) => one.connect()));
  try {
    await client.query('DROP TABLE IF EXISTS bare_plays');
    await client.query('CREATE TABLE bare_plays (LIKE plays INCLUDING ALL)');
    const { rows: keys } = await client.query<{ definition: string }>(
      `SELECT pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE conrelid = 'plays'::regclass AND contype = 'f'`,
    );
    for (const { definition } of keys) await client.query(`ALTER TABLE bare_plays ADD ${definition}`);
    const names = COLUMNS.map(([name]) => name);
    const { rows } = await client.query<unknown[]>({
      text: `SELECT ${COLUMNS.map(([name]) => `${name}::text`).join(', ')} FROM plays ORDER BY user_id, played_at`,
      rowMode: 'array',
    });
    const unnested = COLUMNS.map(([, type], index) => `$${index + 1}::${type}[]`).join(', ');
    const statement = `INSERT INTO bare_plays (${names.join(', ')}) SELECT * FROM unnest(${unnested})`;
    let next = 0;
    const startedAt = performance.now();
    await Promise.all(
      inserting.map(async (connection) => {
        while (next < rows.length) {
          const batch = rows.slice(next, next + BATCH);
          next += BATCH;
          await connection.query(
            statement,
            COLUMNS.map((_, index) => batch.map((row) => row[index])),
          );
        }
      }),
    );
    return { rows: rows.length, ms: performance.now() - startedAt };
  } finally {
    await Promise.all([client, ...inserting].map((one) => one.end()));
  }
}
