import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTokenBox } from '@spindle/service-kit';
import { waitFor } from '@spindle/testkit';
import { databaseContents, redisContents } from '../everything-kept.ts';
import { type System, startSystem } from '../system.ts';

/**
 * Every secret that the system is given, makes or receives is a canary. It does what goes well and what
 * goes wrong; then no canary may be in a log, in an answer that is not meant to hold it, in Redis, or
 * readable in the database.
 */

const secret = (name: string): string => `canary-${name}-${randomBytes(12).toString('hex')}`;
const PASSWORD = 'canary-of-the-admin-password';
const CLIENT_SECRET = 'canary-of-a-service-client';
const key = randomBytes(32);
const GIVEN = {
  SESSION_SECRET: secret('session-secret'),
  JWT_SECRET: secret('jwt-secret'),
  CRON_SECRET: secret('cron'),
  TOKEN_KEYS: `canary:${key.toString('base64')}`,
  ADMIN_PASSWORD_HASH: '$2b$04$yWS5OITSAuA3uqOLZ5JWleuLSz84sNJh2L14bxUf9p2GZhYD4r.va',
  SERVICE_CLIENTS: 'backup:$2b$04$0/05y6CUHnAkTiaTjHROzOSEgVz2LZVwm6AukQITSgzrV8LYz3J.2',
  OIDC_CLIENT_SECRET: secret('oidc'),
  ALERT_NTFY_TOKEN: secret('alert-token'),
};
const ALERT_PATH = secret('alert-webhook');
const ALERT_TOPIC = secret('alert-topic');

/** What must not be found, by what it is. */
const canaries = new Map<string, string>();
const hide = (what: string, value: string | null | undefined): string => {
  if (!value || value.length < 8) throw new Error(`${what} is no canary: ${value}`);
  canaries.set(what, value);
  return value;
};

let system: System;
/** Takes relayed plays and notices, and refuses them. */
let elsewhere: Server;
let elsewhereUrl: string;
const told: string[] = [];
/** Answers that hold nothing which was made for whoever asked. */
const answers: string[] = [];

beforeAll(async () => {
  elsewhere = createServer(async (request, response) => {
    told.push(`${request.url} ${request.headers.authorization ?? ''} ${await text(request)}`);
    response.statusCode = 500;
    response.end('no');
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  elsewhereUrl = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
  for (const [name, value] of Object.entries(GIVEN)) hide(name, value.split(':').at(-1));
  hide('the admin password', PASSWORD);
  hide('the secret of a service client', CLIENT_SECRET);
  hide('the webhook of the operator', ALERT_PATH);
  hide('the topic of the operator', ALERT_TOPIC);
  system = await startSystem({
    speed: 30,
    services: ['sync-worker', 'party-worker', 'cron', 'gateway'],
    sandbox: {
      people: [
        { id: 'ann', displayName: 'Ann', listening: 'quiet' },
        { id: 'bob', displayName: 'Bob', listening: 'quiet' },
      ],
    },
    environment: {
      ...GIVEN,
      LOG_LEVEL: 'trace',
      RELAY_ALLOW_PRIVATE: 'true',
      OIDC_ISSUER: `${elsewhereUrl}/provider`,
      OIDC_CLIENT_ID: 'spindle',
      OIDC_ADMINS: 'sub:nobody',
      ALERT_WEBHOOK_URL: `${elsewhereUrl}/${ALERT_PATH}`,
      ALERT_NTFY_URL: `${elsewhereUrl}/${ALERT_TOPIC}`,
    },
  });
  hide('the secret of the Spotify app', system.environment.SPOTIFY_CLIENT_SECRET);
}, 120_000);
afterAll(async () => {
  await system?.stop();
  elsewhere?.close();
}, 60_000);

interface Asking {
  readonly method?: string;
  readonly body?: unknown;
  readonly form?: Record<string, string>;
  readonly headers?: Record<string, string>;
  /** The answer is made to hold a secret. */
  readonly reveals?: boolean;
}

async function ask(path: string, { method, body, form, headers, reveals }: Asking = {}) {
  const response = await fetch(new URL(path, system.url), {
    method: method ?? (body || form ? 'POST' : 'GET'),
    redirect: 'manual',
    headers: {
      accept: 'application/json',
      'sec-fetch-site': 'same-origin',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(form && { body: new URLSearchParams(form) }),
  });
  const said = await response.text();
  const told = [...response.headers].filter(([name]) => name !== 'set-cookie' && name !== 'location');
  if (!reveals) answers.push(`${path.split('?', 1)[0]} ${response.status} ${JSON.stringify(told)} ${said}`);
  const json = said.startsWith('{') ? JSON.parse(said) : undefined;
  return { status: response.status, headers: response.headers, json };
}

const cookieOf = (headers: Headers): string => (headers.get('set-cookie') ?? '').split(';')[0] ?? '';
const signed = (cookie: string): string => decodeURIComponent(cookie.split('=')[1] ?? '');

/** To the consent page and back; every secret of the way is noted. */
async function comeBack(person: string): Promise<{ cookie: string; back: string }> {
  const login = await ask('/auth/login');
  const cookie = cookieOf(login.headers);
  const page = new URL(login.headers.get('location') ?? '');
  const consent = await fetch(page, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ person, decision: 'approve' }),
  });
  const back = new URL(consent.headers.get('location') ?? '');
  const which = `${person} ${canaries.size}`;
  hide(`state of ${which}`, back.searchParams.get('state'));
  hide(`code of ${which}`, back.searchParams.get('code'));
  hide(`cookie before the sign-in of ${which}`, signed(cookie));
  return { cookie, back: back.pathname + back.search };
}

async function signIn(person: string): Promise<{ cookie: string }> {
  const { cookie, back } = await comeBack(person);
  const done = await ask(back, { headers: { cookie, accept: 'text/html' } });
  expect(done.status).toBe(302);
  const own = cookieOf(done.headers);
  hide(`cookie of ${person}`, signed(own));
  return { cookie: own };
}

/** The tokens that Spotify gave out, as they are sealed at this moment. */
async function noteSpotifyTokens(): Promise<number> {
  const box = createTokenBox([{ id: 'canary', key }]);
  const { rows } = await system.database.query<{
    user_id: number;
    access_token: Buffer;
    refresh_token: Buffer;
  }>('SELECT user_id, access_token, refresh_token FROM spotify_credentials');
  for (const row of rows) {
    const context = `user:${row.user_id}`;
    const access = box.open(row.access_token, context);
    hide(`access token ${access.slice(-6)}`, access);
    const refresh = box.open(row.refresh_token, context);
    hide(`refresh token ${refresh.slice(-6)}`, refresh);
  }
  return rows.length;
}

/** A gateway that cannot start; what it says of it. */
async function failToStart(more: Record<string, string>): Promise<string> {
  const main = fileURLToPath(new URL('../../services/gateway/src/main.ts', import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH ?? '', ...system.environment, PORT: '0', ...more },
  });
  const said = Promise.all([text(child.stdout), text(child.stderr)]);
  await waitFor(async () => child.exitCode !== null || child.signalCode !== null, {
    what: 'a gateway to give up',
    timeoutMs: 60_000,
  }).finally(() => child.kill('SIGKILL'));
  return (await said).join('\n');
}

describe('secrets', () => {
  const crashes: string[] = [];

  it('are used, rightly and wrongly, wherever there are any', async () => {
    const { sandbox } = system;
    const ann = await signIn('ann');
    const bob = await signIn('bob');
    const asAnn = (asking: Asking = {}): Asking => ({ ...asking, headers: { ...asking.headers, ...ann } });
    await noteSpotifyTokens();

    // Tokens, keys and links that are shown once.
    const made = await ask('/api/tokens', {
      ...asAnn({ body: { name: 'canary', scopes: ['read', 'write', 'scrobble'] } }),
      reveals: true,
    });
    const token = hide('a personal token', made.json.token);
    const invitation = await ask('/api/admin/invitations', { ...asAnn({ body: {} }), reveals: true });
    const invite = hide('an invitation', new URL(invitation.json.url).hash.slice(1));
    expect((await ask('/api/invitations/open', { body: { token: invite } })).status).toBe(200);
    await ask('/api/invitations/open', { body: { token: `${invite}x` } });
    const room = await ask('/rooms', asAnn({ body: {} }));
    const joined = await ask(`/rooms/${room.json.room.code}/join`, {
      body: { nickname: 'Gus' },
      reveals: true,
    });
    const guest = hide('the token of a guest', joined.json.token);
    await ask(`/rooms/${room.json.room.code}/state`, { headers: { authorization: `Bearer ${guest}` } });
    await ask('/api/user', { headers: { authorization: `Bearer ${guest}` } });

    // The operator, programs, schedulers; and what is nearly right.
    const form = { grant_type: 'password', password: PASSWORD };
    const operator = await ask('/token', { form, reveals: true });
    const jwt = hide('a JWT', operator.json.access_token);
    await ask('/token', { form: { ...form, password: `${PASSWORD}!` } });
    const basic = Buffer.from(`backup:${CLIENT_SECRET}`).toString('base64');
    const program = await ask('/token', {
      form: { grant_type: 'client_credentials' },
      headers: { authorization: `Basic ${basic}` },
      reveals: true,
    });
    hide('the header of a program', basic);
    expect(program.status).toBe(200);
    await ask('/auth/operator/password', { body: { password: PASSWORD } });
    await ask('/auth/operator/login');
    for (const credential of [
      jwt,
      `${jwt}x`,
      token,
      `${token}x`,
      GIVEN.CRON_SECRET,
      `${GIVEN.CRON_SECRET}x`,
    ]) {
      await ask('/api/admin/overview', { headers: { authorization: `Bearer ${credential}` } });
      await ask('/api/user', { headers: { authorization: `Bearer ${credential}` } });
      await ask('/tasks/update-playing', { method: 'POST', headers: { 'x-cron-secret': credential } });
    }

    // Servers of others, which fail.
    const relayToken = hide('the token of a relay', secret('relay'));
    const hook = hide('the address of a webhook', secret('webhook'));
    await ask('/api/relay', asAnn({ method: 'PUT', body: { url: elsewhereUrl, token: relayToken } }));
    const target = { kind: 'webhook', url: `${elsewhereUrl}/${hook}` };
    await ask('/api/notices', asAnn({ method: 'PUT', body: target }));
    await ask('/api/notices/test', asAnn({ method: 'POST' }));
    const listen = {
      listened_at: Math.floor(sandbox.clock.nowMs() / 1_000) - 7_200,
      track_metadata: { artist_name: 'Somebody', track_name: 'Something' },
    };
    await ask('/1/submit-listens', {
      body: { listen_type: 'single', payload: [listen] },
      headers: { authorization: `Token ${token}` },
    });
    await system.database.query("UPDATE relays SET relayed_to = '2020-01-01'");

    // Sign-ins that fail half way, and answers nobody foresaw.
    for (const path of ['/v1/me', '/api/token']) {
      const fault = sandbox.control.addFault({ fault: { kind: 'server-error' }, path });
      const { cookie, back } = await comeBack('bob');
      await ask(back, { headers: { cookie } });
      await ask(back, { headers: { cookie } });
      sandbox.control.removeFault(fault);
    }
    await system.database.query('ALTER TABLE shares RENAME TO shares_gone');
    const failed = await ask('/share', asAnn());
    await system.database.query('ALTER TABLE shares_gone RENAME TO shares');
    expect(failed.status).toBe(500);

    // Tokens that have run out are refreshed; then Spotify refuses, fails, drops the line.
    await system.database.query("UPDATE spotify_credentials SET access_token_expires_at = '2020-01-01'");
    await ask('/spotify/poll/recently-played', {
      ...asAnn({ method: 'POST' }),
      headers: { ...ann, prefer: 'wait=10' },
    });
    await noteSpotifyTokens();
    const faults = [
      sandbox.control.addFault({ fault: { kind: 'invalid-grant' }, path: '/api/token' }),
      sandbox.control.addFault({ fault: { kind: 'drop', when: 'after' }, path: '/v1/**', probability: 0.5 }),
    ];
    await system.database.query("UPDATE spotify_credentials SET access_token_expires_at = '2020-01-01'");
    for (const who of [ann, bob])
      await ask('/spotify/poll/current-playback', { method: 'POST', headers: { ...who, prefer: 'wait=3' } });
    for (const fault of faults) sandbox.control.removeFault(fault);
    const { rows: refused } = await system.database.query(
      'SELECT 1 FROM spotify_credentials WHERE refused_at IS NOT NULL',
    );
    expect(refused.length).toBeGreaterThan(0);

    // Processes that die, or cannot start.
    const worker = system.processes.find(({ name }) => name === 'sync-worker');
    worker?.child.kill('SIGKILL');
    await system.start('sync-worker');
    const short = hide('a secret that is too short', 'canary-that-is-short');
    const dbPassword = hide('the password of a database', secret('database'));
    crashes.push(
      ...(await Promise.all([
        failToStart({ SESSION_SECRET: short }),
        failToStart({ TOKEN_KEYS: `k1:${Buffer.from(short).toString('base64')}` }),
        failToStart({ REDIS_URL: `mysql://spindle:${dbPassword}@localhost/x` }),
      ])),
    );
    hide('a key that is too short', Buffer.from(short).toString('base64'));

    const notified = () => told.some((one) => one.includes(hook));
    await waitFor(async () => notified(), { what: 'the webhook to be told', timeoutMs: 60_000 });
    await waitFor(async () => told.some((one) => one.includes(relayToken)), {
      what: 'plays to be passed on',
      timeoutMs: 90_000,
    });
    // What looks into everything.
    const asOperator = { headers: { authorization: `Bearer ${jwt}` } };
    const paths = [
      'overview',
      'users',
      'failures',
      'actions',
      'apps',
      'queues',
      'queues/sync/failed',
      'doctor',
    ];
    for (const path of paths) await ask(`/api/admin/${path}`, asOperator);
    for (const path of [
      '/metrics',
      '/readyz',
      '/api/relay',
      '/api/notices',
      '/api/tokens',
      '/api/user',
      '/openapi.json',
    ])
      await ask(path, asAnn());
    await ask('/admin/queues/api/queues?activeQueue=sync&status=failed', asOperator);
    await noteSpotifyTokens();
  }, 300_000);

  /** Canaries that stand somewhere, with the place. */
  const found = (lines: readonly string[], forms: (value: string) => string[] = (value) => [value]) =>
    [...canaries].flatMap(([what, value]) =>
      lines
        .filter((line) => forms(value).some((form) => line.includes(form)))
        .slice(0, 2)
        .map((line) => `${what}: ${line.slice(0, 400)}`),
    );

  it('are in no log, whatever has happened', () => {
    const lines = system.processes.flatMap(({ name, log }) =>
      log()
        .split('\n')
        .map((line) => `${name} ${line}`),
    );
    // What is looked through tells of all that happened.
    for (const word of ['/auth/callback', 'a request failed', 'a sign-in failed'])
      expect(lines.some((line) => line.includes(word))).toBe(true);
    const encoded = (value: string) => [value, encodeURIComponent(value)];
    expect(found([...lines, ...crashes.flatMap((said) => said.split('\n'))], encoded)).toEqual([]);
    expect(crashes.join('\n')).toContain('must have at least 32 characters');
    expect(lines.length).toBeGreaterThan(100);
    process.stdout.write(
      `canaries: ${canaries.size} in ${lines.length} lines of logs, ${answers.length} answers\n`,
    );
  });

  it('are in no answer that is not made for them', () => {
    expect(answers.length).toBeGreaterThan(50);
    expect(found(answers, (value) => [value, encodeURIComponent(value)])).toEqual([]);
  });

  it('are in no job, event or cache of Redis, beside the sign-ins that are under way', async () => {
    const lines = await redisContents(system.redis.url);
    expect(lines.some((line) => line.includes('test-notice'))).toBe(true);
    // The state of a sign-in is kept in the session of the browser that began it.
    expect(found(lines.filter((line) => !/^\S+:session:/.test(line)))).toEqual([]);
    const states = new Map([...canaries].filter(([what]) => !what.startsWith('state of')));
    const sessions = lines.filter((line) => /^\S+:session:/.test(line));
    expect([...states].filter(([, value]) => sessions.some((line) => line.includes(value)))).toEqual([]);
  });

  it('cannot be read in the database', async () => {
    const lines = await databaseContents(system.database);
    const hex = (value: string) => [value, Buffer.from(value).toString('hex')];
    expect(lines.some((line) => line.startsWith('spotify_credentials '))).toBe(true);
    expect(lines.some((line) => line.startsWith('relays '))).toBe(true);
    expect(found(lines, hex)).toEqual([]);
  });
});
