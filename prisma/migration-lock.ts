import pg from 'pg';
import { MIGRATOR_NAME } from './schema-engine.ts';

/** Runs `work` while nobody else migrates, backs up or restores this database. */
export async function withMigrationLock<T>(databaseUrl: string, work: () => Promise<T>): Promise<T> {
  const lock = new pg.Client({ connectionString: databaseUrl, application_name: MIGRATOR_NAME });
  await lock.connect();
  try {
    await lock.query("SELECT pg_advisory_lock(hashtext('spindle-migrate'))");
    return await work();
  } finally {
    await lock.end();
  }
}
