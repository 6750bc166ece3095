import { request } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser } from './support/browser.ts';
import { type IdentityProvider, OIDC_CLIENT, startIdentityProvider } from './support/identity-provider.ts';
import { startGateway, type TestGateway } from './support/test-gateway.ts';

describe('operators of an OpenID Connect provider', () => {
  let gateway: TestGateway;
  let provider: IdentityProvider;

  beforeAll(async () => {
    // The provider warns that it is set up as for a test.
    jest.spyOn(console, 'warn').mockImplementation(() => {});
    provider = await startIdentityProvider({
      olga: { email: 'Olga@example.org', email_verified: true },
      carl: { email: 'carl@example.org', email_verified: true, groups: ['staff', 'spindle-admins'] },
      fred: { email: 'fred@example.org', email_verified: true, groups: ['staff'] },
      liar: { email: 'olga@example.org', email_verified: false },
      mute: { email: 'olga@example.org' },
      sham: { email: 'group:spindle-admins', email_verified: true },
    });
    gateway = await startGateway({
      OIDC_ISSUER: provider.issuer,
      OIDC_CLIENT_ID: OIDC_CLIENT.id,
      OIDC_CLIENT_SECRET: OIDC_CLIENT.secret,
      OIDC_ADMINS: 'olga@example.org,group:spindle-admins',
      OIDC_NAME: 'the house',
    });
  });
  afterAll(async () => {
    await gateway.stop();
    await provider.stop();
  });

  const leave = async (browser: Browser, query = '') => {
    const answer = await browser.ask(`/auth/operator/login${query}`);
    return new URL(answer.headers.get('location') ?? `error:${answer.status} ${answer.text}`);
  };
  const whoIs = async (browser: Browser) => (await browser.ask('/api/session')).json;
  const back = async (browser: Browser, path: string) => (await browser.ask(path)).json;

  it('cannot sign in while it is away, and are told so', async () => {
    const answer = await gateway.browser().ask('/auth/operator/login');
    expect(answer.json).toMatchObject({ type: '/problems/provider-away', status: 503 });
    // Nobody needs it to be there before the gateway is.
    await provider.serve(gateway.url);
  });

  it('sign in with PKCE, state and nonce, under a new session id, and have no listener’s data', async () => {
    const browser = gateway.browser();
    expect((await whoIs(browser)).operatorSignIn.provider).toBe('the house');
    const page = await leave(browser, '?returnTo=/admin/queues-page');
    expect(page.origin).toBe(provider.issuer);
    expect(page.searchParams.get('code_challenge_method')).toBe('S256');
    expect(page.searchParams.get('state')).toMatch(/^[\w-]{40,}$/);
    expect(page.searchParams.get('nonce')).toMatch(/^[\w-]{40,}$/);
    const planted = browser.cookie;
    const answer = await browser.ask(await provider.signIn(page, 'olga'), {
      headers: { accept: 'text/html' },
    });
    expect(answer.status).toBe(302);
    expect(answer.headers.get('location')).toBe('/admin/queues-page');
    expect(browser.cookie).not.toBe(planted);
    expect(await whoIs(browser)).toMatchObject({
      kind: 'operator',
      name: 'oidc: Olga@example.org',
      isAdmin: true,
    });
    expect((await browser.ask('/api/admin/users')).status).toBe(200);
    expect((await browser.ask('/api/user')).status).toBe(403);
    const [entry] = (await browser.ask('/api/admin/actions')).json.items;
    expect(entry).toMatchObject({
      action: 'operator-signed-in',
      operator: 'oidc: Olga@example.org',
      actor: null,
    });
    const attacker = gateway.browser();
    attacker.cookie = planted;
    expect(await whoIs(attacker)).toMatchObject({ kind: 'nobody' });
    const forged = {
      method: 'PATCH',
      body: { feedPublic: true },
      headers: { 'sec-fetch-site': 'cross-site' },
    };
    expect((await browser.ask('/api/admin/settings', forged)).json).toMatchObject({
      type: '/problems/cross-site',
    });
  });

  it('are let in by a group, too; whoever is not on the list is not, nor by an address nobody checked', async () => {
    const carl = gateway.browser();
    expect((await carl.ask(await provider.signIn(await leave(carl), 'carl'))).status).toBe(302);
    expect(await whoIs(carl)).toMatchObject({ isAdmin: true });
    for (const [person, why] of [
      ['fred', /not among the operators/],
      ['sham', /not among the operators/],
      ['liar', /does not say that it has verified it/],
      ['mute', /does not say that it has verified it/],
    ] as const) {
      const browser = gateway.browser();
      const problem = await back(browser, await provider.signIn(await leave(browser), person));
      expect(problem).toMatchObject({ type: '/problems/not-an-operator', status: 403 });
      expect(problem.detail).toMatch(why);
      expect(await whoIs(browser)).toMatchObject({ kind: 'nobody', isAdmin: false });
    }
  });

  it('an answer that belongs to no sign-in of this browser is refused: state, nonce, PKCE, replay', async () => {
    const browser = gateway.browser();
    const path = await provider.signIn(await leave(browser), 'olga');
    const forged = path.replace(/state=[^&]+/, `state=${'A'.repeat(43)}`);
    expect(await back(browser, forged)).toMatchObject({ type: '/problems/sign-in-state' });
    // The one that was under way is used up by that.
    expect(await back(browser, path)).toMatchObject({ type: '/problems/sign-in-state' });
    const other = await provider.signIn(await leave(gateway.browser()), 'olga');
    expect(await back(browser, other)).toMatchObject({ type: '/problems/sign-in-state' });

    for (const field of ['nonce', 'code_challenge']) {
      const page = await leave(browser);
      page.searchParams.set(field, 'A'.repeat(43));
      const problem = await back(browser, await provider.signIn(page, 'olga'));
      expect({ field, ...problem }).toMatchObject({ field, type: '/problems/operator-refused', status: 403 });
    }
    const good = await provider.signIn(await leave(browser), 'olga');
    const code = new URL(good, gateway.url).searchParams.get('code');
    expect((await browser.ask(good)).status).toBe(302);
    const state = (await leave(browser)).searchParams.get('state');
    const again = await back(
      browser,
      `/auth/operator/callback?code=${code}&state=${state}&iss=${provider.issuer}`,
    );
    expect(again).toMatchObject({ type: '/problems/operator-refused' });
    expect(gateway.logs()).not.toContain(OIDC_CLIENT.secret);
    expect(gateway.logs()).not.toContain(String(code));
  });

  it('must sign in again after twelve hours', async () => {
    const browser = gateway.browser();
    await browser.ask(await provider.signIn(await leave(browser), 'olga'));
    expect((await whoIs(browser)).isAdmin).toBe(true);
    for (const key of await gateway.redis.keys(`${gateway.environment.QUEUE_PREFIX}:session:*`)) {
      const session = JSON.parse((await gateway.redis.get(key)) ?? '{}');
      if (!session.operator) continue;
      expect(session.operator.until).toBeLessThanOrEqual(Date.now() + 12 * 3_600_000);
      await gateway.redis.set(
        key,
        JSON.stringify({ ...session, operator: { ...session.operator, until: Date.now() - 1 } }),
      );
    }
    expect(await whoIs(browser)).toMatchObject({ kind: 'nobody', isAdmin: false });
    expect((await browser.ask('/api/admin/users')).status).toBe(401);
  });
});

describe('operators whom a proxy names', () => {
  let gateway: TestGateway | undefined;
  afterEach(() => gateway?.stop());

  const start = async (overrides: Record<string, string>) => {
    gateway = await startGateway({
      ADMIN_PROXY_HEADER: 'Remote-User',
      ADMIN_PROXY_USERS: 'olga',
      ADMIN_PROXY_TRUSTED: '127.0.0.1',
      ...overrides,
    });
    return gateway;
  };

  /** Asks as a connection from this address of the machine. */
  function askFrom(url: string, from: string, headers: Record<string, string | string[]>): Promise<number> {
    return new Promise((resolve, reject) => {
      const asking = request(
        new URL('/api/admin/users', url),
        { localAddress: from, headers: { 'sec-fetch-site': 'same-origin', ...headers } },
        (answer) => {
          answer.resume();
          answer.once('end', () => resolve(answer.statusCode ?? 0));
        },
      );
      asking.once('error', reject);
      asking.end();
    });
  }

  it('are believed when the proxy is trusted and they are on the list', async () => {
    const { url, browser } = await start({});
    const headers = { 'remote-user': 'olga' };
    expect(await askFrom(url, '127.0.0.1', headers)).toBe(200);
    expect(await askFrom(url, '127.0.0.1', { 'remote-user': 'fred' })).toBe(401);
    expect(await askFrom(url, '127.0.0.1', { 'remote-user': ['olga', 'olga'] })).toBe(401);
    expect(await askFrom(url, '127.0.0.1', {})).toBe(401);
    const one = browser();
    expect((await one.ask('/api/session', { headers })).json).toMatchObject({
      kind: 'operator',
      name: 'proxy: olga',
    });
    const change = { method: 'PATCH', body: { feedPublic: true } };
    expect((await one.ask('/api/admin/settings', { ...change, headers })).status).toBe(200);
    const forged = { ...headers, 'sec-fetch-site': 'cross-site' };
    expect((await one.ask('/api/admin/settings', { ...change, headers: forged })).json).toMatchObject({
      type: '/problems/cross-site',
    });
  });

  it('a listener behind the proxy stays one, and administers', async () => {
    const { signedIn } = await start({});
    await signedIn('ann');
    const bob = await signedIn('bob');
    const headers = { 'remote-user': 'olga' };
    expect((await bob.ask('/api/admin/users')).status).toBe(403);
    expect((await bob.ask('/api/admin/users', { headers })).status).toBe(200);
    expect((await bob.ask('/api/user', { headers })).json).toMatchObject({ handle: 'bob-example' });
  });

  it('are not believed from elsewhere, and that is written down', async () => {
    const { url, logs } = await start({ ADMIN_PROXY_TRUSTED: '10.0.0.0/8,127.0.0.9' });
    expect(await askFrom(url, '127.0.0.1', { 'remote-user': 'olga' })).toBe(401);
    expect(logs()).toContain('came from no trusted proxy');
    expect(await askFrom(url, '127.0.0.9', { 'remote-user': 'olga' })).toBe(200);
    // What a visitor claims about the way is no way.
    const claims = { 'remote-user': 'olga', 'x-forwarded-for': '127.0.0.9', 'x-real-ip': '127.0.0.9' };
    expect(await askFrom(url, '127.0.0.1', claims)).toBe(401);
  });

  it('behind several proxies all of them must be trusted: who reaches the last one can say anything', async () => {
    const { url } = await start({ TRUST_PROXY: '2', ADMIN_PROXY_TRUSTED: '127.0.0.1,10.0.0.5' });
    const from = (forwarded: string) =>
      askFrom(url, '127.0.0.1', { 'remote-user': 'olga', 'x-forwarded-for': forwarded });
    expect(await from('203.0.113.7, 10.0.0.5')).toBe(200);
    expect(await from('10.0.0.5, 203.0.113.7')).toBe(401);
    expect(await from('203.0.113.7')).toBe(401);
    expect(await askFrom(url, '127.0.0.1', { 'remote-user': 'olga' })).toBe(401);
  });

  it('is refused as a configuration that would let nobody in, or is no network', async () => {
    const wrong = (overrides: Record<string, string>) =>
      startGateway({ ADMIN_PROXY_HEADER: 'Remote-User', ...overrides });
    await expect(wrong({})).rejects.toThrow(/ADMIN_PROXY_TRUSTED[\s\S]*ADMIN_PROXY_USERS/);
    await expect(wrong({ ADMIN_PROXY_TRUSTED: '10.0.0.0/40', ADMIN_PROXY_USERS: 'a' })).rejects.toThrow(
      /ADMIN_PROXY_TRUSTED/,
    );
    await expect(startGateway({ OIDC_ISSUER: 'https://x.example' })).rejects.toThrow(
      /OIDC_CLIENT_ID[\s\S]*OIDC_ADMINS/,
    );
    gateway = undefined;
  });
});
