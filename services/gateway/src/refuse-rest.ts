import type { Request, Response } from 'express';

/** How long a sender has to notice a refusal before the connection is cut, in ms. */
const NOTICE_MS = 3_000;

/**
 * For an answer in the middle of a body: the rest is read past for a moment, so that the sender gets to
 * see the answer, then the line is cut.
 */
export function refuseRest(request: Request, response: Response): void {
  if (request.complete || response.headersSent) return;
  response.setHeader('connection', 'close');
  request.resume();
  response.once('finish', () => {
    const timer = setTimeout(() => request.destroy(), NOTICE_MS);
    request.once('close', () => clearTimeout(timer));
  });
}
