import { problems } from '@spindle/service-kit';
import type { Request, RequestHandler, Response } from 'express';
import type { Authenticate } from './auth/authenticate.ts';
import { authorize } from './auth/authorize.ts';
import { type Caller, isAdmin } from './caller.ts';

/**
 * Lets only admins pass; for surfaces that are not made of contracts.
 *
 * @param changing told of each request that may change something, before it does.
 */
export function requireAdmin(
  authenticate: Authenticate,
  changing: (caller: Caller, request: Request) => Promise<void>,
): RequestHandler {
  return async (request, response, next) => {
    const caller = await authenticate(request, response);
    authorize(caller, { auth: 'admin' });
    if (request.method !== 'GET' && request.method !== 'HEAD') await changing(caller, request);
    next();
  };
}

const LOOPBACK = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

/** A process on this very machine: nothing says that the request was passed on for somebody else. */
function isLocal(request: Request): boolean {
  const passedOn =
    request.headers['x-forwarded-for'] !== undefined || request.headers.forwarded !== undefined;
  return !passedOn && LOOPBACK.has(request.socket.remoteAddress ?? '');
}

/**
 * Who may read the metrics: processes on the same machine, whoever has the cron secret, admins.
 *
 * @throws AppError 401, 403
 */
export async function requireScraper(
  request: Request,
  response: Response,
  authenticate: Authenticate,
): Promise<void> {
  if (isLocal(request)) return;
  const caller = await authenticate(request, response);
  if (caller.kind === 'cron' || isAdmin(caller)) return;
  authorize(caller, { auth: 'admin' });
  throw problems.forbidden('The metrics are for the operator.');
}
