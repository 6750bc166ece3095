import { type Request, type Response, Router } from 'express';
import type { DeveloperApp } from '../apps/developer-apps.ts';
import { imagesOf } from '../artwork/image-address.ts';
import type { ApiError } from '../http/api-error.ts';
import { send } from '../http/api-router.ts';
import type { Reply } from '../http/endpoint.ts';
import { applyFault, faultAfter, faultBefore } from '../http/fault-injection.ts';
import { queryText } from '../http/request-input.ts';
import type { World } from '../world.ts';
import { type ConsentChoice, consentErrorPage, consentPage } from './consent-page.ts';
import { OAuthError } from './oauth-error.ts';
import { isRegistered } from './redirect-address.ts';

/** More people than this are not worth showing on one page; any of them can still be posted. */
const CHOICES = 12;

/** `/authorize` (page and form) and `/api/token`. */
export function oauthRouter(world: World): Router {
  const router = Router();
  router.get('/authorize', (request, response) => showConsentPage(world, request, response));
  router.post('/authorize', (request, response) => decide(world, request, response));
  router.post('/api/token', (request, response) => serveToken(world, request, response));
  router.all('/api/token', (_request, response) => {
    response.status(405).json({ error: 'invalid_request', error_description: 'Method not allowed' });
  });
  return router;
}

/** As on the real site, mistakes of the app are told only after the person has signed in. */
function showConsentPage(world: World, request: Request, response: Response): void {
  const app = world.apps.find(queryText(request, 'client_id'));
  const scopes = (queryText(request, 'scope') ?? '').split(/\s+/).filter(Boolean);
  const query = request.originalUrl.slice(request.path.length);
  const people = world.people
    .ids()
    .slice(0, CHOICES)
    .flatMap((id): ConsentChoice[] => {
      const person = world.people.find(id);
      if (!person) return [];
      const { item, playing } = world.upToNow(person).player.state();
      const remark = playing && item && item.kind !== 'ad' ? `listening to ${item.name}` : 'silent just now';
      return [
        {
          id,
          displayName: person.displayName,
          imageUrl: imagesOf(world.origin(), 'user', person.imageKey)[1]?.url ?? '',
          product: person.product,
          country: person.country,
          remark,
          allowed: app?.mode !== 'development' || app.allowList.has(id),
        },
      ];
    });
  response
    .type('html')
    .set(
      'Content-Security-Policy',
      "default-src 'none'; style-src 'unsafe-inline'; img-src *; base-uri 'none'",
    )
    .send(consentPage({ appName: app?.name ?? 'An app', scopes, action: `/authorize${query}`, people }));
}

function decide(world: World, request: Request, response: Response): void {
  const outcome = decision(world, request);
  if (outcome instanceof URL) response.redirect(302, outcome.href);
  else response.status(400).type('html').send(consentErrorPage(outcome));
}

/** Where the browser goes next, or what is wrong with the request. */
function decision(world: World, request: Request): URL | string {
  const form = new URLSearchParams(typeof request.body === 'string' ? request.body : '');
  const app = world.apps.find(queryText(request, 'client_id'));
  const redirectUri = queryText(request, 'redirect_uri') ?? '';
  if (!app) return 'INVALID_CLIENT: Invalid client';
  if (!isRegistered(redirectUri, app.redirectUris)) return 'INVALID_CLIENT: Invalid redirect URI';

  const back = (answer: Record<string, string>): URL => {
    const target = new URL(redirectUri);
    const state = queryText(request, 'state');
    for (const [name, value] of Object.entries(answer)) target.searchParams.set(name, value);
    if (state !== undefined) target.searchParams.set('state', state);
    return target;
  };
  if (queryText(request, 'response_type') !== 'code') return back({ error: 'unsupported_response_type' });
  const challenge = queryText(request, 'code_challenge') ?? null;
  const method = queryText(request, 'code_challenge_method');
  if (challenge !== null && (method !== 'S256' || !/^[A-Za-z0-9_-]{43}$/.test(challenge))) {
    return back({ error: 'invalid_request', error_description: 'code_challenge_method must be S256' });
  }
  const scopes = (queryText(request, 'scope') ?? '').split(/\s+/).filter(Boolean);
  if (scopes.some((scope) => !KNOWN_SCOPES.has(scope))) return back({ error: 'invalid_scope' });
  if (form.get('decision') !== 'approve') return back({ error: 'access_denied' });
  const person = world.people.find(form.get('person'));
  if (!person) return 'There is nobody of that name';
  const code = world.authorization.approve({
    app,
    personId: person.id,
    redirectUri,
    scopes,
    codeChallenge: challenge,
  });
  return back({ code });
}

async function serveToken(world: World, request: Request, response: Response): Promise<void> {
  const atMs = world.clock.nowMs();
  const form = new URLSearchParams(typeof request.body === 'string' ? request.body : '');
  const { clientId, secret } = credentials(request, form);
  const fault = world.faults.strike({ method: 'POST', path: '/api/token', personId: null, clientId }, atMs);
  const early = fault && (await faultBefore(fault));
  let outcome: Reply | ApiError = early ?? tokenReply(world, form, clientId, secret);
  if (fault?.kind === 'invalid-grant') {
    const error_description = fault.description ?? 'Refresh token revoked';
    outcome = { status: 400, json: { error: 'invalid_grant', error_description } };
  } else if (fault) {
    outcome = faultAfter(fault, outcome);
  }
  response.set('Cache-Control', 'no-store');
  const dropped = applyFault(fault, request, response, outcome);
  if (!dropped) send(response, outcome);
  world.calls.record({
    atMs,
    method: 'POST',
    path: '/api/token',
    query: `grant_type=${form.get('grant_type') ?? ''}`,
    status: dropped ? 0 : outcome.status,
    bucket: 'accounts',
    clientId,
    developerId: world.apps.find(clientId ?? undefined)?.developer.id ?? null,
    personId: null,
    fault: fault?.kind ?? null,
  });
}

/** Client id and secret from the Basic header or the form. */
function credentials(
  request: Request,
  form: URLSearchParams,
): { clientId: string | null; secret: string | null } {
  const basic = /^Basic (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (basic === undefined) return { clientId: form.get('client_id'), secret: form.get('client_secret') };
  const [clientId, ...secret] = Buffer.from(basic, 'base64').toString().split(':');
  return { clientId: decodeURIComponent(clientId ?? ''), secret: decodeURIComponent(secret.join(':')) };
}

function tokenReply(
  world: World,
  form: URLSearchParams,
  clientId: string | null,
  secret: string | null,
): Reply {
  try {
    const app = world.apps.find(clientId ?? undefined);
    if (!app) throw new OAuthError('invalid_client', 'Invalid client');
    if (secret !== null && secret !== app.clientSecret) {
      throw new OAuthError('invalid_client', 'Invalid client secret');
    }
    return { status: 200, json: grant(world, form, app, secret !== null) };
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    return { status: error.status, json: error.body };
  }
}

function grant(world: World, form: URLSearchParams, app: DeveloperApp, authenticated: boolean): unknown {
  const need = (name: string): string => {
    const value = form.get(name);
    if (value === null || value === '') throw new OAuthError('invalid_request', `${name} must be supplied`);
    return value;
  };
  switch (form.get('grant_type')) {
    case 'authorization_code':
      return world.authorization.exchangeCode(app, {
        code: need('code'),
        redirectUri: need('redirect_uri'),
        codeVerifier: form.get('code_verifier'),
        authenticated,
      });
    case 'refresh_token':
      return world.authorization.refresh(app, need('refresh_token'), authenticated);
    case 'client_credentials':
      if (!authenticated) throw new OAuthError('invalid_client', 'Invalid client secret');
      return world.authorization.clientCredentials(app);
    default:
      throw new OAuthError(
        'unsupported_grant_type',
        'grant_type must be client_credentials, authorization_code or refresh_token',
      );
  }
}

/** https://developer.spotify.com/documentation/web-api/concepts/scopes */
const KNOWN_SCOPES: ReadonlySet<string> = new Set([
  'ugc-image-upload',
  'user-read-playback-state',
  'user-modify-playback-state',
  'user-read-currently-playing',
  'app-remote-control',
  'streaming',
  'playlist-read-private',
  'playlist-read-collaborative',
  'playlist-modify-private',
  'playlist-modify-public',
  'user-follow-modify',
  'user-follow-read',
  'user-read-playback-position',
  'user-top-read',
  'user-read-recently-played',
  'user-library-modify',
  'user-library-read',
  'user-read-email',
  'user-read-private',
]);
