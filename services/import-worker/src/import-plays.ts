import {
  beginImport,
  finishImport,
  getImport,
  ImportTaken,
  type ImportWork,
  isImportRunning,
  recountIfStale,
  storeImportBatch,
} from '@spindle/db';
import { type Processor, type RunningJob, userRoom } from '@spindle/queues';
import { GiveUp } from '@spindle/service-kit';
import { UnusableFile } from './archive/unusable-file.ts';
import type { ImportContext } from './context.ts';
import { importFile } from './import-file.ts';
import { ImportProgress } from './progress.ts';
import { TrackIds } from './track-ids.ts';

const NOTHING = { read: 0, imported: 0, duplicates: 0, skipped: 0, failed: 0 };
const BROKEN_OFF =
  'Something went wrong on our side, and trying again did not help. Upload the export again later.';

/** Notes in the report why nothing of a file was imported. */
async function noteUnusable(
  context: ImportContext,
  work: ImportWork,
  file: ImportWork['files'][number],
  message: string,
): Promise<void> {
  await storeImportBatch(context.db, work, {
    fileId: file.id,
    from: file.checkpoint,
    to: file.checkpoint ?? { entry: 0, row: 0 },
    done: true,
    format: null,
    observations: [],
    read: 0,
    skippedReasons: new Map(),
    failed: 0,
    failures: [{ entry: file.name, row: 0, message }],
  });
}

/** Works through the files that are not done. */
async function importFiles(
  context: ImportContext,
  work: ImportWork,
  job: RunningJob<'imports'>,
  progress: ImportProgress,
): Promise<void> {
  const tracks = new TrackIds(context.db, work.userId);
  for (const [place, file] of work.files.entries()) {
    if (file.done) continue;
    job.signal.throwIfAborted();
    try {
      await importFile(context, { work, file, place, tracks, progress, signal: job.signal });
    } catch (error) {
      if (!(error instanceof UnusableFile)) throw error;
      await noteUnusable(context, work, file, error.message);
    }
  }
}

/** Ends the import by what its files came to. */
async function conclude(context: ImportContext, work: ImportWork): Promise<GiveUp | null> {
  const view = await getImport(context.db, work.userId, work.id);
  const usable = view?.files.some((file) => file.format !== null) ?? false;
  const problem = usable
    ? null
    : (view?.files.find((file) => file.failures[0])?.failures[0]?.message ?? 'No file was uploaded.');
  await finishImport(context.db, work.id, {
    status: usable ? 'succeeded' : 'failed',
    problem,
    now: context.clock.now(),
  });
  return problem === null ? null : new GiveUp({ code: 'unusable_export', message: problem });
}

async function perform(
  context: ImportContext,
  work: ImportWork,
  job: RunningJob<'imports'>,
): Promise<GiveUp | null> {
  const progress = new ImportProgress(context, job, { importId: work.id, userId: work.userId }, work.files);
  await progress.tell();
  await importFiles(context, work, job, progress);
  await progress.counting();
  await recountIfStale(context.db, work.userId, context.clock.now());
  const failure = await conclude(context, work);
  await progress.tell();
  return failure;
}

/**
 * Stores the plays of an uploaded export. Goes on where an interrupted run stopped; run again after
 * its end, it only tells what it came to.
 */
export const importPlays: Processor<ImportContext, 'imports', 'import'> = async (context, payload, job) => {
  const { importId } = payload;
  const work = await beginImport(context.db, importId, context.clock.now());
  if (!work) {
    const owner = job.ownerId;
    const view = owner === undefined ? null : await getImport(context.db, owner, importId);
    return view?.totals ?? NOTHING;
  }
  let failure: GiveUp | null;
  try {
    failure = await perform(context, work, job);
  } catch (error) {
    if (!(await isImportRunning(context.db, importId))) {
      // Undone, or its listener erased: whatever the error says, there is nothing more to do.
      job.log.info({ importId }, 'the import was undone while it ran');
      return NOTHING;
    }
    if (error instanceof ImportTaken || job.signal.aborted || job.attempt < job.maxAttempts) throw error;
    await finishImport(context.db, importId, {
      status: 'failed',
      problem: BROKEN_OFF,
      now: context.clock.now(),
    });
    throw error;
  }
  if (failure) throw failure;
  const view = await getImport(context.db, work.userId, importId);
  const totals = view?.totals ?? NOTHING;
  if (totals.imported > 0)
    await context.live.publish('plays-added', [userRoom(work.userId)], { count: totals.imported });
  job.log.info({ importId, ...totals }, 'import done');
  return totals;
};
