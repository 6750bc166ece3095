import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import type { Producer } from '@spindle/queues';
import { type RequestHandler, Router } from 'express';
import type { Config } from './config.ts';
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
