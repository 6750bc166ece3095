import pg from 'pg';
import { withMigrationLock } from './migration-lock.ts';
import { MIGRATOR_NAME } from './schema-engine.ts';

/** Years that get a partition of their own behind this one, at most; what is older shares one. */
const YEARS_BACK = 10;
/** Years that get theirs in advance. */
const YEARS_AHEAD = 2;
/** Holds what no partition is made for yet. */
const REST = 'plays_rest';

const startOf = (year: number): string => `'${year}-01-01 00:00:00+00'`;

export interface Partitioning {
  /** False when the table was partitioned before. */
  readonly converted: boolean;
  /** Names of all partitions, the oldest first. */
  readonly partitions: readonly string[];
}

/**
 * Divides `plays` by the year in which they began (UTC). No query changes: the key has the time in it, and so has
 * every index. Everybody else waits while the rows move, some ten seconds for a million. Running it again, or
 * later, makes the partitions of the years to come.
 */
export function partitionPlays(databaseUrl: string, now: Date): Promise<Partitioning> {
  return withMigrationLock(databaseUrl, () =>
    inTransaction(databaseUrl, async (client) => {
      await client.query('LOCK TABLE plays IN ACCESS EXCLUSIVE MODE');
      const converted = !(await isPartitioned(client));
      if (converted) await convert(client, now);
      else await addYears(client, now);
      await client.query('ANALYZE plays');
      return { converted, partitions: await partitionNames(client) };
    }),
  );
}

/**
 * Makes the partitions of the years to come, where plays are partitioned; nothing waits for it but other changes of
 * the schema, whose lock the caller holds.
 */
export async function keepPartitions(databaseUrl: string, now: Date): Promise<void> {
  await inTransaction(databaseUrl, async (client) => {
    if (await isPartitioned(client)) await addYears(client, now);
  });
}

async function inTransaction<T>(databaseUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: MIGRATOR_NAME });
  await client.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } finally {
    // Ends the transaction too, when something failed.
    await client.end();
  }
}

async function addYears(client: pg.Client, now: Date): Promise<void> {
  const years = (await partitionNames(client)).flatMap((name) => /^plays_(\d{4})$/.exec(name)?.[1] ?? []);
  const last = now.getUTCFullYear() + YEARS_AHEAD;
  for (let year = Math.max(...years.map(Number)) + 1; year <= last; year += 1) await addYear(client, year);
}

async function isPartitioned(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ kind: string }>(
    `SELECT relkind AS kind FROM pg_class WHERE oid = to_regclass('plays')`,
  );
  return rows[0]?.kind === 'p';
}

async function partitionNames(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = 'plays'::regclass ORDER BY c.relname`,
  );
  return rows.map((row) => row.name);
}

/** Statements that make again what hangs on the table, under the same names. */
async function belongings(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ statement: string }>(
    `SELECT format('ALTER TABLE plays ADD CONSTRAINT %I %s', conname, pg_get_constraintdef(oid)) AS statement, 1 AS step
       FROM pg_constraint WHERE conrelid = 'plays'::regclass AND contype IN ('p', 'u', 'c', 'f')
      UNION ALL
     SELECT pg_get_indexdef(i.indexrelid), 2 FROM pg_index i
      WHERE i.indrelid = 'plays'::regclass AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid)
      UNION ALL
     SELECT pg_get_statisticsobjdef(oid), 3 FROM pg_statistic_ext WHERE stxrelid = 'plays'::regclass
      ORDER BY step`,
  );
  return rows.map((row) => row.statement);
}

async function convert(client: pg.Client, now: Date): Promise<void> {
  const statements = await belongings(client);
  await client.query('ALTER TABLE plays RENAME TO plays_before');
  await client.query(
    'CREATE TABLE plays (LIKE plays_before INCLUDING DEFAULTS INCLUDING STORAGE) PARTITION BY RANGE (played_at)',
  );
  const { rows } = await client.query<{ year: number | null }>(
    `SELECT extract(year FROM min(played_at) AT TIME ZONE 'UTC')::int AS year FROM plays_before`,
  );
  const thisYear = now.getUTCFullYear();
  const first = Math.max(Math.min(rows[0]?.year ?? thisYear, thisYear), thisYear - YEARS_BACK);
  await client.query(
    `CREATE TABLE plays_earlier PARTITION OF plays FOR VALUES FROM (MINVALUE) TO (${startOf(first)})`,
  );
  for (let year = first; year <= thisYear + YEARS_AHEAD; year += 1) {
    await client.query(
      `CREATE TABLE plays_${year} PARTITION OF plays FOR VALUES FROM (${startOf(year)}) TO (${startOf(year + 1)})`,
    );
  }
  await client.query(`CREATE TABLE ${REST} PARTITION OF plays DEFAULT`);
  await client.query('INSERT INTO plays SELECT * FROM plays_before ORDER BY user_id, played_at, track_id');
  // With it go the names that the keys and indexes take again.
  await client.query('DROP TABLE plays_before');
  for (const statement of statements) await client.query(statement);
  for (const name of await partitionNames(client)) await addStatistics(client, name);
}

/** Rows of that year which came before their partition move into it. */
async function addYear(client: pg.Client, year: number): Promise<void> {
  const name = `plays_${year}`;
  await client.query(`CREATE TABLE ${name} (LIKE plays INCLUDING DEFAULTS INCLUDING CONSTRAINTS)`);
  await client.query(
    `WITH moved AS (DELETE FROM ${REST} WHERE played_at >= ${startOf(year)} AND played_at < ${startOf(year + 1)} RETURNING *)
     INSERT INTO ${name} SELECT * FROM moved`,
  );
  await client.query(
    `ALTER TABLE plays ATTACH PARTITION ${name} FOR VALUES FROM (${startOf(year)}) TO (${startOf(year + 1)})`,
  );
  await addStatistics(client, name);
}

/** Those of the whole table say nothing to a plan that reads one partition. */
async function addStatistics(client: pg.Client, partition: string): Promise<void> {
  const { rows } = await client.query<{ name: string; expressions: string }>(
    `SELECT stxname AS name, substring(pg_get_statisticsobjdef(oid) FROM ' ON (.*) FROM ') AS expressions
       FROM pg_statistic_ext WHERE stxrelid = 'plays'::regclass`,
  );
  for (const { name, expressions } of rows)
    await client.query(`CREATE STATISTICS ${name}_${partition} ON ${expressions} FROM ${partition}`);
}
