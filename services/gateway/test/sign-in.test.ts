import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { saveSettings } from '@spindle/db';
import { DEFAULT_APP } from '@spindle/spotify-sandbox';
import { decodeJwt } from 'jose';
import { Browser } from './support/browser.ts';
import { ADMIN_PASSWORD, SERVICE_SECRET, startGateway, type TestGateway } from './support/test-gateway.ts';

const SPA = 'https://app.example.org';
let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({ CORS_ORIGINS: SPA });
});
afterAll(() => gateway.stop());

describe('signing in', () => {
  it('leads from the click to a profile, with state and PKCE, and starts the first readings', async () => {
    const browser = gateway.browser();
    const page = await browser.leave('?returnTo=%2Fhistory%3Fyear%3D2026');
    expect(page.origin).toBe(gateway.sandbox.accountsUrl);
    expect(page.searchParams.get('code_challenge_method')).toBe('S256');
    expect(page.searchParams.get('state')).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(page.searchParams.get('redirect_uri')).toBe(`${gateway.url}/auth/callback`);
    expect(page.searchParams.get('scope')).toContain('user-read-recently-played');

    const back = await browser.consent(page, 'ann');
    const answer = await browser.ask(back, { headers: { accept: 'text/html' } });
    expect(answer.status).toBe(302);
    expect(answer.headers.get('location')).toBe('/history?year=2026');

    const user = await browser.ask('/api/user');
    expect(user.status).toBe(200);
    expect(user.json).toMatchObject({ displayName: 'Ann Example', handle: 'ann-example', isAdmin: true });
    expect(user.json.connection).toMatchObject({ connected: true, reauthNeeded: false, missingScopes: [] });

    const waiting = await gateway.redis.keys('*');
    const jobs = waiting.filter(
      (key) => key.startsWith(`${gateway.environment.QUEUE_PREFIX}:sync:`) && /:sync:\d+$/.test(key),
    );
    const names = await Promise.all(jobs.map((key) => gateway.redis.hget(key, 'name')));
    expect(names.sort()).toEqual(['history', 'playback', 'playlists']);
  });

  it('keeps the tokens sealed, and says none of them', async () => {
    const browser = await gateway.signedIn('ann');
    const row = await gateway.db.prisma.spotifyCredential.findFirstOrThrow();
    expect(row.refreshToken?.length).toBeGreaterThan(40);
    const sealed = Buffer.from(row.refreshToken ?? []).toString('latin1');
    expect(sealed).not.toMatch(/[A-Za-z0-9_-]{30}/);
    expect((await browser.ask('/api/user')).text).not.toMatch(/token/i);
  });

  it('answers a program with the profile instead of a redirect', async () => {
    const browser = gateway.browser();
    const back = await browser.consent(await browser.leave(), 'bob');
    const answer = await browser.ask(back);
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({ displayName: 'Bob Example', isAdmin: false });
  });

  it('gives the browser a new session id, so that a planted one is worth nothing', async () => {
    const attacker = gateway.browser();
    const page = await attacker.leave();
    const planted = attacker.cookie;
    const victim = new Browser(gateway.url);
    victim.cookie = planted;
    await victim.ask(await victim.consent(page, 'ann'), { headers: { accept: 'text/html' } });
    expect(victim.cookie).not.toBe(planted);
    expect((await victim.ask('/api/user')).status).toBe(200);
    expect((await attacker.ask('/api/user')).status).toBe(401);
  });

  it('lets several tabs sign in at once', async () => {
    const browser = gateway.browser();
    const one = await browser.leave('?returnTo=/one');
    const two = await browser.leave('?returnTo=/two');
    const answer = await browser.ask(await browser.consent(one, 'ann'), { headers: { accept: 'text/html' } });
    expect(answer.headers.get('location')).toBe('/one');
    expect(two.searchParams.get('state')).not.toBe(one.searchParams.get('state'));
  });

  it('ends with the sign-out', async () => {
    const browser = await gateway.signedIn('ann');
    const before = browser.cookie;
    expect((await browser.ask('/auth/logout', { method: 'POST' })).status).toBe(204);
    expect(browser.cookie).toBe('');
    browser.cookie = before;
    expect((await browser.ask('/api/user')).status).toBe(401);
  });
});

describe('what can go wrong on the way back', () => {
  const document = async (browser: Browser, path: string) => {
    const answer = await browser.ask(path);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    return answer.json;
  };

  it('a refusal by the person is a page with a way on, and a document for programs', async () => {
    const browser = gateway.browser();
    const back = await browser.consent(await browser.leave(), 'ann', 'cancel');
    const page = await browser.ask(back, { headers: { accept: 'text/html' } });
    expect(page.status).toBe(403);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    expect(page.text).toContain('You did not allow the access');
    expect(page.text).toContain('href="/auth/login"');

    const again = await browser.consent(await browser.leave(), 'ann', 'cancel');
    expect(await document(browser, again)).toMatchObject({ type: '/problems/consent-declined', status: 403 });
  });

  it('a forged state, and a state of another browser, are refused', async () => {
    const browser = gateway.browser();
    const back = await browser.consent(await browser.leave(), 'ann');
    const forged = back.replace(/state=[^&]+/, `state=${'A'.repeat(43)}`);
    expect(await document(browser, forged)).toMatchObject({ type: '/problems/sign-in-state', status: 403 });
    expect(await document(gateway.browser(), back)).toMatchObject({ type: '/problems/sign-in-state' });
    expect((await browser.ask('/api/user')).status).toBe(401);
  });

  it('a state is good once', async () => {
    const browser = gateway.browser();
    const back = await browser.consent(await browser.leave(), 'ann');
    expect((await browser.ask(back)).status).toBe(200);
    expect(await document(browser, back)).toMatchObject({ type: '/problems/sign-in-state' });
  });

  it('a used code is refused even with a fresh state', async () => {
    const browser = gateway.browser();
    const first = await browser.consent(await browser.leave(), 'ann');
    const code = new URL(first, gateway.url).searchParams.get('code');
    expect((await browser.ask(first)).status).toBe(200);
    const state = (await browser.leave()).searchParams.get('state');
    expect(await document(browser, `/auth/callback?code=${code}&state=${state}`)).toMatchObject({
      type: '/problems/sign-in-code',
      status: 403,
    });
  });

  it('somebody who is not on the list of the app is told what the operator must do', async () => {
    gateway.sandbox.control.disallow(DEFAULT_APP.clientId, 'bob');
    try {
      const browser = gateway.browser();
      const back = await browser.consent(await browser.leave(), 'bob');
      const problem = await document(browser, back);
      expect(problem).toMatchObject({ type: '/problems/not-allow-listed', status: 403 });
      expect(problem.detail).toContain('User Management');
    } finally {
      gateway.sandbox.control.allow(DEFAULT_APP.clientId, 'bob');
    }
  });

  it('an outage of Spotify is a 502 that says when to come back', async () => {
    const id = gateway.sandbox.control.addFault({ fault: { kind: 'server-error' }, path: '/v1/me' });
    try {
      const browser = gateway.browser();
      const answer = await browser.ask(await browser.consent(await browser.leave(), 'ann'));
      expect(answer.status).toBe(502);
      expect(answer.headers.get('retry-after')).toBe('60');
    } finally {
      gateway.sandbox.control.removeFault(id);
    }
  });

  it('a newcomer is turned away while registration is closed', async () => {
    await saveSettings(gateway.db, { registration: 'closed' }, new Date());
    try {
      await gateway.sandbox.control.addPerson({ id: 'newcomer', listening: 'quiet' });
      gateway.sandbox.control.allow(DEFAULT_APP.clientId, 'newcomer');
      const browser = gateway.browser();
      const back = await browser.consent(await browser.leave(), 'newcomer');
      expect(await document(browser, back)).toMatchObject({ type: '/problems/registration-closed' });
    } finally {
      await saveSettings(gateway.db, { registration: 'open' }, new Date());
    }
  });

  it.each(['https://evil.example', '//evil.example', '/\\evil.example', '/a b', 'javascript:alert(1)', ''])(
    'a returnTo of "%s" is refused before anything happens',
    async (returnTo) => {
      const answer = await gateway.browser().ask(`/auth/login?returnTo=${encodeURIComponent(returnTo)}`);
      expect(answer.status).toBe(400);
      expect(answer.json.errors).toEqual([{ path: 'query.returnTo', message: expect.any(String) }]);
    },
  );

  it('an app that is not there is refused', async () => {
    expect((await gateway.browser().ask('/auth/login?app=other')).json.errors[0].path).toBe('query.app');
  });
});

describe('a separate front end', () => {
  const headers = { origin: SPA, 'sec-fetch-site': 'cross-site' };

  it('signs in through its own address, with credentials for listed origins only', async () => {
    const browser = gateway.browser();
    const begun = await browser.ask('/api/spotify/auth/login', { headers });
    expect(begun.headers.get('access-control-allow-origin')).toBe(SPA);
    expect(begun.headers.get('access-control-allow-credentials')).toBe('true');
    const back = new URL(await browser.consent(new URL(begun.json.url), 'bob'), gateway.url);
    const code = back.searchParams.get('code');
    const state = back.searchParams.get('state');
    const done = await browser.ask('/api/spotify/auth/code', { body: { code, state }, headers });
    expect(done.status).toBe(200);
    expect(done.json).toMatchObject({ displayName: 'Bob Example' });
    expect((await browser.ask('/api/spotify/auth/logout', { method: 'POST', headers })).status).toBe(204);
  });

  it('may receive the code only on a listed origin', async () => {
    const browser = gateway.browser();
    const answer = await browser.ask(
      `/spotify/authorize?redirectUri=${encodeURIComponent('https://evil.example/cb')}`,
    );
    expect(answer.json.errors).toEqual([{ path: 'query.redirectUri', message: expect.any(String) }]);
    const own = await browser.ask(`/spotify/authorize?redirectUri=${encodeURIComponent(`${SPA}/callback`)}`);
    expect(new URL(own.json.url).searchParams.get('redirect_uri')).toBe(`${SPA}/callback`);
  });

  it('gets nothing from an origin that is not listed', async () => {
    const answer = await gateway.browser().ask('/api/spotify/auth/login', {
      headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('POST /token', () => {
  const form = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
    gateway.browser().ask('/token', {
      method: 'POST',
      raw: new URLSearchParams(fields).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    });

  it('gives the operator a short-lived token that opens the admin endpoints', async () => {
    const answer = await form({ grant_type: 'password', password: ADMIN_PASSWORD });
    expect(answer.json).toEqual({ access_token: expect.any(String), token_type: 'Bearer', expires_in: 900 });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const { exp = 0, iat = 0 } = decodeJwt(answer.json.access_token);
    expect(exp - iat).toBe(900);
    const authorization = `Bearer ${answer.json.access_token}`;
    expect((await gateway.browser().ask('/api/admin/overview', { headers: { authorization } })).status).toBe(
      200,
    );
    expect((await gateway.browser().ask('/api/user', { headers: { authorization } })).status).toBe(403);
  });

  it('gives a program a token by form or by Basic, which opens no admin endpoint', async () => {
    const byForm = await form({
      grant_type: 'client_credentials',
      client_id: 'backup',
      client_secret: SERVICE_SECRET,
    });
    const basic = `Basic ${Buffer.from(`backup:${SERVICE_SECRET}`).toString('base64')}`;
    const byBasic = await form({ grant_type: 'client_credentials' }, { authorization: basic });
    expect(decodeJwt(byForm.json.access_token)).toMatchObject({ sub: 'backup', role: 'service' });
    const authorization = `Bearer ${byBasic.json.access_token}`;
    expect((await gateway.browser().ask('/api/admin/overview', { headers: { authorization } })).status).toBe(
      403,
    );
  });

  it.each([
    [{ grant_type: 'password', password: 'wrong' }, 401, '/problems/invalid-grant'],
    [
      { grant_type: 'client_credentials', client_id: 'backup', client_secret: 'wrong' },
      401,
      '/problems/invalid-client',
    ],
    [
      { grant_type: 'client_credentials', client_id: 'nobody', client_secret: SERVICE_SECRET },
      401,
      '/problems/invalid-client',
    ],
    [{ grant_type: 'client_credentials' }, 401, '/problems/invalid-client'],
    [{ grant_type: 'authorization_code' }, 400, '/problems/validation'],
    [{ grant_type: 'password', password: 'x', extra: 'y' }, 400, '/problems/validation'],
  ])('refuses %j', async (fields, status, type) => {
    const answer = await form(fields as unknown as Record<string, string>);
    expect(answer.json).toMatchObject({ status, type });
  });

  it('takes no token that was changed, or signed by somebody else', async () => {
    const { json } = await form({ grant_type: 'password', password: ADMIN_PASSWORD });
    const [header, , signature] = String(json.access_token).split('.');
    const claims = Buffer.from(
      JSON.stringify({ ...decodeJwt(json.access_token), exp: 9_999_999_999 }),
    ).toString('base64url');
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${claims}.`;
    for (const token of [`${header}.${claims}.${signature}`, none, 'abc']) {
      const answer = await gateway
        .browser()
        .ask('/api/admin/overview', { headers: { authorization: `Bearer ${token}` } });
      expect(answer.status).toBe(401);
    }
  });
});
