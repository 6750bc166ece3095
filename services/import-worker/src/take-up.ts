import { type Database, dropStaleUploads, finishImport, noteImportJob, unfinishedImports } from '@spindle/db';
import type { Producer } from '@spindle/queues';
import type { Clock, Logger } from '@spindle/service-kit';

/** An upload that is not whole after this time never will be. */
const STALE_UPLOAD_MS = 24 * 3_600_000;
const LOST = 'The import was broken off several times. Undo it and upload the export again.';

export interface TakeUpParts {
  readonly db: Database;
  readonly producer: Pick<Producer, 'add' | 'get'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Brings the queue in step with the imports that the database knows; run at the start and then now and again. Those
 * whose job was lost (Redis was emptied, a gateway died between row and job) get one again, those whose
 * job has failed for good are ended, and uploads that were broken off go.
 */
export async function takeUpImports({ db, producer, clock, logger }: TakeUpParts): Promise<void> {
  const dropped = await dropStaleUploads(db, new Date(clock.nowMs() - STALE_UPLOAD_MS));
  if (dropped > 0) logger.info({ dropped }, 'uploads that were broken off are forgotten');
  for (const { id: importId, userId, jobId } of await unfinishedImports(db)) {
    const job = jobId === null ? undefined : await producer.get(jobId);
    if (job?.state === 'failed') {
      await finishImport(db, importId, {
        status: 'failed',
        problem: job.failure?.message ?? LOST,
        now: clock.now(),
      });
      logger.warn({ importId, userId }, 'an import whose job failed is ended');
    } else {
      // A job that still stands for this import is answered here, and no second one made.
      const { id } = await producer.add(
        'imports',
        'import',
        { importId },
        { ownerId: userId, requestId: `import-${importId}` },
      );
      if (id === jobId) continue;
      await noteImportJob(db, importId, id);
      logger.info({ importId, userId, jobId: id }, 'an unfinished import is taken up');
    }
  }
}
