import { isUtf8 } from 'node:buffer';
import { UNUSABLE } from '../archive/open-upload.ts';
import { UnusableFile } from '../archive/unusable-file.ts';
import type { UploadEntry } from '../archive/upload-zip.ts';
import type { ExportFormat, RowVerdict } from '../formats/format.ts';
import { hintFor, KNOWN_FORMATS } from '../formats/known-formats.ts';
import { ArrayElements, type Element, MAX_ELEMENT_BYTES } from './array-elements.ts';
import { sniff } from './sniff.ts';

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

type Parsed = { readonly value: unknown } | { readonly message: string };

function parse({ bytes }: Element): Parsed {
  if (bytes === null) return { message: `The row is longer than ${MAX_ELEMENT_BYTES / 1024} KiB.` };
  if (!isUtf8(bytes)) return { message: 'The row is not valid UTF-8.' };
  try {
    return { value: JSON.parse(bytes.toString('utf8')) };
  } catch {
    return { message: 'The row is not valid JSON.' };
  }
}

interface Waiting {
  readonly index: number;
  readonly parsed: Parsed;
}

/** Reads rows once it knows of which format they are; holds the first ones back until then. */
class RowReader {
  #format: ExportFormat | null = null;
  #waiting: Waiting[] = [];
  #hint: string | null = null;
  readonly #nowMs: number;

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  get recognised(): boolean {
    return this.#format !== null;
  }

  *add(element: Element): Generator<JudgedRow, void, undefined> {
    const parsed = parse(element);
    if (this.#format) {
      yield this.#judge(this.#format, element.index, parsed);
      return;
    }
    this.#waiting.push({ index: element.index, parsed });
    if ('value' in parsed) {
      this.#format = KNOWN_FORMATS.find((format) => format.recognises(parsed.value)) ?? null;
      this.#hint ??= hintFor(parsed.value);
    }
    if (this.#format) {
      for (const { index, parsed: held } of this.#waiting) yield this.#judge(this.#format, index, held);
      this.#waiting = [];
    } else if (this.#waiting.length >= ROWS_TO_RECOGNISE) this.refuse();
  }

  refuse(): never {
    throw new NoExport(
      this.#hint ??
        (this.#waiting.length === 0
          ? 'The file is an empty list.'
          : 'The file is JSON, but no export of a listening history that is known here.'),
    );
  }

  #judge(format: ExportFormat, index: number, parsed: Parsed): JudgedRow {
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

/**
 * The rows of an entry, as its bytes arrive.
 *
 * @param onBytes told how many bytes each step took.
 * @throws NoExport when it is something else; UnusableFile when it cannot be read on; BrokenArray when
 * its list breaks off. Rows before that have been given.
 */
export async function* entryRows(
  entry: UploadEntry,
  options: { readonly nowMs: number; readonly skipRows: number; readonly onBytes: (bytes: number) => void },
): AsyncGenerator<JudgedRow, void, undefined> {
  const elements = new ArrayElements();
  const reader = new RowReader(options.nowMs);
  let first = true;
  for await (const chunk of withWholeHead(entry.open())) {
    if (first) {
      refuseWhatIsNoList(chunk);
      first = false;
    }
    options.onBytes(chunk.length);
    for (const element of elements.push(chunk)) {
      // Rows that are committed already are counted past, once the format is known.
      if (reader.recognised && element.index < options.skipRows) continue;
      for (const row of reader.add(element)) if (row.index >= options.skipRows) yield row;
    }
  }
  if (first) throw new NoExport(UNUSABLE.empty);
  elements.end();
  if (!reader.recognised) reader.refuse();
}

function refuseWhatIsNoList(head: Buffer): void {
  const content = sniff(head);
  if (content === 'zip') throw new UnusableFile('A zip inside the zip is not opened. Upload it by itself.');
  if (content === 'utf-16') throw new UnusableFile(UNUSABLE['utf-16']);
  if (content !== 'json-list') throw new NoExport(UNUSABLE[content]);
}
