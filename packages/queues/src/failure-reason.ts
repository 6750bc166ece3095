import { AppError, GiveUp, redactText } from '@spindle/service-kit';

/** What may be told about a failed job. */
export interface JobFailure {
  readonly code: string;
  readonly message: string;
}

const INTERNAL: JobFailure = {
  code: 'internal',
  message: 'The job failed. It was recorded for the operator.',
};

/**
 * A queue keeps one text per failure. It is written as `[code] message` when the message is public,
 * and as `[!Class] message` when it is for operators only.
 */
export function encodeFailure(error: unknown): string {
  if (error instanceof GiveUp) return `[${error.code}] ${redactText(error.message)}`;
  if (error instanceof AppError && error.status < 500) return `[${error.code}] ${redactText(error.detail)}`;
  const text = error instanceof Error ? error.message : String(error);
  return `[!${error instanceof Error ? error.name : 'thrown'}] ${redactText(text)}`;
}

/** Reads it back; whatever is not marked public gives a sentence that tells nothing. */
export function decodeFailure(reason: string | undefined): JobFailure {
  const match = /^\[([A-Za-z0-9_-]+)\] ([\s\S]*)$/.exec(reason ?? '');
  return match?.[1] && match[2] !== undefined ? { code: match[1], message: match[2] } : INTERNAL;
}

/** Reads it back for an operator: with the words that are for nobody else, in which nothing is secret. */
export function decodeFailureForOperator(reason: string | undefined): JobFailure {
  const match = /^\[!?([^\]]{1,80})\] ([\s\S]*)$/.exec(reason ?? '');
  if (match?.[1] && match[2] !== undefined) return { code: match[1], message: match[2] };
  // BullMQ's own words, such as those on a job that stalled too often.
  return { code: 'queue', message: redactText(reason ?? 'It failed without a word.') };
}

/** Whether a text of {@link encodeFailure} is for operators only: the system failed, and not what was asked for. */
export function isInternalFailure(reason: string | undefined): boolean {
  return decodeFailure(reason) === INTERNAL;
}
