import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { routes } from '@spindle/contracts';
import { ingestPlays, saveSettings, startShare, upsertTracks } from '@spindle/db';
import { registry } from '@spindle/queues';
import type { Browser } from './support/browser.ts';
import { CRON_SECRET, startGateway, type TestGateway } from './support/test-gateway.ts';
import { unzip } from './support/unzip.ts';

let gateway: TestGateway;
/** The first to sign in, so the admin. */
let ann: Browser;
let bob: Browser;
let annId: number;
let bobId: number;

beforeAll(async () => {
  gateway = await startGateway();
  ann = await gateway.signedIn('ann');
  bob = await gateway.signedIn('bob');
  annId = Number((await ann.ask('/api/user')).json.id);
  bobId = Number((await bob.ask('/api/user')).json.id);
});
afterAll(() => gateway.stop());

async function listen(userId: number, count: number): Promise<void> {
  await gateway.db.transaction(async (tx) => {
    const artists = [{ spotifyId: 'artist1', name: 'Artist & <Co>' }];
    const items = Array.from({ length: count }, (_, index) => ({
      spotifyId: `track${index}`,
      name: `Track ${index}`,
      durationMs: 60_000,
      explicit: false,
      isrc: null,
      discNumber: 1,
      trackNumber: index,
      artists,
      album: {
        spotifyId: 'album1',
        name: 'Album',
        albumType: 'album',
        releaseDate: null,
        releaseDatePrecision: null,
        totalTracks: null,
        images: [{ url: 'https://i.scdn.co/image/x', width: 300, height: 300 }],
        artists,
      },
    }));
    const ids = await upsertTracks(tx, items, new Date());
    await ingestPlays(
      tx,
      userId,
      items.map((item, index) => ({
        trackId: ids.get(item.spotifyId) ?? 0,
        source: 'recently-played' as const,
        startedAt: Date.UTC(2026, 9, 1) + index * 60_000,
        endedAt: Date.UTC(2026, 9, 1) + (index + 1) * 60_000,
        msPlayed: null,
        durationMs: 60_000,
      })),
    );
  });
}

async function apiToken(browser: Browser, scopes: string[]): Promise<Record<string, string>> {
  const { json } = await browser.ask('/api/tokens', { body: { name: 'test', scopes } });
  return { authorization: `Bearer ${json.token}` };
}

describe('who may call', () => {
  const addresses = routes.map((route) => ({
    route,
    path: route.path
      .replace(':handle', 'nobody')
      .replace(':code', '222222')
      // Admins are let in, so what they would do there is done to nobody.
      .replace(':id', route.path.includes('jobs') ? 'sync.1' : route.auth === 'admin' ? '2000000000' : '1')
      .replace(':queue', 'no-queue'),
    method: route.method.toUpperCase(),
  }));
  const asking = ({ method }: { method: string }, headers: Record<string, string> = {}) => ({
    method,
    headers,
    ...(['POST', 'PUT', 'PATCH'].includes(method) && { body: {} }),
  });
  const guarded = addresses.filter(({ route }) => route.auth !== 'public');

  it.each(guarded)('$method $path wants a credential, and refuses a wrong one', async (one) => {
    const credentials: Record<string, string>[] = [
      {},
      { authorization: 'Bearer wrong' },
      { authorization: 'Bearer spn_wrong' },
      { authorization: 'Basic eDp5' },
      { 'x-cron-secret': 'wrong' },
    ];
    for (const headers of credentials) {
      const answer = await gateway.browser().ask(one.path, asking(one, headers));
      // Who says nothing may be a guest of the room; of this one nobody is.
      const isSilent = Object.keys(headers).length === 0;
      expect(answer.status).toBe(isSilent && one.route.auth === 'guest' ? 404 : 401);
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    }
  });

  it.each(addresses.filter(({ route }) => route.auth === 'admin'))(
    '$method $path is for admins',
    async (one) => {
      expect((await bob.ask(one.path, asking(one))).status).toBe(403);
      expect((await gateway.browser().ask(one.path, asking(one, await apiToken(ann, ['read'])))).status).toBe(
        403,
      );
      // What they ask for may not be there, or not be whole.
      expect([200, 201, 202, 204, 400, 404]).toContain((await ann.ask(one.path, asking(one))).status);
    },
  );

  it.each(addresses.filter(({ route }) => route.auth === 'cron'))(
    '$method $path is for schedulers',
    async (one) => {
      expect((await ann.ask(one.path, asking(one))).status).toBe(403);
    },
  );

  it.each(addresses.filter(({ route }) => route.auth === 'user'))(
    '$method $path is for listeners',
    async (one) => {
      const cron = await gateway.browser().ask(one.path, asking(one, { 'x-cron-secret': CRON_SECRET }));
      expect(cron.status).toBe(403);
    },
  );

  it('an API token does what its scopes say, in a browser nothing more, and nothing once revoked', async () => {
    const program = gateway.browser();
    const reading = await apiToken(ann, ['read']);
    expect((await program.ask('/api/user', { headers: reading })).json.id).toBe(String(annId));
    const write = await program.ask('/api/user', {
      method: 'PATCH',
      body: { trackers: false },
      headers: reading,
    });
    expect(write.json).toMatchObject({ status: 403, type: '/problems/missing-scope' });
    const tokens = await program.ask('/api/tokens', { headers: reading });
    expect(tokens.json).toMatchObject({ status: 403, type: '/problems/needs-session' });

    const writing = await apiToken(ann, ['write']);
    const crossSite = { ...writing, 'sec-fetch-site': 'cross-site' };
    expect((await program.ask('/share/stop', { method: 'POST', headers: crossSite })).status).toBe(200);

    const { items } = (await ann.ask('/api/tokens')).json;
    expect(JSON.stringify(items)).not.toContain(reading.authorization?.slice('Bearer '.length) ?? 'x');
    expect((await bob.ask(`/api/tokens/${items[0].id}`, { method: 'DELETE' })).status).toBe(404);
    for (const { id } of items)
      expect((await ann.ask(`/api/tokens/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await program.ask('/api/user', { headers: reading })).status).toBe(401);
  });

  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    ['another site of the same domain', { 'sec-fetch-site': 'same-site', origin: 'https://other.127.0.0.1' }],
    ['a page without an origin', { 'sec-fetch-site': 'cross-site', origin: 'null' }],
    ['nobody knows where', { 'sec-fetch-site': 'none' }],
  ])('a change with the cookie from %s is refused', async (_where, headers) => {
    const answer = await ann.ask('/api/user', { method: 'PATCH', body: { trackers: false }, headers });
    expect(answer.json).toMatchObject({ status: 403, type: '/problems/cross-site' });
    expect((await ann.ask('/api/user')).json.trackers).toBe(true);
  });

  it('a change with the cookie from our own origin is carried out by browsers that tell only that', async () => {
    const headers = { 'sec-fetch-site': '', origin: gateway.url };
    const answer = await ann.ask('/api/user', { method: 'PATCH', body: { trackers: true }, headers });
    expect(answer.status).toBe(200);
  });
});

describe('my profile', () => {
  it('can be changed, all or nothing', async () => {
    const change = { handle: 'bobby', timeZone: 'Europe/Lisbon', publicProfile: true };
    expect((await bob.ask('/api/user', { method: 'PATCH', body: change })).json).toMatchObject(change);
    const taken = await bob.ask('/api/user', {
      method: 'PATCH',
      body: { handle: 'ann-example', trackers: false },
    });
    expect(taken.json).toMatchObject({ status: 409, type: '/problems/handle-taken' });
    const artist = await bob.ask('/api/user', { method: 'PATCH', body: { hiddenArtists: ['4000000'] } });
    expect(artist.json).toMatchObject({ status: 400, errors: [{ path: 'body.hiddenArtists' }] });
    expect((await bob.ask('/api/user/')).json).toMatchObject({ handle: 'bobby', trackers: true });
  });

  it.each([
    [{ handle: 'Not A Handle' }, 'body.handle'],
    [{ timeZone: 'Middle/Earth' }, 'body.timeZone'],
    [{ isAdmin: true }, 'body.isAdmin'],
    [{ displayName: '' }, 'body.displayName'],
    [[], 'body'],
    [null, 'body'],
  ])('refuses %j and names the place', async (body, path) => {
    const answer = await bob.ask('/api/user', { method: 'PATCH', body });
    expect(answer.json).toMatchObject({ status: 400, type: '/problems/validation' });
    expect(answer.json.errors[0].path).toBe(path);
    expect(answer.json.instance).toBe(answer.headers.get('x-request-id'));
  });

  it('comes along as a zip of NDJSON, whole and without a secret', async () => {
    await listen(annId, 30);
    const response = await fetch(`${gateway.url}/api/user/export`, { headers: { cookie: ann.cookie } });
    expect(response.headers.get('content-disposition')).toMatch(
      /^attachment; filename="spindle-\d{4}-\d\d-\d\d\.zip"$/,
    );
    const files = await unzip(Buffer.from(await response.arrayBuffer()));
    const plays = (files.get('plays.ndjson') ?? '')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(plays).toHaveLength(30);
    expect(plays[0].track.name).toBe('Track 0');
    expect(JSON.parse(files.get('profile.ndjson') ?? '')).toMatchObject({ handle: 'ann-example' });
    expect([...files.values()].join('')).not.toMatch(/accessToken|refreshToken|access_token/);
  });
});

describe('my plays', () => {
  it('come newest first with tracks and artwork, page by page', async () => {
    await listen(annId, 30);
    const first = await ann.ask('/api/plays?limit=20');
    expect(first.json.items).toHaveLength(20);
    expect(first.json.items[0]).toMatchObject({
      source: 'recently-played',
      track: {
        name: 'Track 29',
        url: 'https://open.spotify.com/track/track29',
        artists: [{ name: 'Artist & <Co>' }],
      },
    });
    const second = await ann.ask(`/api/plays?limit=20&cursor=${first.json.nextCursor}`);
    expect(second.json.items).toHaveLength(10);
    expect(second.json.nextCursor).toBeNull();
    expect((await bob.ask('/api/plays')).json.items).toEqual([]);
  });

  it.each([
    ['limit=0', 'query.limit'],
    ['limit=101', 'query.limit'],
    ['cursor=nonsense', 'query.cursor'],
    ['cursor=%00', 'query.cursor'],
    ['from=yesterday', 'query.from'],
    ['track=abc', 'query.track'],
    ['page=2', 'query.page'],
    ['limit=1&limit=2', 'query.limit'],
  ])('refuse ?%s and name the place', async (query, path) => {
    const answer = await ann.ask(`/api/plays?${query}`);
    expect(answer.json).toMatchObject({ status: 400 });
    expect(answer.json.errors[0].path).toBe(path);
  });

  it('can be removed by their owner only', async () => {
    const [play] = (await ann.ask('/api/plays?limit=1')).json.items;
    expect((await bob.ask(`/api/plays/${play.id}`, { method: 'DELETE' })).status).toBe(404);
    expect((await ann.ask(`/api/plays/${play.id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await ann.ask(`/api/plays/${play.id}`, { method: 'DELETE' })).status).toBe(404);
    expect((await ann.ask('/api/plays/!', { method: 'DELETE' })).status).toBe(400);
  });
});

describe('now playing and sharing', () => {
  it('shows the owner to everybody: the first admin, or whom the settings name', async () => {
    const anyone = gateway.browser();
    const answer = await anyone.ask('/api/now-playing', { headers: { origin: 'https://blog.example' } });
    expect(answer.json.user.handle).toBe('ann-example');
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('set-cookie')).toBeNull();
    await saveSettings(gateway.db, { ownerUserId: bobId }, new Date());
    expect((await anyone.ask('/spotify/now-playing')).json.user.handle).toBe('bobby');
    await saveSettings(gateway.db, { ownerUserId: null }, new Date());
  });

  it('shows others only while they share', async () => {
    const anyone = gateway.browser();
    const see = async () => (await anyone.ask('/api/users/bobby/now-playing')).status;
    expect(await see()).toBe(404);
    const share = await bob.ask('/share/start', { body: {} });
    expect(share.json).toMatchObject({ sharing: true, expiresAt: null });
    expect(await see()).toBe(200);
    expect((await bob.ask('/api/user')).json.sharing).toBe(true);
    expect((await bob.ask('/share/stop', { method: 'POST' })).json.sharing).toBe(false);
    expect(await see()).toBe(404);
    await startShare(gateway.db, bobId, new Date(Date.now() - 1), new Date(Date.now() - 1_000));
    expect(await see()).toBe(404);
    expect((await bob.ask('/share')).json).toEqual({ sharing: false, startedAt: null, expiresAt: null });
  });

  it('shares until a moment in the future only', async () => {
    const past = await bob.ask('/share/start', { body: { expiresAt: '2020-01-01T00:00:00Z' } });
    expect(past.json.errors).toEqual([{ path: 'body.expiresAt', message: 'must be in the future' }]);
    const until = new Date(Date.now() + 60_000).toISOString();
    expect((await bob.ask('/share/start', { body: { expiresAt: until } })).json.expiresAt).toBe(until);
  });

  it('makes the player due to be read when sharing begins', async () => {
    await gateway.db.prisma.captureState.updateMany({
      where: { userId: bobId },
      data: { nextPlaybackAt: null },
    });
    await bob.ask('/share/start', { body: {} });
    const state = await gateway.db.prisma.captureState.findUniqueOrThrow({ where: { userId: bobId } });
    expect(state.nextPlaybackAt?.getTime()).toBeLessThanOrEqual(Date.now());
  });
});

describe('the operator', () => {
  it('sees figures, the quota ledger and the checks of the set-up', async () => {
    const overview = await ann.ask('/api/admin/overview');
    expect(overview.json).toMatchObject({ users: 2, connected: 2, reauthNeeded: 0 });
    expect(overview.json.queues.map((queue: { queue: string }) => queue.queue)).toEqual(
      Object.keys(registry),
    );
    const { accounts } = (await ann.ask('/api/admin/quota')).json;
    expect(accounts[0]).toMatchObject({ account: 'default', allowance: 800 });
    expect(
      accounts[0].lanes.find((lane: { lane: string }) => lane.lane === 'sign-in').used,
    ).toBeGreaterThanOrEqual(4);
    const { checks } = (await ann.ask('/api/admin/doctor')).json;
    const statuses = Object.fromEntries(
      checks.map((check: { id: string; status: string }) => [check.id, check.status]),
    );
    expect(statuses).toMatchObject({
      postgres: 'ok',
      redis: 'ok',
      migrations: 'ok',
      'redirect-address': 'ok',
    });
  });

  it('has the dashboard of the queues, which changes nothing for other sites', async () => {
    const page = await ann.ask('/admin/queues/', { headers: { accept: 'text/html' } });
    expect(page.status).toBe(200);
    expect(page.text).toContain('Spindle queues');
    expect(
      (await ann.ask('/admin/queues/api/queues')).json.queues.map((queue: { name: string }) => queue.name),
    ).toEqual(Object.keys(registry));
    expect((await bob.ask('/admin/queues/')).status).toBe(403);
    expect((await gateway.browser().ask('/admin/queues/')).status).toBe(401);
    const crossSite = await ann.ask('/admin/queues/api/queues/sync/pause', {
      method: 'PUT',
      headers: { 'sec-fetch-site': 'cross-site' },
    });
    expect(crossSite.status).toBe(403);
  });

  it('scrapes the metrics on the machine itself; from elsewhere it takes a credential', async () => {
    const local = await gateway.browser().ask('/metrics');
    expect(local.text).toContain('spindle_queue_jobs');
    const away = { 'x-forwarded-for': '203.0.113.9' };
    expect((await gateway.browser().ask('/metrics', { headers: away })).status).toBe(401);
    expect((await bob.ask('/metrics', { headers: away })).status).toBe(403);
    const secret = await gateway.browser().ask('/metrics', {
      headers: { ...away, authorization: `Bearer ${CRON_SECRET}` },
    });
    expect(secret.status).toBe(200);
  });
});

describe('what anybody may know', () => {
  it('is the instance, its health and its API', async () => {
    const anyone = gateway.browser();
    expect((await anyone.ask('/api/instance')).json).toMatchObject({
      sandbox: true,
      apps: [{ id: 'default' }],
    });
    expect((await anyone.ask('/healthz')).json).toEqual({ status: 'ok' });
    expect((await anyone.ask('/readyz')).json).toMatchObject({
      status: 'ready',
      checks: { postgres: 'ok', redis: 'ok' },
    });
    const { paths } = (await anyone.ask('/openapi.json')).json;
    for (const route of routes) expect(paths).toHaveProperty([route.path.replace(/:(\w+)/g, '{$1}')]);
  });

  it('has a page to try it, whole from here', async () => {
    const docs = await gateway.browser().ask('/docs', { headers: { accept: 'text/html' } });
    expect(docs.headers.get('content-security-policy')).toContain("script-src 'self'");
    const sources = [...docs.text.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(sources).toHaveLength(3);
    for (const source of sources) {
      expect(source).toMatch(/^\/docs\//);
      expect((await gateway.browser().ask(source)).status).toBe(200);
    }
  });

  it('has a page for each kind of problem', async () => {
    const known = await gateway
      .browser()
      .ask('/problems/sign-in-state', { headers: { accept: 'text/html' } });
    expect(known.text).toContain('The sign-in cannot be finished');
    const strange = await gateway
      .browser()
      .ask('/problems/%3Cscript%3E', { headers: { accept: 'text/html' } });
    expect(strange.status).toBe(404);
    expect(strange.text).not.toContain('<script>');
  });
});

describe('erasing me', () => {
  it('takes tokens and sessions away at once and leaves the rest to a job', async () => {
    const second = await gateway.signedIn('bob');
    const token = await apiToken(bob, ['read']);
    const answer = await bob.ask('/api/user', { method: 'DELETE' });
    expect(answer.status).toBe(202);
    expect(answer.json.job).toMatchObject({ queue: 'sync', name: 'erase-user', state: 'queued' });
    expect(await gateway.db.prisma.spotifyCredential.count({ where: { userId: bobId } })).toBe(0);
    expect((await bob.ask('/api/user')).status).toBe(401);
    expect((await second.ask('/api/user')).status).toBe(401);
    expect((await gateway.browser().ask('/api/user', { headers: token })).status).toBe(401);
    const again = gateway.browser();
    const back = await again.consent(await again.leave(), 'bob');
    expect((await again.ask(back)).json).toMatchObject({ status: 409, type: '/problems/being-erased' });
    expect((await ann.ask('/api/user')).status).toBe(200);
  });
});
