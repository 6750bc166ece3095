import { type ImportCheckpoint, type ImportFailure, type ImportFileWork, KEPT_FAILURES } from '@spindle/db';
import type { OpenedUpload } from './archive/open-upload.ts';
import { UnusableFile } from './archive/unusable-file.ts';
import type { UploadEntry } from './archive/upload-zip.ts';
import type { ExportedPlay, ExportFormat, SkipReason } from './formats/format.ts';
import { BrokenRows } from './rows/broken-rows.ts';
import { entryRows, type JudgedRow, NoExport } from './rows/entry-rows.ts';

/** Plays that are stored in one transaction. */
export const BATCH_PLAYS = 4_000;
/** Rows after which a batch ends, however few of them are plays: progress must be seen and kept. */
const BATCH_ROWS = 16_000;

/** A stretch of rows of one file, read and judged. */
export interface RowBatch {
  readonly from: ImportCheckpoint | null;
  readonly to: ImportCheckpoint;
  readonly done: boolean;
  /** The last that was recognised; a zip may mix them. Null while none was. */
  readonly format: ExportFormat | null;
  readonly plays: readonly { readonly format: ExportFormat; readonly play: ExportedPlay }[];
  readonly read: number;
  readonly skippedReasons: ReadonlyMap<SkipReason, number>;
  readonly failed: number;
  readonly failures: readonly ImportFailure[];
  /** Unpacked bytes of the file that were read up to here. */
  readonly bytesRead: number;
}

class Batch {
  readonly plays: { readonly format: ExportFormat; readonly play: ExportedPlay }[] = [];
  readonly failures: ImportFailure[] = [];
  readonly #skipped = new Map<SkipReason, number>();
  #read = 0;
  #failed = 0;
  #format: ExportFormat | null = null;
  readonly #from: ImportCheckpoint | null;

  constructor(from: ImportCheckpoint | null) {
    this.#from = from;
  }

  get isFull(): boolean {
    return this.plays.length >= BATCH_PLAYS || this.#read >= BATCH_ROWS;
  }

  add(entry: UploadEntry, { format, index, verdict }: JudgedRow): void {
    this.#format = format;
    if (verdict.kind === 'fail') {
      this.addFailedRow(entry, index + 1, verdict.message);
      return;
    }
    this.#read += 1;
    if (verdict.kind === 'play') this.plays.push({ format, play: verdict.play });
    else this.#skipped.set(verdict.reason, (this.#skipped.get(verdict.reason) ?? 0) + 1);
  }

  addFailedRow(entry: UploadEntry, row: number, message: string): void {
    this.#read += 1;
    this.#failed += 1;
    this.note(entry, row, message);
  }

  /** Row 0: the entry as a whole. */
  note(entry: Pick<UploadEntry, 'name'>, row: number, message: string): void {
    if (this.failures.length < KEPT_FAILURES) this.failures.push({ entry: entry.name, row, message });
  }

  end(to: ImportCheckpoint, done: boolean, bytesRead: number): RowBatch {
    return {
      from: this.#from,
      to,
      done,
      format: this.#format,
      plays: this.plays,
      read: this.#read,
      skippedReasons: this.#skipped,
      failed: this.#failed,
      failures: this.failures,
      bytesRead,
    };
  }
}

/**
 * Reads an uploaded file from its checkpoint on, in batches whose ends depend on the rows alone: after
 * an interruption the same batches come again. Entries that are no exports are passed over, damaged
 * ones noted in the report.
 *
 * @throws UnusableFile when the file turns out to hold nothing that can be imported.
 */
export async function* fileBatches(
  file: Pick<ImportFileWork, 'checkpoint' | 'format' | 'name'>,
  upload: OpenedUpload,
  nowMs: number,
): AsyncGenerator<RowBatch, void, undefined> {
  const startEntry = file.checkpoint?.entry ?? 0;
  let batch = new Batch(file.checkpoint);
  let bytesRead = upload.entries.slice(0, startEntry).reduce((sum, entry) => sum + entry.bytes, 0);
  let recognised = file.format !== null;
  let firstProblem: string | null = null;

  for (const [place, entry] of upload.entries.entries()) {
    if (place < startEntry) continue;
    const skipRows = place === startEntry ? (file.checkpoint?.row ?? 0) : 0;
    const onBytes = (bytes: number) => {
      bytesRead += bytes;
    };
    try {
      for await (const rows of entryRows(entry, { nowMs, skipRows, onBytes })) {
        recognised = true;
        for (const row of rows) {
          batch.add(entry, row);
          if (!batch.isFull) continue;
          const to = { entry: place, row: row.index + 1 };
          yield batch.end(to, false, bytesRead);
          batch = new Batch(to);
        }
      }
    } catch (error) {
      if (error instanceof BrokenRows) {
        if (error.row > 0) batch.addFailedRow(entry, error.row, error.message);
        else batch.note(entry, 0, error.message);
      } else if (error instanceof UnusableFile) {
        batch.note(entry, 0, error.message);
      } else if (!(error instanceof NoExport)) throw error;
      firstProblem ??= error.message;
    }
  }
  if (!recognised) throw new UnusableFile(whyNothing(upload, firstProblem));
  yield batch.end({ entry: upload.entries.length, row: 0 }, true, bytesRead);
}

function whyNothing(upload: OpenedUpload, firstProblem: string | null): string {
  if (upload.kind === 'single' || upload.entries.length === 1)
    return firstProblem ?? 'The file holds no listening history.';
  const nothing = 'The zip holds no listening history that is known here.';
  return firstProblem === null || upload.entries.length > 20 ? nothing : `${nothing} ${firstProblem}`;
}
