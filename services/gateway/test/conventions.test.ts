import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DEFAULT_APP } from '@spindle/spotify-sandbox';
import type { Browser } from './support/browser.ts';
import { send } from './support/fuzz/wire.ts';
import { ADMIN_PASSWORD, CRON_SECRET, startGateway, type TestGateway } from './support/test-gateway.ts';

let gateway: TestGateway;
let ann: Browser;

beforeAll(async () => {
  gateway = await startGateway();
  ann = await gateway.signedIn('ann');
});
afterAll(() => gateway.stop());

const json = { 'content-type': 'application/json' };

describe('every problem is a document', () => {
  it.each([
    ['an unknown address', 'GET', '/api/nothing', {}, 404, 'not-found'],
    ['an unknown address of a page', 'GET', '/nothing', {}, 404, 'not-found'],
    ['a method that the path lacks', 'DELETE', '/api/now-playing', {}, 405, 'method-not-allowed'],
    [
      'an address that is not encoded',
      'GET',
      '/api/users/%E0%A4%A/now-playing',
      {},
      400,
      'malformed-address',
    ],
    ['a parameter of the wrong form', 'GET', '/api/users/Not%20one/now-playing', {}, 400, 'validation'],
    ['JSON that is none', 'PATCH', '/api/user', { raw: '{"a":', headers: json }, 400, 'malformed-json'],
    [
      'a body of another type',
      'PATCH',
      '/api/user',
      { raw: 'a=1', headers: { 'content-type': 'text/plain' } },
      415,
      'unsupported-media-type',
    ],
    [
      'a body of another encoding',
      'PATCH',
      '/api/user',
      { raw: '{}', headers: { ...json, 'content-encoding': 'zz' } },
      415,
      'unsupported-media-type',
    ],
    [
      'a body over 1 MB',
      'PATCH',
      '/api/user',
      { raw: `{"a":"${'x'.repeat(1_100_000)}"}`, headers: json },
      413,
      'too-large',
    ],
    ['an unknown field', 'POST', '/share/start', { raw: '{"until":1}', headers: json }, 400, 'validation'],
    [
      'a field where there are none',
      'POST',
      '/share/stop',
      { raw: '{"a":1}', headers: json },
      400,
      'validation',
    ],
    [
      'a text that cannot be stored',
      'POST',
      '/api/widgets',
      { raw: '{"name":"a\\u0000b"}', headers: json },
      400,
      'validation',
    ],
    [
      'half a character',
      'POST',
      '/api/widgets',
      { raw: '{"name":"\\ud83d"}', headers: json },
      400,
      'validation',
    ],
    ['a NUL in the path', 'GET', '/api/jobs/sync.%00', {}, 400, 'validation'],
    ['a NUL in the query', 'GET', '/api/search?q=%00a', {}, 400, 'validation'],
    [
      'a body that is not compressed as it says',
      'PATCH',
      '/api/user',
      { raw: '{}', headers: { ...json, 'content-encoding': 'gzip' } },
      400,
      'unreadable-body',
    ],
    ['headers that are too long', 'GET', `/api/instance?${'x'.repeat(20_000)}`, {}, 431, 'headers-too-large'],
    ['a missing field', 'POST', '/api/tokens', { raw: '{}', headers: json }, 400, 'validation'],
  ])('for %s', async (_what, method, path, asking, status, code) => {
    const answer = await ann.ask(path, { method, ...asking } as Parameters<Browser['ask']>[1]);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.json).toMatchObject({
      type: `/problems/${code}`,
      status,
      title: expect.any(String),
      detail: expect.any(String),
      instance: answer.headers.get('x-request-id'),
    });
    expect(answer.status).toBe(status);
    expect(answer.text).not.toMatch(/node_modules|at \w+ \(|SELECT|prisma/i);
  });

  it('for an expectation that nobody can meet', async () => {
    const agent = new Agent();
    const wire = { method: 'GET', target: '/api/instance', headers: { expect: 'a miracle' } };
    const { status, headers, text } = await send(gateway.url, agent, wire);
    agent.destroy();
    expect([status, headers['content-type']]).toEqual([417, 'application/problem+json; charset=utf-8']);
    expect(JSON.parse(text)).toMatchObject({
      type: '/problems/expectation',
      instance: headers['x-request-id'],
    });
  });

  it('names every wrong field at once', async () => {
    const body = { name: '', scopes: ['all'], expiresAt: 'soon', extra: 1, other: 2 };
    const { errors } = (await ann.ask('/api/tokens', { body })).json;
    expect(errors.map((one: { path: string }) => one.path).sort()).toEqual([
      'body.expiresAt',
      'body.extra',
      'body.name',
      'body.other',
      'body.scopes.0',
    ]);
  });

  it('says which methods a path has', async () => {
    const refused = await ann.ask('/api/user', { method: 'POST', body: {} });
    expect(refused.headers.get('allow')).toBe('GET, PATCH, DELETE, HEAD, OPTIONS');
    const options = await ann.ask('/share', { method: 'OPTIONS' });
    expect(options.status).toBe(204);
    expect((await ann.ask('/api/instance', { method: 'HEAD' })).status).toBe(200);
  });

  it('has no words of its own for what nobody foresaw', async () => {
    await gateway.db.pool.query('ALTER TABLE shares RENAME TO shares_gone');
    try {
      const answer = await ann.ask('/share');
      expect(answer.status).toBe(500);
      expect(answer.json).toMatchObject({ type: '/problems/internal', title: 'Something went wrong' });
      expect(answer.text).not.toContain('shares');
      expect(gateway.logs()).toContain('a request failed');
    } finally {
      await gateway.db.pool.query('ALTER TABLE shares_gone RENAME TO shares');
    }
  });
});

describe('the version', () => {
  it('is that of the package', async () => {
    const file = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
    expect((await ann.ask('/api/instance')).json.version).toBe(JSON.parse(file).version);
  });
});

describe('headers', () => {
  it('let nothing run but our own scripts, and show pictures of Spotify only', async () => {
    const { headers } = await ann.ask('/api/instance');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toMatch(/img-src 'self' data: blob: https:\/\/i\.scdn\.co [^;]*http:\/\/127\.0\.0\.1:\d+/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('strict-transport-security')).toBeNull();
  });

  it('keep private answers out of caches', async () => {
    expect((await ann.ask('/api/user')).headers.get('cache-control')).toBe('private, no-store');
  });
});

describe('behind TLS', () => {
  let secure: TestGateway;
  beforeAll(async () => {
    secure = await startGateway({ PUBLIC_URL: 'https://spindle.example.org', TRUST_PROXY: '1' });
  });
  afterAll(() => secure.stop());

  it('the cookie is bound to the host and to TLS', async () => {
    const response = await fetch(`${secure.url}/auth/login`, {
      redirect: 'manual',
      headers: { 'x-forwarded-proto': 'https' },
    });
    const [cookie = ''] = response.headers.getSetCookie();
    expect(cookie).toMatch(/^__Host-spindle\.sid=/);
    expect(cookie).toMatch(/; Path=\/; .*HttpOnly; Secure; SameSite=Lax$/);
    expect(cookie).not.toMatch(/domain/i);
    expect(response.headers.get('strict-transport-security')).toBe('max-age=31536000');
    expect(new URL(response.headers.get('location') ?? '').searchParams.get('redirect_uri')).toBe(
      'https://spindle.example.org/auth/callback',
    );
  });

  it('does not start where nobody could stay signed in', async () => {
    await expect(startGateway({ PUBLIC_URL: 'https://spindle.example.org' })).rejects.toThrow(
      /TRUST_PROXY is 0/,
    );
  });
});

describe('limits', () => {
  let tight: TestGateway;
  beforeAll(async () => {
    tight = await startGateway({ RATE_LIMIT_SCALE: '0.1' });
  });
  afterAll(() => tight.stop());

  it('are told in headers, and refuse with the time to wait', async () => {
    const stranger = tight.browser();
    const first = await stranger.ask('/auth/login');
    expect(first.headers.get('ratelimit-limit')).toBe('2');
    expect(first.headers.get('ratelimit-remaining')).toBe('1');
    await stranger.ask('/auth/login');
    const refused = await stranger.ask('/auth/login');
    expect(refused.json).toMatchObject({ status: 429, type: '/problems/too-many-requests' });
    const seconds = Number(refused.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(refused.headers.get('ratelimit-remaining')).toBe('0');
    // Other limits of the same address are untouched, and supervisors are never refused.
    expect((await stranger.ask('/api/instance')).status).toBe(200);
    for (let count = 0; count < 30; count += 1) expect((await stranger.ask('/healthz')).status).toBe(200);
  });

  it('do not believe a caller who invents addresses', async () => {
    const statuses = [];
    for (let count = 0; count < 5; count += 1) {
      const headers = { 'x-forwarded-for': `203.0.113.${count}` };
      statuses.push((await tight.browser().ask('/auth/login', { headers })).status);
    }
    expect(statuses).toContain(429);
  });
});

describe('secrets', () => {
  it('are in no log and in no answer', async () => {
    const browser = await gateway.signedIn('ann');
    const { json: made } = await browser.ask('/api/tokens', { body: { name: 'canary', scopes: ['read'] } });
    await gateway.browser().ask('/api/user', { headers: { authorization: `Bearer ${made.token}` } });
    await gateway.browser().ask('/token', {
      method: 'POST',
      raw: new URLSearchParams({ grant_type: 'password', password: ADMIN_PASSWORD }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    const failing = gateway.sandbox.control.addFault({
      fault: { kind: 'drop', when: 'before' },
      path: '/v1/me',
    });
    const other = gateway.browser();
    const back = await other.consent(await other.leave(), 'ann');
    expect((await other.ask(back)).status).toBe(502);
    gateway.sandbox.control.removeFault(failing);
    const url = new URL(back, gateway.url);

    const canaries = [
      made.token,
      ADMIN_PASSWORD,
      CRON_SECRET,
      DEFAULT_APP.clientSecret,
      gateway.environment.SESSION_SECRET,
      gateway.environment.JWT_SECRET,
      decodeURIComponent(browser.cookie.split('=')[1] ?? ''),
      url.searchParams.get('code'),
      url.searchParams.get('state'),
    ];
    const logs = gateway.logs();
    expect(logs).toContain('"path":"/auth/callback"');
    for (const canary of canaries) {
      expect(canary).toBeTruthy();
      expect(logs.includes(String(canary))).toBe(false);
    }
  });
});
