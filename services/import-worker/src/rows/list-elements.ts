import { BrokenRows, MAX_ROW_BYTES } from './broken-rows.ts';

/** One element of a JSON list, as bytes. */
export interface Element {
  /** From 0. */
  readonly index: number;
  /** Null when it is longer than {@link MAX_ROW_BYTES}. */
  readonly bytes: Buffer | null;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

type Place = 'before' | 'inside' | 'after';

/** Fields under which exports keep their list: Maloja and lastfmstats.com, ListenBrainz, pages of Last.fm. */
const LIST_FIELD = /"(?:scrobbles|list|listens|payload|track)"\s*:\s*$/;
/** How deep such a field may stand: `{ recenttracks: { track: […] } }`. */
const LIST_DEPTH = 2;
/** What is looked back at from a bracket, bytes. */
const LOOK_BACK = 64;

/** Whether a JSON object is a list in wrapping, and no row. */
export const wrapsList = (value: object): boolean =>
  Object.entries(value).some(
    ([key, inner]) => Array.isArray(inner) && LIST_FIELD.test(`${JSON.stringify(key)}:`),
  );

/**
 * Cuts a JSON list into its elements as the bytes arrive, in one pass and without building anything:
 * it follows strings and brackets only, `JSON.parse` then judges each element. Over an export that is
 * several times faster than a token stream, and memory is bounded by one element, whatever the line
 * lengths. Bytes of an element are valid until the next call.
 *
 * The list may stand in an object under one of the known fields, and so may the elements of a list: pages
 * of rows are told as the rows.
 */
export class ListElements {
  #place: Place = 'before';
  /** Brackets open inside the array. */
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** An element has begun and not ended. */
  #open = false;
  #index = 0;
  /** What earlier chunks hold of the element in hand. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  #tooLong = false;
  /** The open element turned out to wrap a list: it is no row itself. */
  #wraps = false;
  /** The text is an object around a list. */
  #isObject = false;
  /** How deep in their wrapping the lists begin that are open, outermost first; the outermost is not among them. */
  readonly #lists: number[] = [];
  /** The end of what was read before this chunk. */
  #before: Buffer = Buffer.alloc(0);

  /**
   * The elements that end in this chunk.
   *
   * @throws BrokenRows when the text is no list, or goes on after it.
   */
  *push(chunk: Buffer): Generator<Element, void, undefined> {
    let at = this.#place === 'before' ? this.#begin(chunk) : 0;
    let start = 0;
    while (at < chunk.length) {
      if (this.#inString) {
        at = this.#skipString(chunk, at);
        if (!this.#inString && this.#depth === 0) yield* this.#close(chunk, start, at);
        continue;
      }
      const byte = chunk[at] ?? 0;
      if (this.#place === 'after') {
        if (!isSpace(byte)) throw new BrokenRows(0, 'There is more text after the end of the list.');
        at += 1;
      } else if (!this.#open) {
        if (byte === CLOSE_ARRAY) this.#leaveList();
        else if (!isSpace(byte) && byte !== COMMA) {
          this.#open = true;
          start = at;
          continue;
        }
        at += 1;
      } else if (byte === QUOTE) {
        this.#inString = true;
        at += 1;
      } else if (byte === OPEN_ARRAY && this.#beginsList(chunk, at)) {
        this.#enterList();
        at += 1;
      } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        this.#depth += 1;
        at += 1;
      } else if (this.#depth === 0 && (byte === COMMA || byte === CLOSE_ARRAY || isSpace(byte))) {
        // A number, true, false or null ends where something else begins.
        yield* this.#close(chunk, start, at);
      } else {
        at += 1;
        if ((byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) && this.#depth > 0) {
          this.#depth -= 1;
          if (this.#depth === 0) yield* this.#close(chunk, start, at);
        }
      }
    }
    if (this.#open) this.#hold(chunk.subarray(start));
    this.#before =
      chunk.length < LOOK_BACK
        ? Buffer.concat([this.#before, chunk]).subarray(-LOOK_BACK)
        : Buffer.from(chunk.subarray(-LOOK_BACK));
  }

  #beginsList(chunk: Buffer, at: number): boolean {
    if (this.#depth < 1 || this.#depth > LIST_DEPTH) return false;
    const near = chunk.subarray(Math.max(0, at - LOOK_BACK), at);
    const text = near.length < LOOK_BACK ? Buffer.concat([this.#before, near]) : near;
    return LIST_FIELD.test(text.toString('latin1'));
  }

  #enterList(): void {
    this.#lists.push(this.#depth);
    this.#forget();
    this.#depth = 0;
  }

  /** The wrapping goes on, if there is any. */
  #leaveList(): void {
    const depth = this.#lists.pop();
    if (depth === undefined) this.#place = 'after';
    else {
      this.#open = true;
      this.#wraps = true;
      this.#depth = depth;
    }
  }

  #forget(): void {
    this.#open = false;
    this.#wraps = false;
    this.#held = [];
    this.#heldBytes = 0;
    this.#tooLong = false;
  }

  /** @throws BrokenRows when the text ends before the list does. */
  end(): void {
    if (this.#place === 'before') throw new BrokenRows(0, 'The file is empty.');
    if (this.#place === 'after') return;
    throw this.#open && !this.#wraps
      ? new BrokenRows(
          this.#index + 1,
          `The file ends in the middle of row ${this.#index + 1}; it is not whole.`,
        )
      : new BrokenRows(0, `The file ends after row ${this.#index}, before its list does; it is not whole.`);
  }

  #begin(chunk: Buffer): number {
    let at = 0;
    // The byte order mark of UTF-8, which some editors add.
    if (chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf) at = 3;
    while (at < chunk.length && isSpace(chunk[at] ?? 0)) at += 1;
    if (at === chunk.length) return at;
    this.#place = 'inside';
    if (chunk[at] === OPEN_ARRAY) return at + 1;
    if (chunk[at] !== OPEN_OBJECT) throw new BrokenRows(0, 'The file is not a JSON list.');
    // Read as the only element of a list that never closes: what counts is the list in it.
    this.#isObject = true;
    return at;
  }

  #skipString(chunk: Buffer, from: number): number {
    let at = from;
    if (this.#escaped) {
      this.#escaped = false;
      at += 1;
    }
    while (at < chunk.length) {
      const byte = chunk[at];
      at += 1;
      if (byte === BACKSLASH) {
        if (at === chunk.length) this.#escaped = true;
        at += 1;
      } else if (byte === QUOTE) {
        this.#inString = false;
        return at;
      }
    }
    return at;
  }

  #hold(part: Buffer): void {
    if (this.#tooLong || this.#wraps) return;
    if (this.#heldBytes + part.length > MAX_ROW_BYTES) {
      this.#tooLong = true;
      this.#held = [];
      this.#heldBytes = 0;
      return;
    }
    // A copy: the chunk may be a view on a much larger buffer.
    this.#held.push(Buffer.from(part));
    this.#heldBytes += part.length;
  }

  *#close(chunk: Buffer, start: number, end: number): Generator<Element, void, undefined> {
    const wraps = this.#wraps;
    const last = chunk.subarray(start, end);
    const whole = this.#held.length === 0 || wraps ? last : Buffer.concat([...this.#held, last]);
    const bytes = this.#tooLong || whole.length > MAX_ROW_BYTES ? null : whole;
    this.#forget();
    if (this.#isObject && this.#lists.length === 0) {
      this.#place = 'after';
      if (!wraps) throw new BrokenRows(0, 'The file is a JSON object without a list of plays.');
    }
    if (wraps) return;
    const element = { index: this.#index, bytes };
    this.#index += 1;
    yield element;
  }
}
