import { type Request, type Response, Router } from 'express';
import type { Fault } from '../faults/fault-rules.ts';
import { bucketOf } from '../limits/daily-quota.ts';
import type { World } from '../world.ts';
import { ApiError } from './api-error.ts';
import type { Endpoint, Reply } from './endpoint.ts';
import { applyFault, faultAfter, faultBefore } from './fault-injection.ts';
import { apiCall, checkApp, checkEndpoint, checkLimits, type Identity, identify } from './gate.ts';

/** All endpoints under `/v1`, each behind the gate, the fault rules and the ledger. */
export function apiRouter(world: World, endpoints: readonly Endpoint[]): Router {
  const router = Router({ caseSensitive: true, strict: false });
  for (const endpoint of endpoints) {
    router[endpoint.method](endpoint.path, (request, response) => serve(world, endpoint, request, response));
  }
  for (const path of new Set(endpoints.map((endpoint) => endpoint.path))) {
    router.all(path, (request, response) =>
      refuse(world, request, response, new ApiError(405, 'Method not allowed')),
    );
  }
  router.use('/v1', (request: Request, response: Response) =>
    refuse(world, request, response, new ApiError(404, 'Service not found')),
  );
  return router;
}

async function serve(world: World, endpoint: Endpoint, request: Request, response: Response): Promise<void> {
  const atMs = world.clock.nowMs();
  const path = fullPath(request);
  let identity: Identity | null = null;
  let fault: Fault | null = null;
  let outcome: Reply | ApiError;
  try {
    identity = identify(world, request);
    fault = world.faults.strike(
      { method: request.method, path, personId: identity.personId, clientId: identity.app.clientId },
      atMs,
    );
    const early = fault && (await faultBefore(fault));
    if (early) {
      outcome = early;
    } else {
      checkApp(identity);
      checkLimits(world, identity.app, path, atMs);
      checkEndpoint(endpoint, identity);
      outcome = await endpoint.handle(apiCall(world, request, identity, atMs));
    }
  } catch (error) {
    outcome = asApiError(error);
  }
  if (fault) outcome = faultAfter(fault, outcome);
  const dropped = applyFault(fault, request, response, outcome);
  if (!dropped) send(response, outcome);
  record(world, request, identity, atMs, dropped ? 0 : outcome.status, fault?.kind ?? null);
}

function refuse(world: World, request: Request, response: Response, error: ApiError): void {
  let identity: Identity | null = null;
  try {
    identity = identify(world, request);
  } catch {
    // Nobody in particular; the refusal is the same.
  }
  send(response, error);
  record(world, request, identity, world.clock.nowMs(), error.status, null);
}

function record(
  world: World,
  request: Request,
  identity: Identity | null,
  atMs: number,
  status: number,
  fault: string | null,
): void {
  const path = fullPath(request);
  world.calls.record({
    atMs,
    method: request.method,
    path,
    query: request.originalUrl.slice(path.length + 1),
    status,
    bucket: identity?.app.developer.quota?.bucket(path) ?? bucketOf(path),
    clientId: identity?.app.clientId ?? null,
    developerId: identity?.app.developer.id ?? null,
    personId: identity?.personId ?? null,
    fault,
  });
}

const fullPath = (request: Request): string => request.originalUrl.split('?')[0] ?? '';

/** Anything that is not a refusal of ours is a mistake of the sandbox and is shown as such. */
function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  console.error('spotify-sandbox: a handler failed', error);
  return new ApiError(500, 'Sandbox failure');
}

/** Writes an answer in its own shape. */
export function send(response: Response, outcome: Reply | ApiError): void {
  response.status(outcome.status);
  if (outcome instanceof ApiError) {
    response.set(outcome.headers);
    if (outcome.plainText) response.type('text/plain').send(outcome.message);
    else response.json(outcome.body);
  } else if ('json' in outcome) response.json(outcome.json);
  else if ('text' in outcome) response.type(outcome.type ?? 'text/plain').send(outcome.text);
  else response.end();
}
