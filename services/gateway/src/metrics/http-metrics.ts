import { Counter, Gauge, Histogram, type Registry } from '@spindle/service-kit';
import type { Request, RequestHandler, Response } from 'express';

/** Requests that take longer are logged, unless they wait on purpose, ms. */
const SLOW_MS = 2_000;
const BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60];
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** What an endpoint says of a request for the metrics; kept in `response.locals`. */
interface RequestMarks {
  /** Instead of the path of the route. */
  route?: string;
  /** The answer is waited for, or is long, by what was asked. */
  takesLong?: boolean;
}

/** Names the route of a request where Express does not know one. */
export function markRoute(response: Response, route: string): void {
  (response.locals as RequestMarks).route = route;
}

/** Says that a request may take its time. */
export function markLong(response: Response): void {
  (response.locals as RequestMarks).takesLong = true;
}

/** The path of the route as it was declared; never the path that was asked for, which may be anything. */
export function routeOf(request: Request, response: Response): string {
  const { route } = response.locals as RequestMarks;
  if (route !== undefined) return route;
  const path: unknown = request.route?.path;
  if (typeof path === 'string') return `${request.baseUrl}${path}`;
  return response.statusCode === 404 ? 'unmatched' : 'page';
}

/** Measures every request, and logs those that are slow. */
export function httpMetrics(registry: Registry, slowMs = SLOW_MS): RequestHandler {
  const registers = [registry];
  const duration = new Histogram({
    name: 'spindle_http_request_duration_seconds',
    help: 'From the first byte of a request to the last of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS_S,
    registers,
  });
  const inFlight = new Gauge({
    name: 'spindle_http_requests_in_flight',
    help: 'Requests that are being answered.',
    registers,
  });
  return (request, response, next) => {
    const startedAt = performance.now();
    inFlight.inc();
    response.once('close', () => {
      inFlight.dec();
      const ms = performance.now() - startedAt;
      const method = METHODS.has(request.method) ? request.method : 'other';
      const route = routeOf(request, response);
      const status = `${Math.floor(response.statusCode / 100)}xx`;
      duration.observe({ method, route, status }, ms / 1_000);
      if (ms >= slowMs && !(response.locals as RequestMarks).takesLong)
        request.log?.warn(
          { method, route, status: response.statusCode, ms: Math.round(ms) },
          'a slow request',
        );
    });
    next();
  };
}

/** Counts refusals of the rate limits, by limit. */
export function observeRefusals(registry: Registry): (limit: string) => void {
  const refused = new Counter({
    name: 'spindle_rate_limited_total',
    help: 'Requests and messages that a rate limit refused.',
    labelNames: ['limit'],
    registers: [registry],
  });
  return (limit) => refused.inc({ limit });
}

/** Measures how many sockets are open, at each scrape. */
export function observeSockets(registry: Registry, count: () => number): void {
  new Gauge({
    name: 'spindle_sockets_open',
    help: 'Live connections of browsers to this process.',
    registers: [registry],
    collect() {
      this.set(count());
    },
  });
}
