export interface WaitOptions {
  /** How long to wait at most, ms; 15 s unless told. */
  readonly timeoutMs?: number;
  /** Pause between two looks, ms; 25 unless told. */
  readonly everyMs?: number;
  /** What is waited for, for the error. */
  readonly what?: string;
}

/**
 * Looks until `look` answers something truthy, and answers that. An error of `look` counts as "not yet".
 *
 * @throws when the time is over, with what was waited for and the last error.
 */
export async function waitFor<T>(
  look: () => T | Promise<T>,
  options: WaitOptions = {},
): Promise<Exclude<T, false | null | undefined | 0 | ''>> {
  const deadline = Date.now() + (options.timeoutMs ?? 15_000);
  let last: unknown;
  for (;;) {
    try {
      const seen = await look();
      if (seen) return seen as Exclude<T, false | null | undefined | 0 | ''>;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) {
      throw new Error(`waited too long for ${options.what ?? 'a condition'}`, { cause: last });
    }
    await new Promise((resolve) => setTimeout(resolve, options.everyMs ?? 25));
  }
}
