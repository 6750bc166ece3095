/** Why a run was told to stop. */
export class RunAborted extends Error {
  override readonly name = 'RunAborted';
  readonly why: 'timeout' | 'shutdown' | 'lock-lost';

  constructor(why: 'timeout' | 'shutdown' | 'lock-lost', message: string) {
    super(message);
    this.why = why;
  }
}

/** How long a run may take to notice that it was told to stop, in ms. */
export const NOTICE_MS = 3_000;

/**
 * Waits for `work`, but not much longer than until `signal` aborts: work that does not listen is left
 * behind, so that one hanging call cannot hold a worker for ever. What aborted work throws is replaced
 * by the reason of the abort.
 */
export async function boundedRun<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: ignored, reject } = Promise.withResolvers<never>();
  let timer: NodeJS.Timeout | undefined;
  const onAbort = () => {
    timer = setTimeout(() => reject(signal.reason), NOTICE_MS);
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, ignored]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

/** Whether `work` ended, well or badly, within `ms`. */
export async function settlesWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(resolve, ms, false);
  const ended = work.then(
    () => true,
    () => true,
  );
  const inTime = await Promise.race([ended, late]);
  clearTimeout(timer);
  return inTime;
}
