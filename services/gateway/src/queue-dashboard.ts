import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import { noteAdminAction } from '@spindle/db';
import type { Producer } from '@spindle/queues';
import { type Request, type RequestHandler, Router } from 'express';
import { adminActor, type Caller } from './caller.ts';
import type { Config } from './config.ts';
import type { GatewayContext } from './context.ts';
import { requestId } from './middleware/request-log.ts';
import { requireSameOrigin } from './middleware/same-origin.ts';

export const DASHBOARD_PATH = '/admin/queues';

/** Jobs carry ids only, but whatever a failure says is cut to what an operator needs. */
const DESCRIPTION = 'Retry, promote or drop jobs. Payloads are ids; the rows behind them are in PostgreSQL.';

/** The dashboard sets a base address, and would like fonts from elsewhere, which it does without. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Writes down that an admin used a button of the dashboard. */
export async function noteDashboard(
  { db, clock }: Pick<GatewayContext, 'db' | 'clock'>,
  caller: Caller,
  request: Request,
): Promise<void> {
  const details = { method: request.method, path: request.path.slice(0, 200) };
  await noteAdminAction(
    db.pool,
    { actor: adminActor(caller), action: 'dashboard-used', details, requestId: requestId(request) },
    clock.now(),
  );
}

/**
 * bull-board over all queues, for admins (the caller puts the guard in front). Its buttons work only
 * from its own pages. The queues are opened at the first visit.
 */
export function queueDashboard(producer: Producer, web: Config['web']): RequestHandler {
  let board: Promise<RequestHandler> | undefined;

  async function open(): Promise<RequestHandler> {
    const serverAdapter = new ExpressAdapter();
    serverAdapter.setBasePath(DASHBOARD_PATH);
    const queues = await producer.bullQueues();
    createBullBoard({
      queues: queues.map((queue) => new BullMQAdapter(queue, { description: DESCRIPTION })),
      serverAdapter,
      options: { uiConfig: { boardTitle: 'Spindle queues' } },
    });
    return serverAdapter.getRouter() as RequestHandler;
  }

  const router = Router();
  router.use(async (request, response, next) => {
    requireSameOrigin(request, web);
    response.setHeader('content-security-policy', POLICY);
    board ??= open().catch((error: unknown) => {
      // Redis was away: the next visit tries again.
      board = undefined;
      throw error;
    });
    const run = await board;
    await run(request, response, next);
  });
  return router;
}
