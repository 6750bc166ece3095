/**
 * Runs something at most once in so many milliseconds, however often it is asked for: what is asked for
 * while it runs is done in the next run. Times are real.
 */
export class Collector {
  readonly #everyMs: () => number;
  readonly #firstMs: number;
  readonly #run: () => Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #isAsked = false;
  #ranAt = Number.NEGATIVE_INFINITY;
  #notBefore = 0;

  /**
   * @param firstMs what is waited for more when nothing was asked for lately
   * @param run must not throw
   */
  constructor(options: { everyMs: () => number; firstMs: number; run: () => Promise<void> }) {
    this.#everyMs = options.everyMs;
    this.#firstMs = options.firstMs;
    this.#run = options.run;
  }

  /** @param afterMs not before */
  ask(afterMs = 0): void {
    const now = performance.now();
    this.#isAsked = true;
    this.#notBefore = Math.max(this.#notBefore, now + afterMs);
    if (this.#timer || this.#running) return;
    const due = Math.max(this.#ranAt + this.#everyMs(), this.#notBefore, now + this.#firstMs);
    this.#timer = setTimeout(() => void this.#start(), due - now);
  }

  /** Runs what was asked for, at once, and waits for it. */
  async finish(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#running;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#isAsked) await this.#start();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #start(): Promise<void> {
    this.#timer = undefined;
    this.#isAsked = false;
    this.#notBefore = 0;
    this.#ranAt = performance.now();
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
      if (this.#isAsked) this.ask();
    });
    return this.#running;
  }
}

/** Shares a reading among all who ask before it begins; nobody gets one that began before they asked. */
export function shared<T>(read: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  let next: Promise<T> | undefined;
  const begin = (): Promise<T> => {
    next = undefined;
    const reading = read().finally(() => {
      if (running === reading) running = undefined;
    });
    running = reading;
    return reading;
  };
  return () => {
    if (!running) return begin();
    next ??= running.then(begin, begin);
    return next;
  };
}
