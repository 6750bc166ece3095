import { UNUSABLE } from '../archive/open-upload.ts';
import { UnusableFile } from '../archive/unusable-file.ts';
import type { UploadEntry } from '../archive/upload-zip.ts';
import type { ExportFormat, RowVerdict } from '../formats/format.ts';
import { formatOf } from '../formats/known-formats.ts';
import { BrokenRows } from './broken-rows.ts';
import { csvRows } from './csv-rows.ts';
import { jsonRows, type ParsedRow } from './json-rows.ts';
import { type Content, sniff } from './sniff.ts';

/** A row of an export and what it comes to. */
export interface JudgedRow {
  readonly format: ExportFormat;
  /** From 0. */
  readonly index: number;
  readonly verdict: RowVerdict;
}

/** The entry is no export of a kind that is known; in a zip it is passed over. */
export class NoExport extends Error {
  override readonly name = 'NoExport';
}

/** So many rows may be damaged before a file counts as something else. */
const ROWS_TO_RECOGNISE = 20;

/** Judges rows once it knows of which format they are; holds the first ones back until then. */
class RowJudge {
  #format: ExportFormat | null = null;
  #waiting: ParsedRow[] = [];
  readonly #nowMs: number;

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  get recognised(): boolean {
    return this.#format !== null;
  }

  *add(row: ParsedRow): Generator<JudgedRow, void, undefined> {
    if (this.#format) {
      yield this.#judge(this.#format, row);
      return;
    }
    this.#waiting.push(row);
    if ('value' in row.parsed) this.#format = formatOf(row.parsed.value);
    if (this.#format) {
      for (const held of this.#waiting) yield this.#judge(this.#format, held);
      this.#waiting = [];
    } else if (this.#waiting.length >= ROWS_TO_RECOGNISE) this.refuse();
  }

  refuse(): never {
    throw new NoExport(
      this.#waiting.length === 0
        ? 'The file is an empty list.'
        : 'The file is no export of a listening history that is known here.',
    );
  }

  #judge(format: ExportFormat, { index, parsed }: ParsedRow): JudgedRow {
    const verdict: RowVerdict =
      'value' in parsed ? format.judge(parsed.value, this.#nowMs) : { kind: 'fail', message: parsed.message };
    return { format, index, verdict };
  }
}

/** Enough to tell what a text is. */
const HEAD_BYTES = 64;

/** The same bytes, the first chunk long enough to judge by, however the pieces of the upload fall. */
async function* withWholeHead(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  let head: Buffer | null = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (head === null) {
      yield chunk;
      continue;
    }
    head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
    if (head.length < HEAD_BYTES) continue;
    yield head;
    head = null;
  }
  if (head !== null && head.length > 0) yield head;
}

function readerOf(content: Content): typeof jsonRows {
  if (content === 'zip') throw new UnusableFile('A zip inside the zip is not opened. Upload it by itself.');
  if (content === 'utf-16') throw new UnusableFile(UNUSABLE['utf-16']);
  if (content === 'json') return jsonRows;
  if (content === 'text') return csvRows;
  throw new NoExport(UNUSABLE[content]);
}

/** The same bytes, told of as they pass. */
async function* counted(
  chunks: AsyncIterable<Buffer>,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of chunks) {
    onBytes(chunk.length);
    yield chunk;
  }
}

/** What was taken from an iterator is put back before the rest of it. */
async function* withFirst(
  first: Buffer,
  rest: AsyncGenerator<Buffer, void, undefined>,
): AsyncGenerator<Buffer, void, undefined> {
  yield first;
  yield* rest;
}

/**
 * The rows of an entry, as its bytes arrive, several at once.
 *
 * @param onBytes told how many bytes each step took.
 * @throws NoExport when it is something else; UnusableFile when it cannot be read on; BrokenRows when
 * it breaks off. Rows before that have been given.
 */
export async function* entryRows(
  entry: UploadEntry,
  options: { readonly nowMs: number; readonly skipRows: number; readonly onBytes: (bytes: number) => void },
): AsyncGenerator<readonly JudgedRow[], void, undefined> {
  const judge = new RowJudge(options.nowMs);
  const chunks = withWholeHead(entry.open());
  try {
    const first = await chunks.next();
    if (first.done) throw new NoExport(UNUSABLE.empty);
    const read = readerOf(sniff(first.value));
    const bytes = counted(withFirst(first.value, chunks), options.onBytes);
    for await (const rows of read(bytes)) {
      const judged: JudgedRow[] = [];
      for (const row of rows) {
        // Rows that are committed already are counted past, once the format is known.
        if (judge.recognised && row.index < options.skipRows) continue;
        for (const one of judge.add(row)) if (one.index >= options.skipRows) judged.push(one);
      }
      if (judged.length > 0) yield judged;
    }
  } catch (error) {
    // Broken before anything was recognised, in a text of a kind that is not known: it is something else.
    if (error instanceof BrokenRows && !judge.recognised && error.row > 1) judge.refuse();
    throw error;
  } finally {
    await chunks.return();
  }
  if (!judge.recognised) judge.refuse();
}
