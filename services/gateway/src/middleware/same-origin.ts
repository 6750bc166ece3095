import { problems } from '@spindle/service-kit';
import type { Request } from 'express';
import type { Config } from '../config.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses unsafe requests that another site's page may have sent with our cookie. Browsers say where a
 * request comes from (`Sec-Fetch-Site`, older ones `Origin`); one that says neither is no browser of
 * today, and has no business with a cookie. (OWASP, Cross-Site Request Forgery Prevention: fetch metadata.)
 *
 * @param evenSafe for a safe method that is not one
 * @throws AppError 403 `cross-site`
 */
export function requireSameOrigin(request: Request, web: Config['web'], evenSafe = false): void {
  if (!evenSafe && SAFE.has(request.method)) return;
  const { origin } = request.headers;
  if (origin !== undefined && (origin === web.publicUrl || web.corsOrigins.includes(origin))) return;
  if (request.headers['sec-fetch-site'] === 'same-origin') return;
  throw problems.forbidden('This request came from another site, so it was not carried out.', {
    code: 'cross-site',
  });
}

/**
 * As {@link requireSameOrigin}, for the few operations that change something by GET: cookies come along when
 * another site sends the browser there. Somebody who types the address themselves means it.
 *
 * @throws AppError 403 `cross-site`
 */
export function requireOwnNavigation(request: Request, web: Config['web']): void {
  if (!SAFE.has(request.method) || request.headers['sec-fetch-site'] === 'none') return;
  requireSameOrigin(request, web, true);
}
