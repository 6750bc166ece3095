import { z } from 'zod';

/**
 * Who waits for the result, in the order in which a busy queue serves them. BullMQ runs lower numbers
 * first.
 */
export const LANES = {
  /** A person looks at the screen. */
  interactive: 10,
  /** What somebody plays at this moment. */
  live: 20,
  /** Recently played, before Spotify forgets it. */
  history: 30,
  /** Names and artwork. */
  metadata: 40,
  /** Whatever may take all night. */
  bulk: 50,
} as const;
export type Lane = keyof typeof LANES;

/**
 * Jobs with the same `id` are one while the first has not ended. With `keepLastIfActive` one more runs
 * afterwards when a second came while the first was running (its `ttlMs` is then ignored).
 */
export interface Dedupe {
  readonly id: string;
  readonly mode: 'simple' | 'keepLastIfActive';
  readonly ttlMs?: number;
}

/** Everything the queue must know about a job; what it does is the worker's business. */
export interface JobDefinition<Payload, Result> {
  /** Ids only: the row in PostgreSQL is the truth, the job delivers. Checked when added and when run. */
  readonly payload: z.ZodType<Payload>;
  readonly result: z.ZodType<Result>;
  /** Runs in all, the first included, before an error that might have healed is final. */
  readonly attempts: number;
  /** The n-th retry waits `delayMs` · 2^(n-1) on the process's clock, less up to the part `jitter` (0-1). */
  readonly backoff: { readonly delayMs: number; readonly jitter: number };
  readonly lane: Lane | ((payload: Payload) => Lane);
  /** Real ms that one run may take. Its signal aborts then, and the run counts as failed. */
  readonly timeoutMs: number;
  readonly dedupe?: (payload: Payload) => Dedupe | undefined;
  /**
   * Whether a finished job can still be looked at (for a day). Jobs that nobody asked for are many, and
   * would push out those that somebody did.
   */
  readonly keepFinished: boolean | ((payload: Payload) => boolean);
  /**
   * How long a run may ask to be postponed, in ms on the process's clock; a longer wish fails the job
   * with the code `postponed`. For jobs whose answer somebody waits for. Default: any time.
   */
  readonly maxPostponeMs?: (payload: Payload) => number | undefined;
  /** Starts in all, postponed ones included, after which a job is given up. Default: 200, but not within a day. */
  readonly maxStarts?: number;
}

/** Declares a job, with its types taken from the schemas. */
export function defineJob<Payload, Result>(
  definition: JobDefinition<Payload, Result>,
): JobDefinition<Payload, Result> {
  return definition;
}

/**
 * Declares a job that the clock asks for again and again: one at a time under its `id`, and a failed
 * one is not repeated, as the next does the same work.
 */
export function defineRecurringJob<Result>({
  id,
  ...own
}: { readonly id: string } & Pick<JobDefinition<object, Result>, 'result' | 'lane' | 'timeoutMs'>) {
  return defineJob({
    ...own,
    payload: z.strictObject({}),
    attempts: 1,
    backoff: { delayMs: 1_000, jitter: 0 },
    dedupe: () => ({ id, mode: 'simple' }),
    keepFinished: false,
  });
}
