import {
  AppError,
  type Clock,
  GiveUp,
  isOutage,
  type Random,
  RetryLater,
  redactText,
  TurnOver,
} from '@spindle/service-kit';
import { DelayedError, type Job, UnrecoverableError, WaitingChildrenError, WaitingError } from 'bullmq';
import { type Envelope, envelopeSchema } from './envelope.ts';
import { encodeFailure } from './failure-reason.ts';
import { ChildrenPending } from './fan-out.ts';
import type { JobDefinition } from './job-definition.ts';

/** How a run ended; also the label of the metric. */
export type RunOutcome =
  | 'succeeded'
  | 'fanned-out'
  | 'parked'
  | 'handed-back'
  | 'retrying'
  | 'gave-up'
  | 'failed';

/** What the queue is told: the error that BullMQ understands, once the job was moved where it belongs. */
export interface Translation {
  readonly outcome: Exclude<RunOutcome, 'succeeded'>;
  readonly thrown: Error;
}

export interface TranslationContext {
  readonly job: Job;
  readonly token: string;
  readonly definition: JobDefinition<unknown, unknown> | undefined;
  readonly clock: Clock;
  readonly random: Random;
  /** True when the worker is stopping and has told the job so. */
  readonly shuttingDown: boolean;
}

export const DEFAULT_MAX_STARTS = 200;
/**
 * Jobs for which nothing else is said are not given up before this age, ms on the process's clock: where
 * many wait for a small window of calls, two hundred starts are over in minutes.
 */
const LEAST_AGE_MS = 24 * 3_600_000;
/** Jobs parked for the same moment come back over this part of their wait, at most 2 real seconds. */
const STAGGER = 0.05;
const STAGGER_CAP_MS = 2_000;

function giveUp(error: unknown): Translation {
  const thrown = new UnrecoverableError(encodeFailure(error));
  if (error instanceof Error && error.stack) thrown.stack = redactText(error.stack);
  return { outcome: 'gave-up', thrown };
}

/** What failed for good instead of being postponed; undefined when postponing is all right. */
function refusalToPark(error: RetryLater, context: TranslationContext): GiveUp | undefined {
  const { job, definition, clock } = context;
  const maxStarts = definition?.maxStarts ?? DEFAULT_MAX_STARTS;
  const isOld =
    definition?.maxStarts !== undefined || Date.now() - job.timestamp >= clock.toWallMs(LEAST_AGE_MS);
  if (job.attemptsStarted >= maxStarts && isOld) {
    return new GiveUp({
      code: 'postponed_too_often',
      message: `The job was postponed ${job.attemptsStarted} times and given up.`,
      cause: error,
    });
  }
  const payload = envelopeSchema.safeParse(job.data).data?.payload;
  const limitMs = definition?.maxPostponeMs?.(payload);
  if (limitMs !== undefined && error.until.getTime() - clock.nowMs() > limitMs) {
    const when = error.until.toISOString();
    return new GiveUp({
      code: 'postponed',
      message: error.waiting ?? `Not possible before ${when}.`,
      cause: error,
    });
  }
  return undefined;
}

async function park(error: RetryLater, context: TranslationContext): Promise<Translation> {
  const refusal = refusalToPark(error, context);
  if (refusal) return giveUp(refusal);
  const { job, token, clock, random } = context;
  const untilMs = error.until.getTime();
  const waitMs = Math.max(0, clock.toWallMs(untilMs - clock.nowMs()));
  const staggerMs = random.next() * Math.min(STAGGER_CAP_MS, waitMs * STAGGER);
  const envelope = envelopeSchema.parse(job.data);
  await job.updateData({
    ...envelope,
    parked: { untilMs, ...(error.waiting !== undefined && { waiting: error.waiting }) },
  } satisfies Envelope);
  await job.moveToDelayed(Date.now() + Math.ceil(waitMs + staggerMs), token);
  return { outcome: 'parked', thrown: new DelayedError() };
}

/** Until a job is tried again whose database was away, ms on the process's clock: longer each time, up to the cap. */
const OUTAGE_MS = 5_000;
const OUTAGE_CAP_MS = 60_000;

/** An outage of ours is no fault of the job: it waits for its end, and uses up no attempt. */
function waitOut(error: unknown, { job, clock }: TranslationContext): RetryLater {
  const waitMs = Math.min(OUTAGE_CAP_MS, OUTAGE_MS * 2 ** Math.min(job.attemptsStarted - 1, 10));
  return new RetryLater({
    until: new Date(clock.nowMs() + waitMs),
    reason: `an outage: ${redactText(error instanceof Error ? error.message : String(error))}`,
    waiting: 'Something that this needs is away for a moment. It goes on by itself.',
    cause: error,
  });
}

/** Jobs that are not tried again have a next one that does the same. */
const isTriedAgain = (definition: TranslationContext['definition']): boolean =>
  (definition?.attempts ?? 1) > 1;

/**
 * Turns whatever a processor threw into BullMQ's own way of saying it. The only place that knows
 * BullMQ's errors.
 *
 * | thrown                          | becomes                                   | uses an attempt |
 * |---------------------------------|-------------------------------------------|-----------------|
 * | RetryLater                      | delayed until then                        | no              |
 * | TurnOver                        | to the end of the line                    | no              |
 * | ChildrenPending                 | waits for its children                    | no              |
 * | GiveUp, AppError below 500      | failed                                    | ends            |
 * | anything while stopping         | back into the queue at once               | no              |
 * | PostgreSQL or Redis was away    | delayed for some seconds, then longer;    | no              |
 * |                                 | forgotten, where the next does the same   |                 |
 * | anything else, timeouts too     | retried after its backoff, or failed      | yes             |
 */
export async function translateJobError(error: unknown, context: TranslationContext): Promise<Translation> {
  if (error instanceof ChildrenPending) return { outcome: 'fanned-out', thrown: new WaitingChildrenError() };
  if (error instanceof RetryLater) return park(error, context);
  if (error instanceof TurnOver) {
    // Straight back into the queue would be in front of its equals; from the delayed ones it comes behind them.
    await context.job.moveToDelayed(Date.now() + 1, context.token);
    return { outcome: 'handed-back', thrown: new DelayedError() };
  }
  if (error instanceof GiveUp) return giveUp(error);
  if (error instanceof AppError && error.status < 500 && error.status !== 429) return giveUp(error);
  if (context.shuttingDown) {
    await context.job.moveToWait(context.token);
    return { outcome: 'handed-back', thrown: new WaitingError() };
  }
  if (isOutage(error)) {
    if (isTriedAgain(context.definition)) return park(waitOut(error, context), context);
    // A tick each second would bury the failures that somebody should look at; the log has it.
    context.job.opts.removeOnFail = true;
  }
  const thrown = new Error(encodeFailure(error), { cause: error });
  if (error instanceof Error && error.stack) thrown.stack = redactText(error.stack);
  const last = context.job.attemptsMade + 1 >= (context.job.opts.attempts ?? 1);
  return { outcome: last ? 'failed' : 'retrying', thrown };
}
