import { randomUUID } from 'node:crypto';
import { type Logger, runWork } from '@spindle/service-kit';
import type { Request, RequestHandler } from 'express';
import { pinoHttp } from 'pino-http';

const ACCEPTED = /^[A-Za-z0-9._:-]{1,100}$/;

/** The id of a request: the caller's own when it is one, else a new one. */
export function requestId(request: Pick<Request, 'id'>): string {
  return String(request.id);
}

/** Probes and scrapes come every few seconds and say nothing. */
const QUIET = new Set(['/healthz', '/readyz', '/metrics']);

/** The path alone: queries may hold codes and states of a sign-in. */
function pathOf(url: string | undefined): string {
  return (url ?? '').split('?', 1)[0] ?? '';
}

/** Gives each request its id (`X-Request-Id`, in and out) and writes one line for each answer. */
export function requestLog(logger: Logger): RequestHandler {
  const log = pinoHttp({
    logger,
    quietReqLogger: true,
    customAttributeKeys: { reqId: 'requestId' },
    genReqId(request, response) {
      const given = request.headers['x-request-id'];
      const id = typeof given === 'string' && ACCEPTED.test(given) ? given : randomUUID();
      response.setHeader('x-request-id', id);
      return id;
    },
    autoLogging: { ignore: (request) => QUIET.has(pathOf(request.url)) },
    customLogLevel: (_request, response, error) =>
      error || response.statusCode >= 500 ? 'error' : response.statusCode >= 400 ? 'info' : 'debug',
    customSuccessMessage: () => 'answered',
    customErrorMessage: () => 'failed',
    customSuccessObject: (request, response, value: { responseTime?: number }) => ({
      method: request.method,
      path: pathOf((request as Request).originalUrl),
      status: response.statusCode,
      ms: value.responseTime,
    }),
    customErrorObject: (request, response, _error, value: { responseTime?: number }) => ({
      method: request.method,
      path: pathOf((request as Request).originalUrl),
      status: response.statusCode,
      ms: value.responseTime,
    }),
  });
  return (request, response, next) =>
    log(request, response, () => runWork({ requestId: requestId(request) }, next));
}
