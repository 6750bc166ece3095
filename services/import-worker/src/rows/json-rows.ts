import { isUtf8 } from 'node:buffer';
import { MAX_ROW_BYTES, TOO_LONG } from './broken-rows.ts';
import { Lines } from './lines.ts';
import { type Element, ListElements, wrapsList } from './list-elements.ts';

/** A row of a file, read: its value, or why there is none. */
export interface ParsedRow {
  /** From 0. */
  readonly index: number;
  readonly parsed: { readonly value: unknown } | { readonly message: string };
}

const MARK = Buffer.from([0xef, 0xbb, 0xbf]);

function parse({ index, bytes }: Element): ParsedRow {
  if (bytes === null) return { index, parsed: { message: TOO_LONG } };
  if (!isUtf8(bytes)) return { index, parsed: { message: 'The row is not valid UTF-8.' } };
  try {
    return { index, parsed: { value: JSON.parse(bytes.toString('utf8')) } };
  } catch {
    return { index, parsed: { message: 'The row is not valid JSON.' } };
  }
}

/**
 * Whether a text is JSON lines: its first line is an object by itself, and no list in wrapping.
 * Null while more of it is needed to tell.
 */
function areLines(head: Buffer): boolean | null {
  const start = head.subarray(0, MARK.length).equals(MARK) ? MARK.length : 0;
  const text = head.subarray(start).toString('utf8').trimStart();
  if (!text.startsWith('{')) return text === '' ? null : false;
  const end = text.indexOf('\n');
  if (end < 0) return head.length > MAX_ROW_BYTES ? false : null;
  return isRow(text.slice(0, end));
}

function isRow(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !wrapsList(value);
  } catch {
    return false;
  }
}

/** The reader that fits the text, once enough of it is there. */
class Reader {
  #list: ListElements | null = null;
  #lines: Lines | null = null;
  #head: Buffer | null = Buffer.alloc(0);

  *push(chunk: Buffer): Generator<Element, void, undefined> {
    if (this.#head !== null) {
      const head = Buffer.concat([this.#head, chunk]);
      const lines = areLines(head);
      if (lines === null) {
        this.#head = head;
        return;
      }
      yield* this.#begin(head, lines);
      return;
    }
    yield* this.#list ? this.#list.push(chunk) : (this.#lines?.push(chunk) ?? []);
  }

  *#begin(head: Buffer, lines: boolean): Generator<Element, void, undefined> {
    this.#head = null;
    if (lines) {
      this.#lines = new Lines();
      yield* this.#lines.push(head.subarray(head.subarray(0, MARK.length).equals(MARK) ? MARK.length : 0));
    } else {
      this.#list = new ListElements();
      yield* this.#list.push(head);
    }
  }

  *end(): Generator<Element, void, undefined> {
    // One line without an end: a single row, or a whole list on it.
    if (this.#head !== null) yield* this.#begin(this.#head, isRow(this.#head.toString('utf8').trim()));
    if (this.#lines) yield* this.#lines.end();
    this.#list?.end();
  }
}

/**
 * The rows of a JSON list, of a list inside an object, or of JSON lines, as the bytes arrive: those of
 * each piece at once, since waiting for every single one would take longer than reading it.
 *
 * @throws BrokenRows when the text breaks off or is none of these. Rows before that have been given.
 */
export async function* jsonRows(
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<readonly ParsedRow[], void, undefined> {
  const reader = new Reader();
  for await (const chunk of chunks) yield* readable(reader.push(chunk));
  yield* readable(reader.end());
}

/** The elements that can be had, parsed; what went wrong behind them is thrown after they are given. */
function* readable(elements: Iterable<Element>): Generator<readonly ParsedRow[], void, undefined> {
  const rows: ParsedRow[] = [];
  let failure: { readonly error: unknown } | null = null;
  try {
    for (const element of elements) rows.push(parse(element));
  } catch (error) {
    failure = { error };
  }
  if (rows.length > 0) yield rows;
  if (failure) throw failure.error;
}
