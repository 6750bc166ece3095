import { PROBLEM_MEDIA_TYPE, type Problem } from '@spindle/contracts';
import { AppError, GiveUp, problems, RetryLater, toAppError } from '@spindle/service-kit';
import type { Response } from 'express';

/** An error of Express's body parsers (http-errors). What a decompressor refuses has no type. */
interface BodyError extends Error {
  readonly type?: string;
  readonly status: number;
}

function isBodyError(thrown: unknown): thrown is BodyError {
  return (
    thrown instanceof Error &&
    'status' in thrown &&
    typeof thrown.status === 'number' &&
    thrown.status >= 400 &&
    thrown.status < 500
  );
}

function fromBodyError(thrown: BodyError): AppError {
  switch (thrown.type) {
    case 'entity.parse.failed':
      return problems.validation('The body is not valid JSON.', {
        code: 'malformed-json',
        errors: [{ path: 'body', message: 'is not valid JSON' }],
        cause: thrown,
      });
    case 'entity.too.large':
    case 'parameters.too.many':
      return problems.tooLarge('The body is larger than this endpoint accepts.', { cause: thrown });
    case 'charset.unsupported':
    case 'encoding.unsupported':
      return problems.unsupportedMediaType('The body must be UTF-8, plain or gzip.', { cause: thrown });
    default:
      return problems.validation('The body could not be read.', { code: 'unreadable-body', cause: thrown });
  }
}

const REDIS_AWAY = /enableOfflineQueue|Connection is closed|max retries per request/i;
/** Connection errors of Node, and SQLSTATE classes 08 (connection) and 57P (shutdown). */
const DATABASE_AWAY = /^(ECONNREFUSED|ECONNRESET|ETIMEDOUT|EPIPE|08\w{3}|57P0\d|P1001|P1002|P1017)$/;

function awayPart(thrown: unknown): 'redis' | 'postgres' | null {
  if (!(thrown instanceof Error)) return null;
  if (thrown.name === 'MaxRetriesPerRequestError' || REDIS_AWAY.test(thrown.message)) return 'redis';
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
  if (
    DATABASE_AWAY.test(code) ||
    /timeout exceeded when trying to connect|Connection terminated/.test(thrown.message)
  )
    return 'postgres';
  return null;
}

/** The problem to show for anything that was thrown; what is not meant for callers loses its words. */
export function toProblemError(thrown: unknown, nowMs: number): AppError {
  if (thrown instanceof AppError) return thrown;
  if (thrown instanceof URIError) {
    return problems.validation('The address is not properly encoded.', {
      code: 'malformed-address',
      cause: thrown,
    });
  }
  if (isBodyError(thrown)) return fromBodyError(thrown);
  if (thrown instanceof RetryLater) {
    return problems.unavailable(thrown.waiting ?? 'Not possible right now.', {
      code: 'wait',
      retryAfterMs: Math.max(1_000, thrown.until.getTime() - nowMs),
      cause: thrown,
    });
  }
  if (thrown instanceof GiveUp) {
    return problems.unprocessable(thrown.message, { code: problemCode(thrown.code), cause: thrown });
  }
  if (awayPart(thrown)) {
    return problems.unavailable('A part of the system does not answer right now. Try again in a moment.', {
      retryAfterMs: 5_000,
      cause: thrown,
    });
  }
  return toAppError(thrown);
}

/** Codes of jobs are written with `_`, problem types with `-`. */
export function problemCode(code: string): string {
  return code.replaceAll('_', '-');
}

export function problemDocument(error: AppError, requestId: string): Problem {
  return {
    type: `/problems/${error.code}`,
    title: error.title,
    status: error.status,
    detail: error.detail,
    instance: requestId,
    ...(error.errors.length > 0 && { errors: [...error.errors] }),
  };
}

/** Answers with a problem document (RFC 9457). */
export function sendProblem(response: Response, error: AppError, requestId: string): void {
  if (error.retryAfterMs !== undefined) {
    response.setHeader('retry-after', String(Math.max(1, Math.ceil(error.retryAfterMs / 1_000))));
  }
  if (error.status === 401) response.setHeader('www-authenticate', 'Bearer realm="Spindle"');
  response.setHeader('cache-control', 'no-store');
  response.status(error.status).type(PROBLEM_MEDIA_TYPE);
  response.send(JSON.stringify(problemDocument(error, requestId)));
}
