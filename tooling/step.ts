/** A failure that is told in one clear sentence, without a stack. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
}

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Tells what is being done and how long it took; silent when it took less than `quietMs`. */
export async function step<T>(title: string, work: () => Promise<T>, quietMs = 300): Promise<T> {
  const startedAt = performance.now();
  let told = false;
  const timer = setTimeout(() => {
    told = true;
    process.stdout.write(`• ${title} … `);
  }, quietMs);
  try {
    const result = await work();
    clearTimeout(timer);
    if (told) process.stdout.write(`${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`);
    return result;
  } catch (error) {
    clearTimeout(timer);
    process.stdout.write(told ? 'failed\n' : `• ${title} … failed\n`);
    throw error;
  }
}

/** Runs a command's main function: a {@link SetupError} becomes its sentence, anything else its stack. */
export async function runCommand(main: () => Promise<number | undefined>): Promise<never> {
  try {
    process.exit((await main()) ?? 0);
  } catch (error) {
    process.stderr.write(
      error instanceof SetupError ? `\n${error.message}\n` : `\n${String((error as Error).stack)}\n`,
    );
    process.exit(1);
  }
}
