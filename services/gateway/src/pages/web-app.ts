import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type ErrorRequestHandler, type RequestHandler, Router, static as serveStatic } from 'express';

const YEAR_MS = 365 * 86_400_000;
/** Addresses of the API: what is missing there is a problem, not a page. */
const API =
  /^\/(api|auth|spotify|share|rooms|dashboard|tasks|token|admin\/queues|socket\.io|healthz|readyz|metrics|openapi\.json|feed)(\/|$)/;

/**
 * The built web app, for instances without a web server in front: hashed assets are kept for ever,
 * everything else is asked for again, and every address that is not the API's gets the app.
 *
 * @param folder where `index.html` is.
 */
export function webApp(folder: string): RequestHandler {
  const root = resolve(folder);
  const index = join(root, 'index.html');
  const router = Router();
  router.use(
    '/assets',
    serveStatic(join(root, 'assets'), { immutable: true, maxAge: YEAR_MS, index: false }),
  );
  router.use(serveStatic(root, { index: 'index.html', maxAge: 0, cacheControl: false, setHeaders: noCache }));
  router.use((request, response, next) => {
    const isPage = request.method === 'GET' && request.accepts('html') && !API.test(request.path);
    if (!isPage || request.path.startsWith('/assets/') || !existsSync(index)) return next();
    noCache(response);
    response.sendFile(index, { cacheControl: false });
  });
  const ignoreMissing: ErrorRequestHandler = (error, _request, _response, next) =>
    next(error instanceof Error && 'code' in error && error.code === 'ENOENT' ? undefined : error);
  router.use(ignoreMissing);
  return router;
}

function noCache(response: { setHeader(name: string, value: string): unknown }): void {
  response.setHeader('cache-control', 'no-cache');
}
