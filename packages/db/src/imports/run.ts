import { z } from 'zod';
import type { Database, Transaction } from '../client.ts';
import { contextIds } from '../plays/contexts.ts';
import { deviceIds } from '../plays/devices.ts';
import { ingestInDetail } from '../plays/ingest.ts';
import type { PlayObservation, Reconciliation } from '../plays/reconcile.ts';

/** What a worker does with an upload. Progress lies in `import_files`, so that another can go on with it. */

/** Failures that a report keeps in full; all are counted. */
export const KEPT_FAILURES = 50;

/** Rows before `row` of the entry are committed, and so are all entries before it. Both count from 0. */
export interface ImportCheckpoint {
  readonly entry: number;
  readonly row: number;
}

export interface ImportFailure {
  /** Name of the file, or of the entry of a zip. */
  readonly entry: string;
  /** From 1; 0: the whole entry. */
  readonly row: number;
  readonly message: string;
}

export interface ImportFileWork {
  readonly id: number;
  readonly name: string;
  readonly bytes: number;
  readonly format: string | null;
  readonly read: number;
  readonly checkpoint: ImportCheckpoint | null;
  readonly done: boolean;
}

export interface ImportWork {
  readonly id: number;
  readonly userId: number;
  readonly files: readonly ImportFileWork[];
}

/** A play of an export, with what it was heard on and came from by name. */
export interface ImportedPlay extends Omit<PlayObservation, 'contextId' | 'deviceId'> {
  readonly contextUri?: string | null;
  /** As `deviceName` gives it. */
  readonly device?: string | null;
}

/** Rows of one file and what they came to; the next checkpoint commits together with their plays. */
export interface ImportBatch {
  readonly fileId: number;
  readonly from: ImportCheckpoint | null;
  readonly to: ImportCheckpoint;
  /** The file is through with this batch. */
  readonly done: boolean;
  readonly format: string | null;
  readonly observations: readonly ImportedPlay[];
  /** Rows read; the observations, skipped and failed ones are its parts. */
  readonly read: number;
  readonly skippedReasons: ReadonlyMap<string, number>;
  readonly failed: number;
  /** At most {@link KEPT_FAILURES} of this batch are of use. */
  readonly failures: readonly ImportFailure[];
}

/** The import was undone, or another worker has gone on with it: whoever works on it must stop. */
export class ImportTaken extends Error {
  override readonly name = 'ImportTaken';
}

const checkpointSchema = z.object({ entry: z.number().int(), row: z.number().int() }).nullable();
const reasonsSchema = z.record(z.string(), z.number().int());

/** Takes an import that is queued or was left half done; null when it is neither. */
export async function beginImport(db: Database, importId: number, now: Date): Promise<ImportWork | null> {
  const { count } = await db.prisma.import.updateMany({
    where: { id: importId, status: { in: ['queued', 'running'] } },
    data: { status: 'running' },
  });
  if (count === 0) return null;
  await db.prisma.import.updateMany({ where: { id: importId, startedAt: null }, data: { startedAt: now } });
  const row = await db.prisma.import.findUnique({
    where: { id: importId },
    include: { files: { orderBy: { position: 'asc' } } },
  });
  if (!row) return null;
  return {
    id: row.id,
    userId: row.userId,
    files: row.files.map((file) => ({
      id: file.id,
      name: file.name,
      bytes: Number(file.bytes),
      format: file.format,
      read: file.read,
      checkpoint: checkpointSchema.parse(file.checkpoint),
      done: file.done,
    })),
  };
}

async function noteMerges(
  tx: Transaction,
  importId: number,
  updates: Reconciliation['updates'],
): Promise<void> {
  if (updates.length === 0) return;
  await tx.query(
    `INSERT INTO import_merges (import_id, track_id, before, after)
     SELECT $1, m.track_id, m.before::jsonb, m.after::jsonb
       FROM unnest($2::int[], $3::text[], $4::text[]) WITH ORDINALITY AS m (track_id, before, after, place)
      ORDER BY m.place`,
    [
      importId,
      updates.map(({ after }) => after.trackId),
      updates.map(({ before }) => JSON.stringify(before)),
      updates.map(({ after }) => JSON.stringify(after)),
    ],
  );
}

async function withIds(tx: Transaction, plays: readonly ImportedPlay[]): Promise<PlayObservation[]> {
  const devices = await deviceIds(
    tx,
    plays.flatMap((play) => play.device ?? []),
  );
  const contexts = await contextIds(
    tx,
    plays.flatMap((play) => play.contextUri ?? []),
  );
  return plays.map(({ device, contextUri, ...play }) => ({
    ...play,
    deviceId: device ? (devices.get(device) ?? null) : null,
    contextId: contextUri ? (contexts.get(contextUri) ?? null) : null,
  }));
}

interface FileState {
  checkpoint: unknown;
  skipped_reasons: unknown;
  kept: number;
}

/** The file and its import, held until the transaction ends, so that an undo waits or is seen. */
async function holdFile(tx: Transaction, importId: number, batch: ImportBatch): Promise<FileState> {
  const { rows } = await tx.query<FileState>(
    `SELECT f.checkpoint, f.skipped_reasons, jsonb_array_length(f.failures) AS kept
       FROM import_files f JOIN imports i ON i.id = f.import_id
      WHERE f.id = $1 AND i.id = $2 AND i.status = 'running' AND NOT f.done
        FOR NO KEY UPDATE OF f FOR SHARE OF i`,
    [batch.fileId, importId],
  );
  const [file] = rows;
  if (!file) throw new ImportTaken('the import is not to be worked on any more');
  const at = checkpointSchema.parse(file.checkpoint);
  if (at?.entry !== batch.from?.entry || at?.row !== batch.from?.row)
    throw new ImportTaken('another worker has gone on with the import');
  return file;
}

/**
 * Stores one batch: its plays, the counts of the report and the checkpoint in one transaction; the
 * rollups wait for the recount that ends the import. So each row counts exactly once, however often and wherever the work is interrupted.
 *
 * @throws ImportTaken when the import was undone or the checkpoint is not where the batch begins.
 */
export async function storeImportBatch(
  db: Database,
  work: Pick<ImportWork, 'id' | 'userId'>,
  batch: ImportBatch,
): Promise<void> {
  const imported = await db.transaction(async (tx) => {
    const file = await holdFile(tx, work.id, batch);
    const { stored, merged, duplicates, updates } = await ingestInDetail(
      tx,
      work.userId,
      await withIds(tx, batch.observations),
      { recountLater: true },
    );
    await noteMerges(tx, work.id, updates);
    const reasons = reasonsSchema.parse(file.skipped_reasons);
    let skipped = 0;
    for (const [reason, count] of batch.skippedReasons) {
      reasons[reason] = (reasons[reason] ?? 0) + count;
      skipped += count;
    }
    const kept = batch.failures.slice(0, Math.max(0, KEPT_FAILURES - file.kept));
    await tx.query(
      `UPDATE import_files
          SET read = read + $2, imported = imported + $3, duplicates = duplicates + $4, skipped = skipped + $5,
              failed = failed + $6, skipped_reasons = $7, failures = failures || $8::jsonb, checkpoint = $9,
              format = coalesce($10, format), done = $11
        WHERE id = $1`,
      [
        batch.fileId,
        batch.read,
        stored,
        merged + duplicates,
        skipped,
        batch.failed,
        JSON.stringify(reasons),
        JSON.stringify(kept),
        JSON.stringify(batch.to),
        batch.format,
        batch.done,
      ],
    );
    return stored;
  });
  // All that one file tells, it tells by the same source.
  const [first] = batch.observations;
  if (first) db.measures.playsStored(first.source, imported);
}

/** Ends an import and removes the uploaded bytes; the report stays. Nothing happens when it has ended already. */
export async function finishImport(
  db: Database,
  importId: number,
  end: { readonly status: 'succeeded' | 'failed'; readonly problem: string | null; readonly now: Date },
): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query(
      `UPDATE imports SET status = $2::import_status, problem = $3, finished_at = $4
        WHERE id = $1 AND status IN ('queued', 'running')`,
      [importId, end.status, end.problem, end.now],
    );
    await dropChunks(tx, importId);
  });
}

/** Whether an import is still to be worked on. */
export async function isImportRunning(db: Database, importId: number): Promise<boolean> {
  return (await db.prisma.import.count({ where: { id: importId, status: 'running' } })) === 1;
}

/** The uploaded bytes of an import go. */
export async function dropChunks(tx: Transaction, importId: number): Promise<void> {
  await tx.query(
    'DELETE FROM import_chunks WHERE file_id IN (SELECT id FROM import_files WHERE import_id = $1)',
    [importId],
  );
}

/** Imports that wait for a worker or were left half done. */
export async function unfinishedImports(
  db: Database,
): Promise<{ readonly id: number; readonly userId: number; readonly jobId: string | null }[]> {
  return db.prisma.import.findMany({
    where: { status: { in: ['queued', 'running'] } },
    select: { id: true, userId: true, jobId: true },
    orderBy: { id: 'asc' },
  });
}
