import cors from 'cors';
import type { RequestHandler } from 'express';

const EXPOSED = [
  'Location',
  'Retry-After',
  'X-Request-Id',
  'RateLimit-Limit',
  'RateLimit-Remaining',
  'RateLimit-Reset',
  'Preference-Applied',
];

/** Paths that any page may read, without credentials: what they say is public anyway. */
const OPEN_TO_ALL = [
  /^\/api\/now-playing$/,
  /^\/spotify\/now-playing$/,
  /^\/api\/users\/[^/]+\/now-playing$/,
  /^\/api\/widgets\/[^/]+\/now-playing$/,
  /^\/oembed$/,
];

/** Pages of the listed origins may call the API with a session; all others only read what is public. */
export function crossOrigin(allowed: readonly string[]): RequestHandler {
  const open = cors({ origin: '*', methods: ['GET'], exposedHeaders: EXPOSED, maxAge: 86_400 });
  const listed = cors({
    origin: [...allowed],
    credentials: true,
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ['Content-Type', 'Accept', 'Prefer', 'Idempotency-Key', 'X-Request-Id', 'Authorization'],
    exposedHeaders: EXPOSED,
    maxAge: 600,
  });
  return (request, response, next) => {
    const { origin } = request.headers;
    const isOpen = OPEN_TO_ALL.some((path) => path.test(request.path));
    if (isOpen) response.setHeader('cross-origin-resource-policy', 'cross-origin');
    if (origin !== undefined && allowed.includes(origin)) return listed(request, response, next);
    return isOpen ? open(request, response, next) : next();
  };
}
