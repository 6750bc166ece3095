/** The text is not what it began as, and nothing after this place can be read. `row` counts from 1, 0: outside of any. */
export class BrokenRows extends Error {
  override readonly name = 'BrokenRows';
  readonly row: number;

  constructor(row: number, message: string) {
    super(message);
    this.row = row;
  }
}

/** No row of an export comes near this; a longer one is reported, not held in memory. */
export const MAX_ROW_BYTES = 256 * 1024;

export const TOO_LONG = `The row is longer than ${MAX_ROW_BYTES / 1024} KiB.`;
