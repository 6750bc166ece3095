import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createSandbox, DEFAULT_APP, type ManualClock, manualClock, type Sandbox } from '../src/index.ts';
import { isRegistered, mayBeRegistered } from '../src/oauth/redirect-address.ts';
import { agree, authorizeAddress, REDIRECT, signIn, tokenRequest } from './support/sign-in.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 0, 31, 12);

let clock: ManualClock;
let sandbox: Sandbox;
const [me, friend, stranger] = ['mara-okonkwo', 'bjorn-novak', 'ines-o-briain'];

async function start(options: Parameters<typeof createSandbox>[0] = {}): Promise<void> {
  clock = manualClock(START);
  sandbox = await createSandbox({ clock, ...options });
}
beforeEach(() => start());
afterEach(() => sandbox.close());

const code = async (more: Record<string, string> = {}, person = me): Promise<string> =>
  (await agree(authorizeAddress(sandbox, more), person)).searchParams.get('code') ?? '';
const exchange = (given: string, more: Record<string, string> = {}) =>
  tokenRequest(sandbox, { grant_type: 'authorization_code', code: given, redirect_uri: REDIRECT, ...more });
const profile = (token: string): Promise<Response> =>
  fetch(`${sandbox.apiUrl}/v1/me`, { headers: { authorization: `Bearer ${token}` } });
const refresh = (token: string | undefined) =>
  tokenRequest(sandbox, { grant_type: 'refresh_token', refresh_token: token ?? '' });

describe('the consent page', () => {
  it('offers people to be, escapes what it is given and posts back to the same query', async () => {
    const page = await (await fetch(authorizeAddress(sandbox, { state: '"><script>' }))).text();
    expect(page).toContain('Mara Okonkwo');
    expect(page).toContain('not on this app');
    expect(page).not.toContain('<script>');
    expect(page).toMatch(/action="\/authorize\?client_id=/);
  });

  it('echoes the state with the code, and says access_denied on cancel', async () => {
    const agreed = await agree(authorizeAddress(sandbox, { state: 'a b&c' }), me);
    expect(agreed.searchParams.get('state')).toBe('a b&c');
    expect(agreed.searchParams.get('code')).toMatch(/^AQ/);
    const refused = await agree(authorizeAddress(sandbox), me, 'cancel');
    expect(Object.fromEntries(refused.searchParams)).toEqual({ error: 'access_denied', state: 'some-state' });
  });

  it('tells a wrong client, redirect address, person or scope', async () => {
    const post = (more: Record<string, string>, person = me) =>
      fetch(authorizeAddress(sandbox, more), {
        method: 'POST',
        redirect: 'manual',
        body: new URLSearchParams({ person, decision: 'approve' }),
      });
    const client = await post({ client_id: 'nobody' });
    expect([client.status, await client.text()]).toEqual([
      400,
      expect.stringContaining('INVALID_CLIENT: Invalid client'),
    ]);
    for (const address of ['http://127.0.0.1:4321/auth/callback/', 'http://localhost:4321/auth/callback']) {
      const reply = await post({ redirect_uri: address });
      expect([reply.status, await reply.text()]).toEqual([
        400,
        expect.stringContaining('Invalid redirect URI'),
      ]);
    }
    expect((await post({}, 'nobody')).status).toBe(400);
    const error = async (more: Record<string, string>) =>
      (await agree(authorizeAddress(sandbox, more), me)).searchParams.get('error');
    expect(await error({ scope: 'user-read-everything' })).toBe('invalid_scope');
    expect(await error({ response_type: 'token' })).toBe('unsupported_response_type');
    expect(await error({ code_challenge: 'a'.repeat(43), code_challenge_method: 'plain' })).toBe(
      'invalid_request',
    );
  });

  it('compares redirect addresses exactly, except for the port of a loopback one without port', () => {
    expect(mayBeRegistered('http://localhost:3000/x')).toBe(false);
    expect(mayBeRegistered('http://192.168.1.2/x')).toBe(false);
    expect(mayBeRegistered('https://spindle.example/x')).toBe(true);
    expect(isRegistered('http://[::1]:99/x', ['http://[::1]/x'])).toBe(true);
    expect(isRegistered('http://127.0.0.1:99/x', ['http://127.0.0.1:98/x'])).toBe(false);
    expect(isRegistered('https://a.example:8443/x', ['https://a.example/x'])).toBe(false);
    expect(isRegistered('http://127.0.0.1:99/X', ['http://127.0.0.1/x'])).toBe(false);
  });
});

describe('codes', () => {
  it('are good once, for ten minutes, for the same redirect address', async () => {
    const first = await code();
    expect((await exchange(first, { redirect_uri: 'http://127.0.0.1:1/auth/callback' })).body).toEqual({
      error: 'invalid_grant',
      error_description: 'Invalid redirect URI',
    });
    expect((await exchange(first)).body).toMatchObject({
      token_type: 'Bearer',
      expires_in: 3600,
      access_token: expect.any(String),
      refresh_token: expect.any(String),
      scope: expect.stringContaining('user-read-recently-played'),
    });
    expect((await exchange(first)).body).toEqual({
      error: 'invalid_grant',
      error_description: 'Invalid authorization code',
    });
    const second = await code();
    clock.advance(10 * 60_000 + 1);
    expect((await exchange(second)).body.error_description).toBe('Authorization code expired');
  });

  it('need the secret or the PKCE verifier, and both must be right', async () => {
    const verifier = 'v'.repeat(64);
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    const withChallenge = { code_challenge: challenge, code_challenge_method: 'S256' };
    const plain = {
      grant_type: 'authorization_code',
      redirect_uri: REDIRECT,
      client_id: DEFAULT_APP.clientId,
    };
    const bare = await tokenRequest(sandbox, { ...plain, code: await code() }, null);
    expect(bare.body.error).toBe('invalid_client');
    const wrongSecret = await tokenRequest(
      sandbox,
      { ...plain, code: await code() },
      { ...DEFAULT_APP, clientSecret: 'wrong' },
    );
    expect([wrongSecret.status, wrongSecret.body]).toEqual([
      400,
      { error: 'invalid_client', error_description: 'Invalid client secret' },
    ]);
    const pkce = await code(withChallenge);
    expect(
      (await tokenRequest(sandbox, { ...plain, code: pkce, code_verifier: 'w'.repeat(64) }, null)).body,
    ).toEqual({
      error: 'invalid_grant',
      error_description: 'code_verifier was incorrect',
    });
    expect((await tokenRequest(sandbox, { ...plain, code: pkce }, null)).body.error).toBe('invalid_request');
    const reply = await tokenRequest(sandbox, { ...plain, code: pkce, code_verifier: verifier }, null);
    expect(reply.status).toBe(200);
    const again = await tokenRequest(
      sandbox,
      {
        grant_type: 'refresh_token',
        refresh_token: String(reply.body.refresh_token),
        client_id: DEFAULT_APP.clientId,
      },
      null,
    );
    expect(again.status).toBe(200);
    const inBody = { client_secret: DEFAULT_APP.clientSecret };
    expect((await tokenRequest(sandbox, { ...plain, ...inBody, code: await code() }, null)).status).toBe(200);
  });
});

describe('tokens', () => {
  it('end after an hour, told by WWW-Authenticate only', async () => {
    const { access_token } = await signIn(sandbox, me);
    expect((await profile(access_token)).status).toBe(200);
    clock.advance(HOUR);
    const [expired, missing, wrong] = await Promise.all([
      profile(access_token),
      fetch(`${sandbox.apiUrl}/v1/me`),
      profile('BQnonsense.x'),
    ]);
    expect([expired.status, missing.status, wrong.status]).toEqual([401, 401, 401]);
    expect(expired.headers.get('www-authenticate')).toContain('The access token expired');
    expect(missing.headers.get('www-authenticate')).toBe('Bearer realm="spotify"');
    expect(await expired.json()).toEqual(await missing.json());
  });

  it('are refreshed without a new refresh token, until six months after consent whatever one does', async () => {
    const { refresh_token } = await signIn(sandbox, me);
    for (let month = 0; month < 5; month += 1) {
      clock.advance(30 * DAY);
      const reply = await refresh(refresh_token);
      expect(reply.status).toBe(200);
      expect(reply.body).not.toHaveProperty('refresh_token');
      expect((await profile(String(reply.body.access_token))).status).toBe(200);
    }
    clock.set(Date.UTC(2026, 6, 31, 11, 59));
    expect((await refresh(refresh_token)).status).toBe(200);
    clock.set(Date.UTC(2026, 6, 31, 12, 0));
    expect(await refresh(refresh_token)).toEqual({
      status: 400,
      body: { error: 'invalid_grant', error_description: 'Refresh token expired' },
    });
    const renewed = await signIn(sandbox, me);
    expect((await refresh(renewed.refresh_token)).status).toBe(200);
  });

  it('end when the person revokes consent, and come back with a new one', async () => {
    const tokens = await signIn(sandbox, me);
    const others = await signIn(sandbox, friend);
    sandbox.control.revokeConsent(me);
    expect((await refresh(tokens.refresh_token)).body).toEqual({
      error: 'invalid_grant',
      error_description: 'Refresh token revoked',
    });
    expect((await profile(tokens.access_token)).status).toBe(401);
    expect((await profile(others.access_token)).status).toBe(200);
    const renewed = await signIn(sandbox, me);
    expect((await profile(renewed.access_token)).status).toBe(200);
    expect((await refresh(tokens.refresh_token)).status).toBe(400);
  });

  it('rotate where that is asked for: the old one is revoked by use', async () => {
    await sandbox.close();
    await start({ refreshTokens: 'rotate' });
    const { refresh_token } = await signIn(sandbox, me);
    const once = await refresh(refresh_token);
    expect(once.body.refresh_token).not.toBe(refresh_token);
    expect((await refresh(refresh_token)).body.error_description).toBe('Refresh token revoked');
    expect((await refresh(String(once.body.refresh_token))).status).toBe(200);
  });

  it('of an earlier run with the same seed still hold', async () => {
    const { refresh_token, access_token } = await signIn(sandbox, me);
    await sandbox.close();
    await start();
    expect((await profile(access_token)).status).toBe(200);
    expect((await refresh(refresh_token)).status).toBe(200);
    await sandbox.close();
    await start({ seed: 'another' });
    expect((await profile(access_token)).status).toBe(401);
  });

  it('of the app alone read the catalogue but nobody’s things', async () => {
    const { body } = await tokenRequest(sandbox, { grant_type: 'client_credentials' });
    expect(body).not.toHaveProperty('refresh_token');
    const headers = { authorization: `Bearer ${String(body.access_token)}` };
    const track = sandbox.catalogue.tracks[0];
    expect((await fetch(`${sandbox.apiUrl}/v1/tracks/${track?.id}`, { headers })).status).toBe(200);
    expect((await fetch(`${sandbox.apiUrl}/v1/me`, { headers })).status).toBe(401);
    expect((await fetch(`${sandbox.apiUrl}/v1/me/tracks`, { headers })).status).toBe(401);
  });

  it('carry the scopes granted; later consents add to them', async () => {
    const few = await signIn(sandbox, me, { scopes: ['user-library-read'] });
    const get = (path: string, token: string) =>
      fetch(sandbox.apiUrl + path, { headers: { authorization: `Bearer ${token}` } });
    expect((await get('/v1/me/tracks', few.access_token)).status).toBe(200);
    const player = await get('/v1/me/player', few.access_token);
    expect([player.status, await player.json()]).toEqual([
      401,
      { error: { status: 401, message: 'Permissions missing' } },
    ]);
    const top = await get('/v1/me/top/artists', few.access_token);
    expect([top.status, await top.json()]).toEqual([
      403,
      { error: { status: 403, message: 'Insufficient client scope' } },
    ]);
    const more = await signIn(sandbox, me, { scopes: ['user-top-read'] });
    expect(more.scope?.split(' ').sort()).toEqual(['user-library-read', 'user-top-read']);
    expect((await get('/v1/me/tracks', more.access_token)).status).toBe(200);
  });

  it('are refused for an unknown grant or app', async () => {
    expect((await tokenRequest(sandbox, { grant_type: 'password' })).body.error).toBe(
      'unsupported_grant_type',
    );
    const nobody = { clientId: 'x', clientSecret: 'y' };
    expect((await tokenRequest(sandbox, { grant_type: 'client_credentials' }, nobody)).body).toEqual({
      error: 'invalid_client',
      error_description: 'Invalid client',
    });
    expect((await refresh('AQwrong.x')).body.error_description).toBe('Invalid refresh token');
  });
});

describe('the rules of development mode', () => {
  it('let somebody who is not allow-listed sign in, and then refuse every call', async () => {
    const { access_token } = await signIn(sandbox, stranger);
    const refused = await profile(access_token);
    expect([refused.status, refused.headers.get('content-type'), await refused.text()]).toEqual([
      403,
      expect.stringContaining('text/plain'),
      expect.stringContaining('the user may not be registered'),
    ]);
    expect(() => sandbox.control.allow(DEFAULT_APP.clientId, stranger)).toThrow(/5 people/);
    sandbox.control.disallow(DEFAULT_APP.clientId, friend);
    sandbox.control.allow(DEFAULT_APP.clientId, stranger);
    expect((await profile(access_token)).status).toBe(200);
  });

  it('stop the app while its owner has no Premium, in plain text', async () => {
    const { access_token } = await signIn(sandbox, me);
    sandbox.control.setOwnerPremium('developer', false);
    const refused = await profile(access_token);
    expect(refused.status).toBe(403);
    expect(await refused.text()).toMatch(/^Active premium subscription required for the owner of the app\./);
    sandbox.control.setOwnerPremium('developer', true);
    expect((await profile(access_token)).status).toBe(200);
  });

  it('refuse what was removed, unknown paths and wrong methods', async () => {
    const { access_token } = await signIn(sandbox, me);
    const call = async (method: string, path: string) => {
      const reply = await fetch(sandbox.apiUrl + path, {
        method,
        headers: { authorization: `Bearer ${access_token}` },
      });
      return [reply.status, ((await reply.json()) as { error: { message: string } }).error.message];
    };
    const id = '1'.repeat(22);
    for (const [method, path] of [
      ['GET', `/v1/tracks?ids=${id}`],
      ['GET', `/v1/artists?ids=${id}`],
      ['GET', `/v1/artists/${id}/top-tracks`],
      ['GET', '/v1/browse/new-releases'],
      ['GET', '/v1/markets'],
      ['GET', '/v1/users/someone'],
      ['POST', '/v1/users/someone/playlists'],
      ['GET', `/v1/playlists/${id}/tracks`],
      ['PUT', '/v1/me/tracks'],
      ['DELETE', '/v1/me/following'],
      ['GET', '/v1/me/tracks/contains'],
      ['PUT', `/v1/playlists/${id}/followers`],
    ] as const) {
      expect([method, path, ...(await call(method, path))]).toEqual([method, path, 403, 'Forbidden']);
    }
    expect(await call('GET', '/v1/nowhere')).toEqual([404, 'Service not found']);
    expect(await call('POST', '/v1/me')).toEqual([405, 'Method not allowed']);
    expect(await call('GET', '/v1/tracks/short')).toEqual([400, 'Invalid base62 id']);
    expect(await call('GET', `/v1/tracks/${id}`)).toEqual([404, 'Resource not found']);
    expect(await call('GET', '/v1/search?q=a&type=track&limit=11')).toEqual([400, 'Invalid limit']);
    const artist = sandbox.catalogue.artists[0]?.id;
    expect(await call('GET', `/v1/artists/${artist}/albums?limit=50`)).toEqual([400, 'Invalid limit']);
  });
});
