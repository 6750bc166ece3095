import { afterEach, describe, expect, it } from '@jest/globals';
import {
  createSandbox,
  DEFAULT_APP,
  developmentQuota,
  type ManualClock,
  manualClock,
  type Sandbox,
  type SandboxOptions,
} from '../src/index.ts';
import { signIn, tokenRequest } from './support/sign-in.ts';

const START = Date.UTC(2026, 9, 7, 12);
const [MINUTE, HOUR] = [60_000, 3_600_000];
const me = 'mara-okonkwo';

let clock: ManualClock;
let sandbox: Sandbox;
let token: string;

async function start(options: SandboxOptions): Promise<void> {
  clock = manualClock(START);
  sandbox = await createSandbox({ clock, accessTokenMs: 365 * 24 * HOUR, ...options });
  token = (await signIn(sandbox, me)).access_token;
}
afterEach(() => sandbox.close());

const get = (path: string, bearer = token): Promise<Response> =>
  fetch(sandbox.apiUrl + path, { headers: { authorization: `Bearer ${bearer}` } });
const status = async (path: string, bearer = token): Promise<number> => {
  const reply = await get(path, bearer);
  await reply.arrayBuffer();
  return reply.status;
};
const retryAfter = (reply: Response): number => Number(reply.headers.get('retry-after'));

describe('the rolling window of an app', () => {
  it('refuses what is too much, says for how long, and longer when one goes on', async () => {
    await start({ quota: null, rateLimit: { windowMs: 30_000, limit: 10 } });
    for (let call = 0; call < 10; call += 1) {
      expect(await status('/v1/me')).toBe(200);
      clock.advance(1000);
    }
    const refused = await get('/v1/me');
    expect([refused.status, retryAfter(refused)]).toEqual([429, 20]);
    expect(await refused.json()).toEqual({ error: { status: 429, message: 'API rate limit exceeded' } });
    const waits = [];
    for (let call = 0; call < 5; call += 1) waits.push(retryAfter(await get('/v1/me')));
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(waits.at(-1)).toBeGreaterThan(25);
    clock.advance((waits.at(-1) ?? 0) * 1000);
    expect(await status('/v1/me')).toBe(200);
  });
});

describe('the daily quota of a developer account', () => {
  it('locks a bucket for the rest of 24 hours and leaves the others open', async () => {
    await start({ rateLimit: null, quota: developmentQuota(20) });
    expect(await status('/v1/me/player')).toBe(200);
    clock.advance(HOUR);
    for (let call = 0; call < 4; call += 1) expect(await status('/v1/search?q=a&type=track')).toBe(200);
    const refused = await get('/v1/search?q=a&type=track');
    expect([refused.status, retryAfter(refused)]).toEqual([429, 24 * 3600]);
    expect(await refused.json()).toEqual({
      error: { status: 429, message: 'Too many requests', reason: 'QUOTA_EXCEEDED' },
    });
    expect(await status('/v1/me/player')).toBe(200);
    expect(sandbox.control.quota('developer')).toEqual(
      expect.arrayContaining([
        { bucket: 'search', used: 4, limit: 4, lockedUntilMs: START + 25 * HOUR },
        { bucket: 'total', used: 6, limit: 20, lockedUntilMs: null },
      ]),
    );
    clock.set(START + 25 * HOUR);
    expect(await status('/v1/search?q=a&type=track')).toBe(200);
  });

  it('has a total besides, from which the profile is exempt', async () => {
    await start({ rateLimit: null, quota: developmentQuota(10) });
    const paths = ['/v1/me/player', '/v1/me/tracks', '/v1/me/playlists'];
    for (let call = 0; call < 10; call += 1) expect(await status(paths[call % 3] ?? '')).toBe(200);
    expect(await status('/v1/me/albums')).toBe(429);
    expect(await status('/v1/me')).toBe(200);
    sandbox.control.clearQuota('developer');
    expect(await status('/v1/me/albums')).toBe(200);
  });

  it('is shared by all apps of the account and by nobody else', async () => {
    const app = (clientId: string, developerId: string) => ({
      ...DEFAULT_APP,
      redirectUris: [...DEFAULT_APP.redirectUris],
      clientId,
      developerId,
    });
    const apps = [app('one', 'd1'), app('two', 'd1'), app('three', 'd2')];
    await start({
      rateLimit: null,
      quota: developmentQuota(5),
      apps: [...apps, app(DEFAULT_APP.clientId, 'd9')],
    });
    const [one, two, three] = await Promise.all(
      apps.map(async (client) => (await signIn(sandbox, me, { client })).access_token),
    );
    for (let call = 0; call < 5; call += 1) expect(await status('/v1/me/player', one)).toBe(200);
    expect(await status('/v1/me/player', two)).toBe(429);
    expect(await status('/v1/me/player', three)).toBe(200);
    expect(sandbox.control.callCounts({ developerId: 'd1', bucket: 'player' })).toMatchObject({
      total: 6,
      byStatus: { 200: 5, 429: 1 },
    });
  });

  it('does not concern the extended mode, and can be switched off', async () => {
    await start({ mode: 'extended', rateLimit: null });
    for (let call = 0; call < 30; call += 1) expect(await status('/v1/me')).toBe(200);
    expect(sandbox.control.quota('developer')).toEqual([]);
  });
});

describe('faults on demand', () => {
  it('strike by path, person, method, time, count and chance, the first rule first', async () => {
    await start({ rateLimit: null, quota: null });
    const other = (await signIn(sandbox, 'bjorn-novak')).access_token;
    const id = sandbox.control.addFault({
      fault: { kind: 'server-error', status: 503 },
      path: '/v1/me/player/**',
      personId: me,
      skip: 1,
      count: 2,
    });
    expect([
      await status('/v1/me/player'),
      await status('/v1/me/player'),
      await status('/v1/me'),
      await status('/v1/me/player', other),
      await status('/v1/me/player/devices'),
      await status('/v1/me/player'),
      // It is night where he lives: nothing is playing.
    ]).toEqual([200, 503, 200, 204, 503, 200]);
    expect(sandbox.control.faults()).toMatchObject([{ id, struck: 2 }]);
    expect(sandbox.control.removeFault(id)).toBe(true);
    sandbox.control.addFault({
      fault: { kind: 'server-error', html: true },
      fromMs: START + HOUR,
      untilMs: START + 2 * HOUR,
    });
    expect(await status('/v1/me')).toBe(200);
    clock.advance(HOUR);
    const page = await get('/v1/me');
    expect([page.status, page.headers.get('content-type')]).toEqual([
      502,
      expect.stringContaining('text/html'),
    ]);
    clock.advance(HOUR);
    expect(await status('/v1/me')).toBe(200);
    sandbox.control.clearFaults();
    sandbox.control.addFault({ fault: { kind: 'server-error' }, probability: 0.5 });
    const statuses = [];
    for (let call = 0; call < 60; call += 1) statuses.push(await status('/v1/me'));
    const failed = statuses.filter((each) => each === 502).length;
    expect(failed).toBeGreaterThan(15);
    expect(failed).toBeLessThan(45);
  });

  it('give a 429 with or without Retry-After, as a pause or as a quota', async () => {
    await start({ rateLimit: null, quota: null });
    sandbox.control.addFault({ fault: { kind: 'rate-limit', retryAfterSeconds: 7 }, count: 1 });
    sandbox.control.addFault({ fault: { kind: 'rate-limit', retryAfterSeconds: null }, count: 1 });
    sandbox.control.addFault({
      fault: { kind: 'rate-limit', quota: true, retryAfterSeconds: 86_207 },
      count: 1,
    });
    const replies = [await get('/v1/me'), await get('/v1/me'), await get('/v1/me')];
    expect(replies.map((reply) => reply.headers.get('retry-after'))).toEqual(['7', null, '86207']);
    expect(await replies[2]?.json()).toMatchObject({ error: { reason: 'QUOTA_EXCEEDED' } });
  });

  it('break the connection before or after a write took effect', async () => {
    await start({ rateLimit: null, quota: null });
    const track = sandbox.catalogue.tracks[5];
    const made = sandbox.groundTruth.playlists(me).find(({ ownerId }) => ownerId === me);
    const add = (): Promise<Response> =>
      fetch(`${sandbox.apiUrl}/v1/playlists/${made?.id}/items`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: JSON.stringify({ uris: [track?.uri] }),
      });
    const length = (): number => sandbox.groundTruth.playlist(made?.id ?? '')?.items.length ?? 0;
    const before = length();
    sandbox.control.addFault({ fault: { kind: 'drop', when: 'before' }, count: 1 });
    await expect(add()).rejects.toThrow();
    expect(length()).toBe(before);
    sandbox.control.addFault({ fault: { kind: 'drop', when: 'after' }, count: 1 });
    await expect(add()).rejects.toThrow();
    expect(length()).toBe(before + 1);
    expect((await add()).status).toBe(201);
    expect(sandbox.control.calls({ method: 'POST' }).map((call) => [call.status, call.fault])).toEqual(
      expect.arrayContaining([
        [0, 'drop'],
        [201, null],
      ]),
    );
  });

  it('answer what is not JSON, half of it, nothing playing, no Premium, and slowly', async () => {
    await start({ rateLimit: null, quota: null });
    sandbox.control.addFault({ fault: { kind: 'not-json' }, count: 1 });
    expect(await (await get('/v1/me')).text()).toContain('<!doctype');
    sandbox.control.addFault({ fault: { kind: 'not-json', truncated: true }, count: 1 });
    await expect((await get('/v1/me')).json()).rejects.toThrow(/JSON/);
    sandbox.control.addFault({ fault: { kind: 'item-null' }, count: 1 });
    expect(await (await get('/v1/me/player')).json()).toMatchObject({
      item: null,
      currently_playing_type: 'unknown',
      is_playing: true,
    });
    sandbox.control.addFault({ fault: { kind: 'premium-required' }, count: 1 });
    const refused = await get('/v1/me/player');
    expect([refused.status, await refused.json()]).toMatchObject([
      403,
      { error: { reason: 'PREMIUM_REQUIRED' } },
    ]);
    sandbox.control.addFault({ fault: { kind: 'slow', delayMs: 80 }, count: 1 });
    const began = performance.now();
    expect(await status('/v1/me')).toBe(200);
    expect(performance.now() - began).toBeGreaterThan(75);
  });

  it('refuse a good refresh token', async () => {
    await start({});
    const { refresh_token } = await signIn(sandbox, me);
    const form = { grant_type: 'refresh_token', refresh_token: refresh_token ?? '' };
    sandbox.control.addFault({ fault: { kind: 'invalid-grant' }, path: '/api/token', count: 1 });
    expect(await tokenRequest(sandbox, form)).toEqual({
      status: 400,
      body: { error: 'invalid_grant', error_description: 'Refresh token revoked' },
    });
    expect((await tokenRequest(sandbox, form)).status).toBe(200);
  });
});

describe('the ledger of calls', () => {
  it('knows time, path, status, person, app and bucket of each, and the peak of any window', async () => {
    await start({ rateLimit: null, quota: null });
    sandbox.control.clearCalls();
    for (let call = 0; call < 6; call += 1) {
      await status('/v1/me/player?x=1');
      clock.advance(10 * MINUTE);
    }
    await status('/v1/nowhere');
    await status('/v1/me', 'nonsense');
    expect(sandbox.control.calls()[0]).toEqual({
      sequence: 0,
      atMs: START,
      method: 'GET',
      path: '/v1/me/player',
      query: 'x=1',
      status: 200,
      bucket: 'player',
      clientId: DEFAULT_APP.clientId,
      developerId: 'developer',
      personId: me,
      fault: null,
    });
    expect(sandbox.control.callCount()).toBe(8);
    expect(sandbox.control.peakCalls(30 * MINUTE, { bucket: 'player' })).toBe(3);
    expect(sandbox.control.callCounts({ fromMs: START + HOUR })).toMatchObject({
      byStatus: { 401: 1, 404: 1 },
    });
  });
});
