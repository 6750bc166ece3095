import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { saveSettings } from '@spindle/db';
import { SignJWT } from 'jose';
import { AnnsThings } from './support/anns-things.ts';
import type { Browser } from './support/browser.ts';
import { addressOf, EXAMPLES } from './support/example-requests.ts';
import { allOperations } from './support/operations.ts';
import { standInWorkers } from './support/stand-in-workers.ts';
import { ADMIN_PASSWORD, CRON_SECRET, startGateway, type TestGateway } from './support/test-gateway.ts';

const SPA = 'https://app.example.org';
let gateway: TestGateway;
let things: AnnsThings;
let stopWorkers: (() => Promise<void>) | undefined;
/** The admin. */
let ann: Browser;
let bob: Browser;

beforeAll(async () => {
  gateway = await startGateway({ RATE_LIMIT_SCALE: '0', CORS_ORIGINS: SPA });
  stopWorkers = await standInWorkers(gateway);
  ann = await gateway.signedIn('ann');
  bob = await gateway.signedIn('bob');
  const annId = Number((await ann.ask('/api/user')).json.id);
  things = await AnnsThings.make({ gateway, ann, annId, ada: ann });
});
afterAll(async () => {
  await stopWorkers?.();
  await gateway?.stop();
}, 60_000);

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const operations = allOperations();

describe('every body', () => {
  const withJson = operations.filter(
    ({ contract, method }) =>
      method !== 'GET' &&
      contract.body &&
      (contract.bodyType ?? 'json') === 'json' &&
      contract.auth !== 'cron',
  );
  /** ListenBrainz has players send what they like beside what it reads. */
  const LENIENT = new Set(['submitListens']);

  it.each(withJson.filter(({ contract }) => !LENIENT.has(contract.id)))(
    'of $name is refused with a field that it does not know',
    async ({ name, method, path }) => {
      const example = (await EXAMPLES[name]?.(things)) ?? {};
      const right = (example.asking?.body ?? {}) as object;
      for (const extra of [{ is_admin: true }, { role: 'admin' }, { userId: '1' }, { user_id: 1 }]) {
        const [field = ''] = Object.keys(extra);
        const answer = await ann.ask(addressOf(path, example), { method, body: { ...right, ...extra } });
        expect(answer.json).toMatchObject({ status: 400 });
        expect(answer.json.errors).toContainEqual({
          path: `body.${field}`,
          message: 'is not a field of this request',
        });
      }
    },
  );

  it('cannot make anybody an admin through a prototype', async () => {
    const raw =
      '{"displayName":"Bob","__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}}}';
    const headers = { 'content-type': 'application/json' };
    expect((await bob.ask('/api/user', { method: 'PATCH', raw, headers })).status).toBe(400);
    expect((await bob.ask('/api/user')).json.isAdmin).toBe(false);
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });
});

describe('every answer', () => {
  const readable = operations.filter(
    ({ method, contract }) => method === 'GET' && contract.scope !== 'write',
  );
  const framed = new Set(['getEmbed']);

  it.each(readable)(
    'of $name has the headers that keep browsers from harm',
    async ({ name, path, contract }) => {
      const example = (await EXAMPLES[name]?.(things)) ?? {};
      const who = contract.auth === 'cron' || contract.auth === 'service' ? gateway.browser() : ann;
      const { headers } = await who.ask(addressOf(path, example));
      const policy = headers.get('content-security-policy') ?? '';
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('referrer-policy')).toBeTruthy();
      if (framed.has(contract.id)) expect(policy).not.toContain('script-src');
      else expect(policy).toMatch(/frame-ancestors 'none'|default-src 'none'/);
      expect(policy).not.toMatch(/unsafe-eval|script-src[^;]*'unsafe-inline'/);
      if (contract.auth !== 'public') expect(headers.get('cache-control')).toMatch(/private|no-store/);
    },
  );
});

describe('addresses to go on to', () => {
  const takers = ['/auth/login', '/spotify/authorize', '/api/spotify/auth/login', '/auth/operator/login'];
  const hostile = [
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    'https://evil.example',
    'https:evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    'evil.example',
    ' /history',
    `/${'x'.repeat(600)}`,
    '/\u0000',
  ];

  it('are all known to this test', () => {
    const taking = operations.filter(({ contract }) => {
      const query = contract.query as unknown as { shape?: Record<string, unknown> } | undefined;
      return query?.shape && 'returnTo' in query.shape;
    });
    expect(taking.map(({ path }) => path).toSorted()).toEqual(takers.toSorted());
  });

  it.each(takers.flatMap((path) => hostile.map((to) => [path, to])))('%s refuses %j', async (path, to) => {
    const answer = await gateway.browser().ask(`${path}?returnTo=${encodeURIComponent(to)}`);
    expect(answer.json).toMatchObject({ status: 400, errors: [{ path: 'query.returnTo' }] });
  });

  it.each(['/history', '/%2F%2Fevil.example', '/a?next=//evil.example', '/.//evil.example'])(
    'that are paths lead to this site: %s',
    async (to) => {
      const browser = gateway.browser();
      const back = await browser.consent(await browser.leave(`?returnTo=${encodeURIComponent(to)}`), 'bob');
      const { headers } = await browser.ask(back, { headers: { accept: 'text/html' } });
      const location = headers.get('location') ?? '';
      expect(new URL(location, gateway.url).origin).toBe(gateway.url);
    },
  );

  it.each([
    `${SPA}@evil.example/`,
    `${SPA}.evil.example/`,
    'https://evil.example/?https://app.example.org',
    'http://app.example.org/',
    'https://app.example.org:444/',
    `javascript:alert(1)//${SPA}`,
    'data:text/html,x',
  ])('no code of a sign-in is sent to %s', async (redirectUri) => {
    const path = `/spotify/authorize?redirectUri=${encodeURIComponent(redirectUri)}`;
    expect((await gateway.browser().ask(path)).json).toMatchObject({
      status: 400,
      errors: [{ path: 'query.redirectUri' }],
    });
  });
});

describe('tokens of POST /token', () => {
  const claims = () => ({
    role: 'operator',
    ...{ iss: gateway.url, aud: 'spindle-api', sub: 'operator' },
    ...{ iat: Math.floor(Date.now() / 1_000), exp: Math.floor(Date.now() / 1_000) + 600 },
  });
  const sign = (payload: object, secret = gateway.environment.JWT_SECRET ?? '', alg = 'HS256') =>
    new SignJWT({ ...payload }).setProtectedHeader({ alg }).sign(new TextEncoder().encode(secret));
  const opens = async (token: string) =>
    (await gateway.browser().ask('/api/admin/overview', bearer(token))).status;

  it('made like ours open what they should, so what follows is refused for its own reason', async () => {
    expect(await opens(await sign(claims()))).toBe(200);
  });

  it.each([
    ['that have expired', { exp: 1_000_000_000 }],
    ['for another audience', { aud: 'something-else' }],
    ['of another issuer', { iss: 'https://evil.example' }],
    ['of a role that is none', { role: 'admin' }],
    ['of no role', { role: undefined }],
    ['that are not good yet', { nbf: 4_000_000_000 }],
  ])('%s are refused', async (_what, change) => {
    expect(await opens(await sign({ ...claims(), ...change }))).toBe(401);
  });

  it('signed otherwise than HS256 with our secret are refused', async () => {
    const secret = gateway.environment.JWT_SECRET ?? '';
    const unsigned = (alg: string) =>
      [{ alg, typ: 'JWT' }, claims()]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.');
    const tokens = [
      await sign(claims(), 'x'.repeat(40)),
      await sign(claims(), secret.repeat(2), 'HS512'),
      ...['none', 'None', 'NONE', 'RS256', ''].map((alg) => `${unsigned(alg)}.`),
      `${unsigned('HS256')}.AAAA`,
    ];
    for (const token of tokens) expect(await opens(token)).toBe(401);
  });
});

describe('secrets that sign, when they are rotated', () => {
  const [old, fresh] = ['an-old-secret-of-32-characters-or-more', 'a-new-secret-of-32-characters-or-more'];
  const beside = (more: Record<string, string>) => {
    const { DATABASE_URL = '', REDIS_URL = '', QUEUE_PREFIX = '' } = first.environment;
    return startGateway({ DATABASE_URL, REDIS_URL, QUEUE_PREFIX, PUBLIC_URL: first.url, ...more });
  };
  let first: TestGateway;
  beforeAll(async () => {
    first = await startGateway({ SESSION_SECRET: old, JWT_SECRET: old });
  });
  afterAll(() => first.stop());

  it('sessions and tokens of the old one stay good beside the new one, and end with it', async () => {
    const browser = await first.signedIn('ann');
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const raw = new URLSearchParams({ grant_type: 'password', password: ADMIN_PASSWORD }).toString();
    const token = (await first.browser().ask('/token', { raw, headers: form })).json.access_token;
    const seen = async (other: TestGateway) => {
      const again = other.browser();
      again.cookie = browser.cookie;
      const overview = await other.browser().ask('/api/admin/overview', bearer(token));
      return [(await again.ask('/api/user')).status, overview.status];
    };
    const both = await beside({ SESSION_SECRET: `${fresh},${old}`, JWT_SECRET: `${fresh}, ${old}` });
    expect(await seen(both)).toEqual([200, 200]);
    await both.stop();
    const without = await beside({ SESSION_SECRET: fresh, JWT_SECRET: fresh });
    expect(await seen(without)).toEqual([401, 401]);
    await without.stop();
  });
});

describe('sessions', () => {
  it('a sign-in ends the session that was there before', async () => {
    const browser = await gateway.signedIn('bob');
    const before = browser.cookie;
    await browser.signIn('bob');
    expect(browser.cookie).not.toBe(before);
    const stolen = gateway.browser();
    stolen.cookie = before;
    expect((await stolen.ask('/api/user')).status).toBe(401);
  });

  it('ends after half a year, however much it is used', async () => {
    const browser = await gateway.signedIn('bob');
    const id = decodeURIComponent(browser.cookie.split('=')[1] ?? '')
      .slice(2)
      .split('.')[0];
    const place = `${gateway.environment.QUEUE_PREFIX}:session:${id}`;
    const session = JSON.parse((await gateway.redis.get(place)) ?? '');
    expect((session.until - Date.now()) / 86_400_000).toBeCloseTo(180, 1);
    await gateway.redis.set(place, JSON.stringify({ ...session, until: Date.now() - 1 }));
    expect((await browser.ask('/api/user')).status).toBe(401);
  });

  it('a cookie with a changed signature, or none, is nobody’s', async () => {
    const [name, value = ''] = bob.cookie.split('=');
    const id = decodeURIComponent(value).slice(2).split('.')[0];
    for (const forged of [`s:${id}.${'A'.repeat(43)}`, `s:${id}`, String(id), `s:${id}.`]) {
      const thief = gateway.browser();
      thief.cookie = `${name}=${encodeURIComponent(forged)}`;
      expect((await thief.ask('/api/user')).status).toBe(401);
    }
  });
});

describe('what cannot be found out by asking', () => {
  const said = async (path: string, browser = gateway.browser()) => {
    const { status, json } = await browser.ask(path);
    return { status, ...json, instance: '' };
  };

  it('whether somebody is a listener here whose profile is private', async () => {
    for (const rest of ['', '/plays', '/stats/summary', '/now-playing']) {
      expect(await said(`/api/users/ann-example${rest}`)).toEqual(
        await said(`/api/users/nobody-at-all${rest}`),
      );
    }
  });

  it('whether a thing of somebody else is there', async () => {
    const names = ['import', 'schedule'] as const;
    const paths = { import: '/api/imports/', schedule: '/api/playlist/schedules/' };
    const there = await said(`${paths.import}${await things.id('import')}`, bob);
    expect(there).toEqual(await said(`${paths.import}999999`, bob));
    expect(there.status).toBe(404);
    for (const name of names) {
      const ask = async (id: string) => {
        const { status, json } = await bob.ask(paths[name] + id, { method: 'DELETE' });
        return { status, ...json, instance: '' };
      };
      expect(await ask(await things.id(name))).toEqual(await ask('999999'));
    }
    const job = await things.id('job');
    expect(await said(`/api/jobs/${job}`, bob)).toEqual(await said('/api/jobs/sync.no-such-job', bob));
  });

  it('why a credential is not good', async () => {
    const { json } = await bob.ask('/api/tokens', { body: { name: 'short-lived', scopes: ['read'] } });
    await bob.ask(`/api/tokens/${json.id}`, { method: 'DELETE' });
    const answers = await Promise.all(
      [json.token, 'spn_never', 'a.b.c', `${CRON_SECRET}x`].map(async (token) => {
        const answer = await gateway.browser().ask('/api/user', bearer(token));
        return { ...answer.json, instance: '' };
      }),
    );
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0].status).toBe(401);
  });

  it('who registers, while nobody may', async () => {
    await saveSettings(gateway.db, { registration: 'closed' }, new Date());
    const known = await gateway.signedIn('bob');
    expect((await known.ask('/api/user')).status).toBe(200);
    await saveSettings(gateway.db, { registration: 'open' }, new Date());
  });
});

describe('trying out passwords', () => {
  let tight: TestGateway;
  beforeAll(async () => {
    tight = await startGateway({ RATE_LIMIT_SCALE: '0.25' });
  });
  afterAll(() => tight.stop());

  it('ends after a few, at every door that takes one, whatever the address claims', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const tries: (() => Promise<{ status: number }>)[] = [
      () =>
        tight.browser().ask('/token', {
          raw: 'grant_type=password&password=wrong',
          headers: { ...form, 'x-forwarded-for': `203.0.113.${Math.floor(Math.random() * 250)}` },
        }),
      () => tight.browser().ask('/auth/operator/password', { body: { password: 'wrong' } }),
      () => tight.browser().ask('/api/invitations/open', { body: { token: 'spi_guess' } }),
    ];
    for (const guess of tries) {
      const statuses: number[] = [];
      while (!statuses.includes(429) && statuses.length < 30) statuses.push((await guess()).status);
      expect(statuses.at(-1)).toBe(429);
      expect(statuses).not.toContain(200);
    }
  });
});
