import type { Request } from 'express';
import type { DeveloperApp } from '../apps/developer-apps.ts';
import type { World } from '../world.ts';
import { ApiError } from './api-error.ts';
import type { ApiCall, Endpoint } from './endpoint.ts';

export interface Identity {
  app: DeveloperApp;
  personId: string | null;
  scopes: ReadonlySet<string>;
}

/** Who calls, by the bearer token. @throws ApiError 400 or 401 with `WWW-Authenticate`. */
export function identify(world: World, request: Request): Identity {
  const header = request.headers.authorization;
  if (header === undefined || header === '') {
    throw unauthorized('Bearer realm="spotify"');
  }
  const match = /^Bearer (.+)$/i.exec(header);
  if (!match?.[1]) throw new ApiError(400, 'Only valid bearer authentication supported');
  const { state, claims } = world.authorization.examine(match[1]);
  const app = world.apps.find(claims?.clientId);
  if (state !== 'valid' || !claims || !app) {
    const description = state === 'expired' ? 'The access token expired' : 'Invalid access token';
    throw unauthorized(`Bearer realm="spotify", error="invalid_token", error_description="${description}"`);
  }
  return { app, personId: claims.personId, scopes: new Set(claims.scopes) };
}

/** Missing, expired and wrong tokens get the same body; only the header tells them apart. */
function unauthorized(challenge: string): ApiError {
  return new ApiError(401, 'Invalid access token', { headers: { 'WWW-Authenticate': challenge } });
}

/** Rolling window, then daily quota. @throws ApiError 429. */
export function checkLimits(world: World, app: DeveloperApp, path: string, nowMs: number): void {
  const pause = app.rateWindow?.refusal(nowMs) ?? null;
  if (pause !== null) throw tooManyRequests(pause, false);
  const underQuota = app.mode === 'development' || world.settings.quota !== undefined;
  const lock = underQuota ? (app.developer.quota?.refusal(path, nowMs) ?? null) : null;
  if (lock !== null) throw tooManyRequests(lock, true);
  app.rateWindow?.count(nowMs);
}

/** @param waitMs how long to stay away; null: no Retry-After */
export function tooManyRequests(waitMs: number | null, quota: boolean): ApiError {
  return new ApiError(429, quota ? 'Too many requests' : 'API rate limit exceeded', {
    ...(quota && { reason: 'QUOTA_EXCEEDED' }),
    headers: waitMs === null ? {} : { 'Retry-After': String(Math.max(1, Math.ceil(waitMs / 1000))) },
  });
}

/** The rules of development mode that concern app and person. @throws ApiError 403. */
export function checkApp(identity: Identity): void {
  const { app, personId } = identity;
  if (app.mode !== 'development') return;
  if (!app.developer.premium) {
    throw new ApiError(
      403,
      'Active premium subscription required for the owner of the app. When the subscription status changes, it can take a few hours for the change to be reflected.',
      { plainText: true },
    );
  }
  if (personId !== null && !app.allowList.has(personId)) {
    throw new ApiError(
      403,
      'Check settings on developer.spotify.com/dashboard, the user may not be registered.',
      { plainText: true },
    );
  }
}

/** Mode and scopes of the endpoint. @throws ApiError 401 or 403. */
export function checkEndpoint(endpoint: Endpoint, identity: Identity): void {
  if (endpoint.removedInDevelopment && identity.app.mode === 'development')
    throw new ApiError(403, 'Forbidden');
  const missing = (endpoint.scopes ?? []).some((group) => !group.some((scope) => identity.scopes.has(scope)));
  if (!missing) return;
  if (identity.personId === null) throw new ApiError(401, 'Valid user authentication required');
  throw endpoint.missingScope === 401
    ? new ApiError(401, 'Permissions missing')
    : new ApiError(403, 'Insufficient client scope');
}

/** What a handler gets to work with. */
export function apiCall(world: World, request: Request, identity: Identity, nowMs: number): ApiCall {
  const { app, scopes } = identity;
  const someone = world.people.find(identity.personId) ?? null;
  return {
    request,
    world,
    app,
    scopes,
    wire: world.wire(app.mode),
    personIfAny: someone,
    person: () => {
      if (!someone) throw new ApiError(401, 'Valid user authentication required');
      return world.upToNow(someone);
    },
    nowMs,
  };
}
