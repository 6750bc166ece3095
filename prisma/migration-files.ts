import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { MigrationList } from '@prisma/schema-engine-wasm/schema_engine_bg';

export const MIGRATIONS_PATH = new URL('./migrations/', import.meta.url);

/** The migrations as they lie on disk, oldest first, in the form that the schema engine takes. */
export async function readMigrations(): Promise<MigrationList> {
  const folders = (await readdir(MIGRATIONS_PATH, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  const lockfile = new URL('migration_lock.toml', MIGRATIONS_PATH);
  return {
    baseDir: fileURLToPath(MIGRATIONS_PATH).replace(/\/$/, ''),
    lockfile: {
      path: 'migration_lock.toml',
      content: existsSync(lockfile) ? await readFile(lockfile, 'utf8') : null,
    },
    shadowDbInitScript: '',
    migrationDirectories: await Promise.all(
      folders.map(async (path) => ({
        path,
        migrationFile: {
          path: 'migration.sql',
          content: {
            tag: 'ok' as const,
            value: await readFile(new URL(`${path}/migration.sql`, MIGRATIONS_PATH), 'utf8'),
          },
        },
      })),
    ),
  };
}
