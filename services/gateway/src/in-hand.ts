/** What is being answered now, whether or not anybody still waits for it. */
export class InHand {
  readonly #all = new Set<Promise<unknown>>();

  /** The same work, remembered until it has ended. */
  async take<T>(work: Promise<T>): Promise<T> {
    this.#all.add(work);
    try {
      return await work;
    } finally {
      this.#all.delete(work);
    }
  }

  /** Resolves when everything that is in hand now has ended, well or not; at the latest after `limitMs`. */
  async settled(limitMs: number): Promise<void> {
    const { promise: limit, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, limitMs);
    await Promise.race([Promise.allSettled(this.#all), limit]);
    clearTimeout(timer);
  }
}
