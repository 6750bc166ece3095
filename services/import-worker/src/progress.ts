import { getImport } from '@spindle/db';
import { type RunningJob, userRoom } from '@spindle/queues';
import type { ImportContext } from './context.ts';

/** Live pictures of an import are sent at most this often. */
const TELL_EVERY_MS = 250;
/** Before this, the rate says nothing. */
const RATE_FROM_MS = 1_000;

/** "about 40 s", "about 3 min". */
function inWords(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1_000));
  return seconds < 90 ? `about ${seconds} s` : `about ${Math.round(seconds / 60)} min`;
}

/** Tells the listener how an import gets on: rows, rate, and the time left as far as it can be known. */
export class ImportProgress {
  readonly #context: ImportContext;
  readonly #job: RunningJob<'imports'>;
  readonly #owner: { readonly importId: number; readonly userId: number };
  /** Unpacked bytes of all files, as far as they are open; packed ones of the others. */
  readonly #totals: number[];
  readonly #read: number[];
  readonly #startedAt = performance.now();
  #rowsBefore: number;
  #rows: number;
  #bytesBefore: number | null = null;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(
    context: ImportContext,
    job: RunningJob<'imports'>,
    owner: { readonly importId: number; readonly userId: number },
    files: readonly { readonly bytes: number; readonly read: number; readonly done: boolean }[],
  ) {
    this.#context = context;
    this.#job = job;
    this.#owner = owner;
    this.#totals = files.map((file) => file.bytes);
    this.#read = files.map((file) => (file.done ? file.bytes : 0));
    this.#rows = files.reduce((sum, file) => sum + file.read, 0);
    this.#rowsBefore = this.#rows;
  }

  opened(file: number, bytes: number): void {
    this.#totals[file] = bytes;
  }

  /** Call when rows are committed. `bytesRead` of the file, unpacked. */
  async advanced(file: number, rows: number, bytesRead: number): Promise<void> {
    this.#rows += rows;
    this.#read[file] = bytesRead;
    const bytes = this.#read.reduce((sum, one) => sum + one, 0);
    this.#bytesBefore ??= bytes;
    await this.#job.progress({ done: this.#rows, ...this.#outlook(bytes) });
    if (performance.now() - this.#toldAt >= TELL_EVERY_MS) await this.tell();
  }

  #outlook(bytes: number): { total?: number; phase: string } {
    const total = this.#totals.reduce((sum, one) => sum + one, 0);
    const elapsed = performance.now() - this.#startedAt;
    const rows = this.#rows - this.#rowsBefore;
    // Rows are of much the same length, so the share of the bytes is the share of the rows.
    const estimate =
      bytes > 0 && total > 0 ? { total: Math.max(this.#rows, Math.round((this.#rows * total) / bytes)) } : {};
    if (elapsed < RATE_FROM_MS || rows === 0) return { ...estimate, phase: 'Reading' };
    const rate = `${Math.round((rows * 1_000) / elapsed).toLocaleString('en')} rows a second`;
    const since = bytes - (this.#bytesBefore ?? 0);
    if (since <= 0 || bytes >= total) return { ...estimate, phase: rate };
    return { ...estimate, phase: `${rate}, ${inWords((elapsed * (total - bytes)) / since)} left` };
  }

  /** All rows are stored; the figures follow. */
  async counting(): Promise<void> {
    await this.#job.progress({ done: this.#rows, total: this.#rows, phase: 'Counting' });
  }

  /** Sends the import as it stands to the listener's pages. */
  async tell(): Promise<void> {
    this.#toldAt = performance.now();
    const { userId, importId } = this.#owner;
    const view = await getImport(this.#context.db, userId, importId);
    if (view) await this.#context.live.publish('import', [userRoom(userId)], view);
  }
}
