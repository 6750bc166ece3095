/** One element of a JSON array, as bytes. */
export interface Element {
  /** From 0. */
  readonly index: number;
  /** Null when it is longer than {@link MAX_ELEMENT_BYTES}. */
  readonly bytes: Buffer | null;
}

/** No row of an export comes near this; a longer element is reported, not held in memory. */
export const MAX_ELEMENT_BYTES = 256 * 1024;

/** The text is not the JSON array it began as. `row` counts from 1, 0: outside of any. */
export class BrokenArray extends Error {
  override readonly name = 'BrokenArray';
  readonly row: number;

  constructor(row: number, message: string) {
    super(message);
    this.row = row;
  }
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

/**
 * Cuts a JSON array into its elements as the bytes arrive, in one pass and without building anything:
 * it follows strings and brackets only, `JSON.parse` then judges each element. Over an export that is
 * several times faster than a token stream, and memory is bounded by one element, whatever the line
 * lengths. Bytes of an element are valid until the next call.
 */
export class ArrayElements {
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

  /**
   * The elements that end in this chunk.
   *
   * @throws BrokenArray when the text is no array, or goes on after it.
   */
  *push(chunk: Buffer): Generator<Element, void, undefined> {
    let at = this.#place === 'before' ? this.#begin(chunk) : 0;
    let start = 0;
    while (at < chunk.length) {
      if (this.#inString) {
        at = this.#skipString(chunk, at);
        if (!this.#inString && this.#depth === 0) yield this.#close(chunk, start, at);
        continue;
      }
      const byte = chunk[at] ?? 0;
      if (this.#place === 'after') {
        if (!isSpace(byte)) throw new BrokenArray(0, 'There is more text after the end of the list.');
        at += 1;
      } else if (!this.#open) {
        if (byte === CLOSE_ARRAY) this.#place = 'after';
        else if (!isSpace(byte) && byte !== COMMA) {
          this.#open = true;
          start = at;
          continue;
        }
        at += 1;
      } else if (byte === QUOTE) {
        this.#inString = true;
        at += 1;
      } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        this.#depth += 1;
        at += 1;
      } else if (this.#depth === 0 && (byte === COMMA || byte === CLOSE_ARRAY || isSpace(byte))) {
        // A number, true, false or null ends where something else begins.
        yield this.#close(chunk, start, at);
      } else {
        at += 1;
        if ((byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) && this.#depth > 0) {
          this.#depth -= 1;
          if (this.#depth === 0) yield this.#close(chunk, start, at);
        }
      }
    }
    if (this.#open) this.#hold(chunk.subarray(start));
  }

  /** @throws BrokenArray when the text ends before the array does. */
  end(): void {
    if (this.#place === 'before') throw new BrokenArray(0, 'The file is empty.');
    if (this.#place === 'after') return;
    throw this.#open
      ? new BrokenArray(
          this.#index + 1,
          `The file ends in the middle of row ${this.#index + 1}; it is not whole.`,
        )
      : new BrokenArray(0, `The file ends after row ${this.#index}, before its list does; it is not whole.`);
  }

  #begin(chunk: Buffer): number {
    let at = 0;
    // The byte order mark of UTF-8, which some editors add.
    if (chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf) at = 3;
    while (at < chunk.length && isSpace(chunk[at] ?? 0)) at += 1;
    if (at === chunk.length) return at;
    if (chunk[at] !== OPEN_ARRAY) throw new BrokenArray(0, 'The file is not a JSON list.');
    this.#place = 'inside';
    return at + 1;
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
    if (this.#tooLong) return;
    if (this.#heldBytes + part.length > MAX_ELEMENT_BYTES) {
      this.#tooLong = true;
      this.#held = [];
      this.#heldBytes = 0;
      return;
    }
    // A copy: the chunk may be a view on a much larger buffer.
    this.#held.push(Buffer.from(part));
    this.#heldBytes += part.length;
  }

  #close(chunk: Buffer, start: number, end: number): Element {
    const last = chunk.subarray(start, end);
    const whole = this.#held.length === 0 ? last : Buffer.concat([...this.#held, last]);
    const bytes = this.#tooLong || whole.length > MAX_ELEMENT_BYTES ? null : whole;
    const element = { index: this.#index, bytes };
    this.#index += 1;
    this.#open = false;
    this.#held = [];
    this.#heldBytes = 0;
    this.#tooLong = false;
    return element;
  }
}
