import type { Database } from './client.ts';

/** The newest migration that this code was written for (a test compares it with prisma/migrations). */
export const LATEST_MIGRATION = '20261121173417_import-request-key';

/**
 * For readiness: the schema is at least as new as this code, and no restore of a backup is under way.
 *
 * @throws when that is not so.
 */
export async function requireMigrations(db: Database): Promise<void> {
  const { rows } = await db.pool.query<{ applied: boolean; restoring: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM _prisma_migrations
                     WHERE migration_name = $1 AND finished_at IS NOT NULL AND rolled_back_at IS NULL) AS applied,
            to_regnamespace('spindle_restore') IS NOT NULL AS restoring`,
    [LATEST_MIGRATION],
  );
  if (rows[0]?.restoring) throw new Error('a restore is under way, or was ended in the middle: run it again');
  if (!rows[0]?.applied) throw new Error(`the migration ${LATEST_MIGRATION} is not applied`);
}
