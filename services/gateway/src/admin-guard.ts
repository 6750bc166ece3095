import { problems } from '@spindle/service-kit';
import type { Request, RequestHandler, Response } from 'express';
import type { Authenticate } from './auth/authenticate.ts';
import { authorize } from './auth/authorize.ts';
import { isAdmin } from './caller.ts';

/** Lets only admins pass; for surfaces that are not made of contracts. */
export function requireAdmin(authenticate: Authenticate): RequestHandler {
  return async (request, response, next) => {
    authorize(await authenticate(request, response), { auth: 'admin' });
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
