import { type ImportedPlay, type ImportFileWork, type ImportWork, storeImportBatch } from '@spindle/db';
import { ahead } from './ahead.ts';
import { openUploadedFile } from './archive/open-upload.ts';
import { fileBatches, type RowBatch } from './batches.ts';
import type { ImportContext } from './context.ts';
import type { ImportProgress } from './progress.ts';
import type { TrackIds } from './track-ids.ts';

export interface FileRun {
  readonly work: Pick<ImportWork, 'id' | 'userId'>;
  readonly file: ImportFileWork;
  /** Which of the import's files it is. */
  readonly place: number;
  readonly tracks: TrackIds;
  readonly progress: ImportProgress;
  readonly signal: AbortSignal;
}

function observationsOf(batch: RowBatch, importId: number, tracks: TrackIds): ImportedPlay[] {
  return batch.plays.map(({ format, play }) => ({
    trackId: tracks.idOf(play.track),
    source: format.source,
    ...play.toldBy,
    startedAt: play.startedAt,
    endedAt: play.endedAt,
    msPlayed: play.msPlayed,
    durationMs: play.track.durationMs ?? null,
    uncertaintyMs: play.uncertaintyMs,
    device: play.device,
    contextUri: play.contextUri,
    importId,
    flags: play.flags,
  }));
}

async function* withTracks(batches: AsyncGenerator<RowBatch, void, undefined>, tracks: TrackIds) {
  for await (const batch of batches) {
    await tracks.learn(batch.plays.map(({ play }) => play));
    yield batch;
  }
}

/**
 * Imports one file from where it was left. Reading, looking up tracks and storing plays go on at the
 * same time, each one batch ahead of the next.
 *
 * @throws UnusableFile when it holds nothing that can be imported; ImportTaken when others went on.
 */
export async function importFile(context: ImportContext, run: FileRun): Promise<void> {
  const { work, file, place, tracks, progress, signal } = run;
  const upload = await openUploadedFile(context.db, file, context.limits);
  try {
    progress.opened(place, upload.bytes);
    const batches = fileBatches(file, upload, context.clock.nowMs());
    for await (const batch of ahead(withTracks(ahead(batches), tracks))) {
      signal.throwIfAborted();
      await storeImportBatch(context.db, work, {
        ...batch,
        fileId: file.id,
        format: batch.format?.id ?? null,
        observations: observationsOf(batch, work.id, tracks),
      });
      await progress.advanced(place, batch.read, batch.bytesRead);
    }
  } finally {
    upload.close();
  }
}
