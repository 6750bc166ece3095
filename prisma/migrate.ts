import { mkdir, readFile, writeFile } from 'node:fs/promises';
import pg from 'pg';
import { MIGRATIONS_PATH, readMigrations } from './migration-files.ts';
import { SCHEMA_PATH, withSchemaEngine } from './schema-engine.ts';

const EVERYTHING = { externalTables: [], externalEnums: [] };

/**
 * Applies the migrations that a database lacks, as `prisma migrate deploy` does, and keeps the same
 * history (`_prisma_migrations`). Answers the names of those applied. Several processes may call it
 * at once: one applies, the others wait and find nothing left to do.
 *
 * @throws when a migration fails, or when one that was applied has changed since.
 */
export async function migrateDeploy(databaseUrl: string): Promise<string[]> {
  const lock = new pg.Client({ connectionString: databaseUrl });
  await lock.connect();
  try {
    await lock.query("SELECT pg_advisory_lock(hashtext('spindle-migrate'))");
    const migrationsList = await readMigrations();
    return await withSchemaEngine(databaseUrl, async (engine) => {
      const applied = await engine.applyMigrations({ migrationsList, filters: EVERYTHING });
      return applied.appliedMigrationNames;
    });
  } finally {
    await lock.end();
  }
}

/** The names of the migrations on disk that a database lacks; for readiness. */
export async function pendingMigrations(databaseUrl: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ migration_name: string }>(
      `SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`,
    );
    const done = new Set(rows.map((row) => row.migration_name));
    return (await readMigrations()).migrationDirectories
      .map((one) => one.path)
      .filter((name) => !done.has(name));
  } finally {
    await client.end();
  }
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
