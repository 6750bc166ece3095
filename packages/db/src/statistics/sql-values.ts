/** Collects the values of a statement; each gets its place, `$1` and on. */
export class SqlValues {
  readonly list: unknown[] = [];

  constructor(...first: readonly unknown[]) {
    this.list.push(...first);
  }

  /** Answers the place of the value. */
  add(value: unknown): string {
    this.list.push(value);
    return `$${this.list.length}`;
  }
}
