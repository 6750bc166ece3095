import { mkdir, readFile, writeFile } from 'node:fs/promises';
import pg from 'pg';
import { MIGRATIONS_PATH, readMigrations } from './migration-files.ts';
import { withMigrationLock } from './migration-lock.ts';
import { keepPartitions } from './partition-plays.ts';
import { MIGRATOR_NAME, SCHEMA_PATH, TablesInUse, withSchemaEngine } from './schema-engine.ts';

export { type Finding, unexcused } from './expand-only.ts';
export { withMigrationLock } from './migration-lock.ts';
export { keepPartitions, type Partitioning, partitionPlays } from './partition-plays.ts';
export { MIGRATOR_NAME };

const EVERYTHING = { externalTables: [], externalEnums: [] };

/**
 * Applies the migrations that a database lacks, as `prisma migrate deploy` does, and keeps the same
 * history (`_prisma_migrations`). Answers the names of those applied. Several processes may call it
 * at once: one applies, the others wait and find nothing left to do. Where a table that a migration
 * changes is in use, it waits for it in short turns, between which everybody else gets on.
 *
 * @throws when a migration fails, when one that was applied has changed since, or when its tables
 * stayed in use for minutes.
 */
export function migrateDeploy(databaseUrl: string): Promise<string[]> {
  return withMigrationLock(databaseUrl, async () => {
    const applied = await applyMigrations(databaseUrl);
    await keepPartitions(databaseUrl, new Date());
    await speakUtc(databaseUrl);
    return applied;
  });
}

/**
 * Sessions of this database speak UTC even where they cannot say so themselves, as through a pooler. Only its owner
 * may arrange that; for anybody else an administrator has to.
 */
async function speakUtc(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: MIGRATOR_NAME });
  await client.connect();
  try {
    const { rows } = await client.query<{ statement: string }>(
      `SELECT format('ALTER DATABASE %I SET TimeZone TO %L', d.datname, 'UTC') AS statement
         FROM pg_database d LEFT JOIN pg_db_role_setting s ON s.setdatabase = d.oid AND s.setrole = 0
        WHERE d.datname = current_database() AND pg_has_role(d.datdba, 'USAGE')
          AND NOT coalesce('TimeZone=UTC' = ANY (s.setconfig), false)`,
    );
    for (const { statement } of rows) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** How often a migration tries for its tables, and for how long: everybody else waits for them too meanwhile. */
const LOCK_TURNS = 30;
const LOCK_TIMEOUT_MS = 3_000;
const LOCK_PAUSE_MS = 2_000;

export interface ApplyOptions {
  /** The newest migration to apply; all of them unless told. */
  readonly upTo?: string;
  readonly lockTimeoutMs?: number;
  readonly lockPauseMs?: number;
}

/** The part of {@link migrateDeploy} under the lock, which the caller holds. */
export async function applyMigrations(databaseUrl: string, options: ApplyOptions = {}): Promise<string[]> {
  const all = await readMigrations();
  const { upTo } = options;
  if (upTo !== undefined && !all.migrationDirectories.some((one) => one.path === upTo))
    throw new RangeError(`There is no migration ${upTo}.`);
  const migrationsList = {
    ...all,
    migrationDirectories: all.migrationDirectories.filter((one) => upTo === undefined || one.path <= upTo),
  };
  const before = new Set(await recordedMigrations(databaseUrl, 'finished'));
  for (let turn = 1; ; turn += 1) {
    try {
      await withSchemaEngine(
        databaseUrl,
        async (engine) => {
          // Each script is one transaction: what did not finish left nothing behind, and may begin again.
          for (const migrationName of await recordedMigrations(databaseUrl, 'unfinished'))
            await engine.markMigrationRolledBack({ migrationName });
          await engine.applyMigrations({ migrationsList, filters: EVERYTHING });
        },
        options.lockTimeoutMs ?? LOCK_TIMEOUT_MS,
      );
      return (await recordedMigrations(databaseUrl, 'finished')).filter((name) => !before.has(name));
    } catch (error) {
      if (!(error instanceof TablesInUse) || turn === LOCK_TURNS) throw error;
      await new Promise((resolve) => setTimeout(resolve, options.lockPauseMs ?? LOCK_PAUSE_MS));
    }
  }
}

/** The names of all migrations that this version has, oldest first. */
export async function knownMigrations(): Promise<string[]> {
  return (await readMigrations()).migrationDirectories.map((one) => one.path);
}

/** The names that the history has of migrations that are done, or that were begun and not ended. */
async function recordedMigrations(databaseUrl: string, state: 'finished' | 'unfinished'): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: MIGRATOR_NAME });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ there: boolean }>(
      "SELECT to_regclass('_prisma_migrations') IS NOT NULL AS there",
    );
    if (!tables[0]?.there) return [];
    const { rows } = await client.query<{ name: string }>(
      `SELECT migration_name AS name FROM _prisma_migrations
        WHERE rolled_back_at IS NULL AND (finished_at IS NOT NULL) = $1 ORDER BY migration_name`,
      [state === 'finished'],
    );
    return rows.map((row) => row.name);
  } finally {
    await client.end();
  }
}

/** The names of the migrations on disk that a database lacks; for readiness. */
export async function pendingMigrations(databaseUrl: string): Promise<string[]> {
  const done = new Set(await recordedMigrations(databaseUrl, 'finished'));
  return (await knownMigrations()).filter((name) => !done.has(name));
}

/**
 * Writes `migrations/<UTC timestamp>_<name>/` with `migration.sql`, what it takes to come from the schema
 * of the newest migration to schema.prisma, and a copy of that schema for the next time. Answers the
 * SQL file's place, or null when nothing changed.
 *
 * @param serverUrl any database; the engine wants a connection, but nothing is read or changed there.
 * @throws RangeError when the name is not made of lower case letters, digits, `-` and `_`.
 */
export async function migrateNew(name: string, serverUrl: string, now: Date): Promise<URL | null> {
  if (!/^[a-z0-9][a-z0-9_-]{0,60}$/.test(name)) {
    throw new RangeError(`"${name}" is no name for a migration: use lower case letters, digits, "-" and "_"`);
  }
  const { migrationDirectories } = await readMigrations();
  const newest = migrationDirectories.at(-1);
  const schema = await readFile(SCHEMA_PATH, 'utf8');
  const schemaFile = (content: string) => ({
    tag: 'schemaDatamodel' as const,
    files: [{ path: 'schema.prisma', content }],
  });
  const from = newest
    ? schemaFile(await readFile(new URL(`${newest.path}/schema.prisma`, MIGRATIONS_PATH), 'utf8'))
    : { tag: 'empty' as const };
  const { stdout: sql } = await withSchemaEngine(serverUrl, (engine) =>
    engine.diff({ from, to: schemaFile(schema), script: true, exitCode: null, filters: EVERYTHING }),
  );
  if (!sql || sql.includes('This is an empty migration')) return null;
  const stamp = now.toISOString().replace(/\D/g, '').slice(0, 14);
  const folder = new URL(`${stamp}_${name}/`, MIGRATIONS_PATH);
  await mkdir(folder);
  await writeFile(new URL('schema.prisma', folder), schema);
  const file = new URL('migration.sql', folder);
  await writeFile(file, sql);
  return file;
}
