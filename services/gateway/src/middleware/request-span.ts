import { beginSpan, runInSpan, SpanKind } from '@spindle/service-kit';
import type { RequestHandler } from 'express';
import { routeOf } from '../metrics/http-metrics.ts';

/** Probes and scrapes say nothing worth a trace. */
const QUIET = /^\/(?:healthz|readyz|metrics)(?:\?|$)/;

/**
 * Begins the trace of a request, which follows it through the queues. What a caller says of a trace of its own
 * is not believed, since it would decide what is recorded here.
 */
export const requestSpan: RequestHandler = (request, response, next) => {
  if (QUIET.test(request.url)) return next();
  const span = beginSpan({ name: request.method, kind: SpanKind.SERVER }, { root: true });
  response.once('close', () => {
    const route = routeOf(request, response);
    span.updateName(`${request.method} ${route}`);
    span.setAttributes({
      'http.request.method': request.method,
      'http.route': route,
      'http.response.status_code': response.statusCode,
      'spindle.request_id': String(request.id),
    });
    if (response.statusCode >= 500) span.setAttribute('error.type', String(response.statusCode));
    span.end();
  });
  runInSpan(span, next);
};
