import type { SweepResult } from '@spindle/contracts';
import type { Database } from './client.ts';

export async function openSyncRun(db: Database, now: Date): Promise<number> {
  const run = await db.prisma.syncRun.create({ data: { startedAt: now }, select: { id: true } });
  return run.id;
}

/** Writes how a sweep ended; again after a repeated run it says the same. */
export async function closeSyncRun(
  db: Database,
  runId: number,
  result: SweepResult,
  now: Date,
): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query(
      `UPDATE sync_runs SET finished_at = $2, total_users = $3, successful = $4, failed = $5, plays_synced = $6
        WHERE id = $1`,
      [runId, now, result.totalUsers, result.successful, result.failed, result.playsSynced],
    );
    await tx.query(
      `INSERT INTO sync_run_errors (run_id, user_id, error)
       SELECT $1, e.user_id, e.error FROM unnest($2::int[], $3::text[]) AS e (user_id, error)
         JOIN users u ON u.id = e.user_id JOIN sync_runs r ON r.id = $1
       ON CONFLICT (run_id, user_id) DO UPDATE SET error = excluded.error`,
      [runId, result.errors.map((one) => Number(one.userId)), result.errors.map((one) => one.error)],
    );
  });
}

/** Forgets sweeps that ended before `before`. */
export async function trimSyncRuns(db: Database, before: Date): Promise<number> {
  const { count } = await db.prisma.syncRun.deleteMany({ where: { startedAt: { lt: before } } });
  return count;
}
