import { MAX_ROW_BYTES } from './broken-rows.ts';
import type { Element } from './list-elements.ts';

const LINE_FEED = 0x0a;

/** Cuts a text into its lines as the bytes arrive; blank ones are passed over. Memory is bounded by one line. */
export class Lines {
  #held: Buffer[] = [];
  #heldBytes = 0;
  #tooLong = false;
  #index = 0;

  *push(chunk: Buffer): Generator<Element, void, undefined> {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      yield* this.#close(chunk.subarray(start, end));
      start = end + 1;
    }
    const rest = chunk.subarray(start);
    if (this.#tooLong || this.#heldBytes + rest.length > MAX_ROW_BYTES) {
      this.#tooLong = true;
      this.#held = [];
      this.#heldBytes = 0;
    } else if (rest.length > 0) {
      this.#held.push(Buffer.from(rest));
      this.#heldBytes += rest.length;
    }
  }

  /** The last line needs no end. */
  *end(): Generator<Element, void, undefined> {
    yield* this.#close(Buffer.alloc(0));
  }

  *#close(last: Buffer): Generator<Element, void, undefined> {
    const whole = this.#held.length === 0 ? last : Buffer.concat([...this.#held, last]);
    const tooLong = this.#tooLong || whole.length > MAX_ROW_BYTES;
    this.#held = [];
    this.#heldBytes = 0;
    this.#tooLong = false;
    if (!tooLong && whole.toString('latin1').trim() === '') return;
    const element = { index: this.#index, bytes: tooLong ? null : whole };
    this.#index += 1;
    yield element;
  }
}
