import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { relayTokenContext } from '@spindle/db';
import { createTokenBox } from '@spindle/service-kit';
import { io, type Socket } from 'socket.io-client';
import type { Asking, Browser } from './support/browser.ts';
import { startGateway, type TestGateway } from './support/test-gateway.ts';

let gateway: TestGateway;
let ann: Browser;
let bob: Browser;
/** A player on Ann's behalf: no cookies, no page. */
let player: Browser;
let token: string;

beforeAll(async () => {
  gateway = await startGateway();
  ann = await gateway.signedIn('ann');
  bob = await gateway.signedIn('bob');
  player = gateway.browser();
  token = await tokenOf(ann, ['scrobble']);
});
afterAll(() => gateway.stop());

async function tokenOf(browser: Browser, scopes: string[]): Promise<string> {
  return (await browser.ask('/api/tokens', { body: { name: 'player', scopes } })).json.token;
}

const byToken = (text: string) => ({ authorization: `Token ${text}` });
const now = () => Math.floor(Date.now() / 1_000);

function listen(listenedAt: number | undefined, name: string, info: object = {}) {
  return {
    ...(listenedAt !== undefined && { listened_at: listenedAt }),
    track_metadata: { artist_name: 'Low', track_name: name, release_name: 'HEY WHAT', additional_info: info },
  };
}

function submit(listens: object[], type = 'import', asking: Asking = {}) {
  return player.ask('/1/submit-listens', {
    body: { listen_type: type, payload: listens },
    headers: byToken(token),
    ...asking,
  });
}

async function playsOf(browser: Browser) {
  return (await browser.ask('/api/plays')).json.items;
}

describe('a player submits', () => {
  it('what was heard, once, and the browser hears of it', async () => {
    const socket: Socket = io(gateway.url, {
      extraHeaders: { cookie: ann.cookie },
      transports: ['websocket'],
    });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', () => resolve()).once('connect_error', reject);
    });
    const heard = new Promise((resolve) => socket.once('plays-added', resolve));
    const at = now() - 3_600;
    const first = listen(at, 'White Horses', { duration_ms: 303_000, media_player: 'mpd' });
    expect(await submit([first], 'single')).toMatchObject({ status: 200, json: { status: 'ok' } });
    await expect(heard).resolves.toEqual({ count: 1 });
    socket.disconnect();
    expect(await submit([first, listen(at + 303, 'I Can Wait', { duration: 190 })])).toMatchObject({
      status: 200,
      json: { status: 'ok' },
    });
    expect(await playsOf(ann)).toMatchObject([
      { source: 'scrobble', track: { name: 'I Can Wait' } },
      {
        playedAt: new Date(at * 1_000).toISOString(),
        endedAt: new Date((at + 303) * 1_000).toISOString(),
        source: 'scrobble',
        device: 'mpd',
        counts: true,
        track: { name: 'White Horses', artists: [{ name: 'Low' }], album: { name: 'HEY WHAT' } },
      },
    ]);
    expect(await playsOf(bob)).toEqual([]);
  });

  it('a thousand listens at once', async () => {
    const busy = await tokenOf(bob, ['scrobble']);
    const many = Array.from({ length: 1_000 }, (_, index) =>
      listen(1_600_000_000 + index * 200, `Song ${index % 40}`, { duration: 180, submission_client: 'sync' }),
    );
    const asking = { headers: byToken(busy) };
    expect((await submit(many, 'import', asking)).json).toEqual({ status: 'ok' });
    expect((await submit(many, 'import', asking)).json).toEqual({ status: 'ok' });
    const { rows } = await gateway.db.pool.query<{ plays: number }>(
      `SELECT count(*)::int AS plays FROM plays p JOIN users u ON u.id = p.user_id WHERE u.spotify_id = 'bob'`,
    );
    expect(rows).toEqual([{ plays: 1_000 }]);
    const more = await submit([...many, ...many.slice(0, 1)], 'import', asking);
    expect(more).toMatchObject({ status: 400, json: { errors: [{ path: 'body.payload' }] } });
  });

  it('what plays at this moment, which is taken and not kept', async () => {
    const before = await playsOf(ann);
    expect((await submit([listen(undefined, 'Days Like These')], 'playing_now')).json).toEqual({
      status: 'ok',
    });
    expect(await playsOf(ann)).toEqual(before);
  });

  const cases: [string, string, () => object[], string][] = [
    [
      'without a start',
      'import',
      () => [listen(now(), 'a'), listen(undefined, 'b')],
      'payload.1.listened_at',
    ],
    ['of the year 1970', 'import', () => [listen(now(), 'a'), listen(1, 'b')], 'payload.1.listened_at'],
    ['of tomorrow', 'single', () => [listen(now() + 86_400, 'a')], 'payload.0.listened_at'],
    [
      'without an artist',
      'import',
      () => [listen(now(), 'a'), { listened_at: now(), track_metadata: { track_name: 'b' } }],
      'payload.1.track_metadata.artist_name',
    ],
    ['that is two', 'single', () => [listen(now(), 'a'), listen(now(), 'b')], 'payload'],
    ['that plays and has a start', 'playing_now', () => [listen(now(), 'a')], 'payload.0.listened_at'],
    ['that is none', 'import', () => [], 'payload'],
  ];
  it.each(cases)(
    'a listen %s: nothing is stored, and it is told which',
    async (_what, type, listens, path) => {
      const before = await playsOf(ann);
      const answer = await submit(listens(), type);
      expect(answer.status).toBe(400);
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(answer.json.errors).toEqual([{ path: `body.${path}`, message: expect.any(String) }]);
      expect(await playsOf(ann)).toEqual(before);
    },
  );

  it('with a wrong token, one of another scope, or one in the address: refused', async () => {
    const one = [listen(now() - 60, 'Nothing')];
    const reading = await tokenOf(ann, ['read', 'write']);
    const wrong = `spn_${'A'.repeat(43)}`;
    expect(await submit(one, 'single', { headers: byToken(wrong) })).toMatchObject({ status: 401 });
    expect(await submit(one, 'single', { headers: byToken('some-other-thing') })).toMatchObject({
      status: 401,
    });
    expect(await submit(one, 'single', { headers: { authorization: token } })).toMatchObject({ status: 401 });
    expect(await submit(one, 'single', { headers: byToken(reading) })).toMatchObject({
      status: 403,
      json: { type: '/problems/missing-scope' },
    });
    expect(await submit(one, 'single', { headers: {} })).toMatchObject({ status: 401 });
    expect(await submit(one, 'single', { headers: { authorization: `Bearer ${token}` } })).toMatchObject({
      status: 200,
    });
    expect((await player.ask('/api/plays', { headers: byToken(token) })).status).toBe(403);
  });

  it('and may ask beforehand whether the token is good', async () => {
    const validate = (headers: Record<string, string>, query = '') =>
      player.ask(`/1/validate-token${query}`, { headers });
    const { json: me } = await ann.ask('/api/user');
    const good = await validate(byToken(token));
    expect(good.json).toEqual({ code: 200, message: 'Token valid.', valid: true, user_name: me.handle });
    expect(good.headers.get('cache-control')).toBe('no-store');
    const bad = { code: 200, message: 'Token invalid.', valid: false };
    expect(await validate(byToken('spn_nobody'))).toMatchObject({ status: 200, json: bad });
    expect((await validate(byToken('0c4d5b8e-5e1f-4a88-9c8e-0d8a7a3c1a11'))).json).toEqual(bad);
    const reading = await tokenOf(ann, ['read']);
    expect((await validate(byToken(reading))).json).toEqual({
      code: 200,
      message: 'The token lacks the scope "scrobble".',
      valid: false,
    });
    expect(await validate({}, `?token=${token}`)).toMatchObject({ status: 400 });
    expect(gateway.logs()).not.toContain(token);
  });
});

describe('where new plays are passed on to', () => {
  const url = 'https://listens.example';
  const secret = 'b1c2d3e4-token-over-there';
  const save = (body: object) => ann.ask('/api/relay', { method: 'PUT', body });

  it('is nowhere at first', async () => {
    expect((await ann.ask('/api/relay')).json).toEqual({ relay: null });
    expect((await ann.ask('/api/relay', { method: 'DELETE' })).status).toBe(404);
    expect(await save({ url })).toMatchObject({
      status: 400,
      json: { errors: [{ path: 'body.token', message: expect.stringContaining('needed') }] },
    });
  });

  it('is stored with the token sealed, and never tells the token', async () => {
    const answer = await save({ url: `${url}/apis/listenbrainz/1/`, token: secret });
    const relay = {
      url: `${url}/apis/listenbrainz`,
      enabled: true,
      relayed: 0,
      relayedTo: expect.any(String),
      lastError: null,
    };
    expect(answer.json).toEqual({ relay });
    expect((await ann.ask('/api/relay')).json).toEqual({ relay });
    const row = await gateway.db.prisma.relay.findFirstOrThrow();
    expect(Buffer.from(row.token).toString('latin1')).not.toContain(secret);
    const box = createTokenBox(gateway.context.config.secrets.tokenKeys);
    expect(box.open(row.token, relayTokenContext(row.userId))).toBe(secret);
    expect(() => box.open(row.token, relayTokenContext(row.userId + 1))).toThrow();
    expect((await save({ url: `${url}/apis/listenbrainz`, enabled: false })).json.relay.enabled).toBe(false);
    expect((await gateway.db.prisma.relay.findFirstOrThrow()).token).toEqual(row.token);
    expect(gateway.logs()).not.toContain(secret);
    expect((await bob.ask('/api/relay')).json).toEqual({ relay: null });
  });

  it('shows the token of one server to no other', async () => {
    expect(await save({ url: 'https://elsewhere.example' })).toMatchObject({
      status: 400,
      json: { errors: [{ path: 'body.token' }] },
    });
  });

  it.each([
    'ftp://listens.example',
    'https://a:b@listens.example',
    'https://listens.example/?token=1',
    'nowhere',
  ])('is not %s', async (wrong) => {
    expect(await save({ url: wrong, token: secret })).toMatchObject({
      status: 400,
      json: { errors: [{ path: 'body.url' }] },
    });
  });

  it('is forgotten with its token', async () => {
    expect((await ann.ask('/api/relay', { method: 'DELETE' })).status).toBe(204);
    expect(await gateway.db.prisma.relay.count()).toBe(0);
  });

  it('needs a token that may write', async () => {
    const headers = byToken(token);
    expect((await player.ask('/api/relay', { headers })).status).toBe(403);
    expect(
      (await player.ask('/api/relay', { headers, method: 'PUT', body: { url, token: secret } })).status,
    ).toBe(403);
  });
});
