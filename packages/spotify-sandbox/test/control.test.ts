import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { optionsFromEnvironment } from '../src/environment.ts';
import {
  createSandbox,
  DEFAULT_APP,
  type ManualClock,
  manualClock,
  parseClockScale,
  type Sandbox,
  scaledClock,
} from '../src/index.ts';
import { signIn } from './support/sign-in.ts';

const START = Date.UTC(2026, 9, 7, 12);
let clock: ManualClock;
let sandbox: Sandbox;
const me = 'mara-okonkwo';

beforeEach(async () => {
  clock = manualClock(START);
  sandbox = await createSandbox({ clock });
});
afterEach(() => sandbox.close());

// biome-ignore lint/suspicious/noExplicitAny: a control API without types of its own
type Reply = { status: number; json: any };
async function control(method: string, path: string, body?: unknown): Promise<Reply> {
  const reply = await fetch(`${sandbox.apiUrl}/_sandbox${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: reply.status, json: await reply.json() };
}
const get = async (path: string): Promise<Reply['json']> => (await control('GET', path)).json;

describe('the control API', () => {
  it('moves the clock, forwards only', async () => {
    expect(await get('/clock')).toEqual({ now: '2026-10-07T12:00:00.000Z', nowMs: START });
    expect((await control('POST', '/clock', { advanceMs: 5000 })).json.nowMs).toBe(START + 5000);
    expect((await control('POST', '/clock', { set: '2026-10-07T13:00:00Z' })).json.nowMs).toBe(
      START + 3_600_000,
    );
    expect(await control('POST', '/clock', { set: '2026-10-07T12:00:00Z' })).toEqual({
      status: 400,
      json: { error: expect.stringContaining('cannot go back') },
    });
    expect((await control('POST', '/clock', {})).status).toBe(400);
  });

  it('tells the ground truth as the handle does', async () => {
    expect(await get(`/people/${me}/plays?from=2026-10-07T00:00:00Z&to=${START}`)).toEqual(
      JSON.parse(JSON.stringify(sandbox.groundTruth.plays(me, { from: Date.UTC(2026, 9, 7), to: START }))),
    );
    expect(await get(`/people/${me}/offered-plays`)).toHaveLength(
      sandbox.groundTruth.offeredPlays(me).length,
    );
    expect(await get(`/people/${me}/window`)).toHaveLength(50);
    expect(await get(`/people/${me}/now-playing`)).toEqual(sandbox.groundTruth.nowPlaying(me));
    expect(await get(`/people/${me}/liked-songs`)).toEqual(sandbox.groundTruth.likedSongs(me));
    const playlists = await get(`/people/${me}/playlists`);
    expect(playlists).toEqual(sandbox.groundTruth.playlists(me));
    expect(await get(`/playlists/${playlists[0].id}`)).toEqual(playlists[0]);
    expect((await control('GET', '/people/nobody/plays')).json.error).toContain('nobody');
    expect(await get('/')).toMatchObject({
      seed: 'spindle',
      mode: 'development',
      catalogue: { artists: 220 },
    });
  });

  it('adds people and apps, scripts, allows, revokes, takes Premium away and orders faults', async () => {
    const track = sandbox.catalogue.tracks[0];
    expect((await control('POST', '/people', { id: 'zoe', listening: 'quiet' })).json).toMatchObject({
      id: 'zoe',
    });
    expect((await control('POST', '/people', { id: 'zoe' })).json.error).toContain('already');
    expect((await control('POST', '/people', { id: 'yan', listning: 'quiet' })).json.error).toContain(
      'listning',
    );
    const steps = [{ at: '2026-10-07T12:00:00Z', action: 'play', uris: [track?.uri], forMs: 40_000 }];
    expect((await control('POST', '/people/zoe/script', { steps })).status).toBe(200);
    clock.advance(60_000);
    expect(await get('/people/zoe/plays')).toMatchObject([
      { itemId: track?.id, msPlayed: 40_000, endedBy: 'stopped' },
    ]);
    expect((await control('POST', '/people/zoe/script', { steps })).json.error).toContain(
      'before what has already happened',
    );
    const unknown = [{ at: START + 90_000, action: 'play', uris: ['spotify:track:nothing'] }];
    expect((await control('POST', '/people/zoe/script', { steps: unknown })).json.error).toContain(
      'script step 0',
    );

    expect((await control('PUT', `/apps/${DEFAULT_APP.clientId}/allow-list/zoe`)).status).toBe(400);
    await control('DELETE', `/apps/${DEFAULT_APP.clientId}/allow-list/bjorn-novak`);
    expect((await control('PUT', `/apps/${DEFAULT_APP.clientId}/allow-list/zoe`)).status).toBe(200);
    const app = { clientId: 'new', clientSecret: 's', mode: 'extended', developerId: 'someone' };
    expect((await control('POST', '/apps', app)).json).toMatchObject({ clientId: 'new', mode: 'extended' });
    expect(await get('/apps')).toHaveLength(2);

    const { access_token } = await signIn(sandbox, me);
    const profile = async (): Promise<number> =>
      (await fetch(`${sandbox.apiUrl}/v1/me`, { headers: { authorization: `Bearer ${access_token}` } }))
        .status;
    await control('PUT', '/developers/developer/premium', { premium: false });
    expect(await profile()).toBe(403);
    await control('PUT', '/developers/developer/premium', { premium: true });
    const { id } = (await control('POST', '/faults', { fault: { kind: 'server-error' }, path: '/v1/me' }))
      .json;
    expect(await profile()).toBe(502);
    expect(await get('/faults')).toMatchObject([{ id, struck: 1 }]);
    expect((await control('DELETE', `/faults/${id}`)).json).toEqual({ removed: true });
    expect((await control('POST', '/faults', { fault: { kind: 'earthquake' } })).status).toBe(400);
    expect(await profile()).toBe(200);
    await control('POST', `/people/${me}/revoke`);
    expect(await profile()).toBe(401);
    expect(await get('/calls?pathPrefix=/v1/me&status=502')).toHaveLength(1);
    expect((await get('/calls/counts')).byBucket).toEqual({ accounts: 1, profile: 4 });
    expect(await get('/calls/peak?windowMs=1000')).toEqual({ peak: 5 });
    expect(await get('/consents')).toMatchObject([{ personId: me, revokedAtMs: clock.nowMs() }]);
    expect(await get('/developers/developer/quota')).toEqual(sandbox.control.quota('developer'));
    await control('PUT', `/people/${me}/product`, { product: 'free' });
    expect((await get('/people'))[0].product).toBe('free');
    expect((await control('GET', '/nonsense')).status).toBe(400);
  });

  it('draws every picture it points at, the same one each time', async () => {
    const { access_token } = await signIn(sandbox, me);
    const reply = await fetch(`${sandbox.apiUrl}/v1/me/player`, {
      headers: { authorization: `Bearer ${access_token}` },
    });
    const { item } = (await reply.json()) as {
      item: { album: { images: { url: string; width: number }[] } };
    };
    for (const { url, width } of item.album.images) {
      const [once, twice] = await Promise.all([fetch(url), fetch(url)]);
      expect(once.headers.get('content-type')).toBe('image/png');
      const bytes = Buffer.from(await once.arrayBuffer());
      expect(bytes.equals(Buffer.from(await twice.arrayBuffer()))).toBe(true);
      // Width and height stand in the header chunk of a PNG.
      expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([width, width]);
    }
    expect((await fetch(`${sandbox.apiUrl}/image/${'0'.repeat(40)}`)).status).toBe(404);
  });
});

describe('clocks', () => {
  it('of the same scale agree in every process', () => {
    let wall = 5000;
    const scale = parseClockScale('1000000@4000x60');
    const [one, two] = [
      scaledClock(scale, () => wall),
      scaledClock(parseClockScale('1000000@4000x60'), () => wall),
    ];
    expect(one.nowMs()).toBe(1_060_000);
    wall += 1;
    expect([one.nowMs(), two.now().getTime()]).toEqual([1_060_060, 1_060_060]);
    expect(() => parseClockScale('60x')).toThrow(/not a clock/);
    expect(() => parseClockScale('1@1x0')).toThrow(/not a clock/);
  });

  it('that are fast carry the whole sandbox with them', async () => {
    const fast = await createSandbox({
      clock: scaledClock({ simulatedOriginMs: START, wallOriginMs: Date.now(), speed: 100_000 }),
    });
    const before = fast.groundTruth.plays(me).length;
    const deadline = Date.now() + 5000;
    while (fast.groundTruth.plays(me).length < before + 20 && Date.now() < deadline) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(fast.groundTruth.plays(me).length).toBeGreaterThanOrEqual(before + 20);
    await fast.close();
  });
});

describe('the environment', () => {
  it('configures a sandbox, with defaults', () => {
    expect(optionsFromEnvironment({})).toMatchObject({
      port: 9090,
      seed: 'spindle',
      mode: 'development',
      people: 6,
    });
    const given = optionsFromEnvironment({
      SANDBOX_PORT: '0',
      SANDBOX_MODE: 'extended',
      SANDBOX_CLOCK: `${START}@0x2`,
      SANDBOX_CLIENT_ID: 'id',
      SANDBOX_CLIENT_SECRET: 'secret',
      SANDBOX_REDIRECT_URIS: 'http://127.0.0.1/a, https://b.example/c',
      SANDBOX_QUOTA: '800',
      SANDBOX_PUBLIC_URL: '',
    });
    expect(given).toMatchObject({
      port: 0,
      mode: 'extended',
      apps: [
        {
          clientId: 'id',
          clientSecret: 'secret',
          redirectUris: ['http://127.0.0.1/a', 'https://b.example/c'],
        },
      ],
      quota: { total: 800 },
    });
    expect(given.clock?.nowMs()).toBeGreaterThan(START);
    expect(optionsFromEnvironment({ SANDBOX_LIMITS: 'off' })).toMatchObject({ quota: null, rateLimit: null });
  });

  it('is refused with the name of what is wrong', () => {
    expect(() => optionsFromEnvironment({ SANDBOX_PORT: 'ninety', SANDBOX_CLOCK: 'soon' })).toThrow(
      /SANDBOX_PORT[\s\S]*SANDBOX_CLOCK|SANDBOX_CLOCK[\s\S]*SANDBOX_PORT/,
    );
  });

  it('cannot register what Spotify would not', async () => {
    const app = { clientId: 'a', clientSecret: 'b', redirectUris: ['http://localhost:3000/cb'] };
    await expect(createSandbox({ apps: [app] })).rejects.toThrow(/localhost/);
  });
});
