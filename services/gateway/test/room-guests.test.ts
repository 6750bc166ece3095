import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { QueueWorker } from '@spindle/queues';
import { cleanNickname, nicknameRefusal } from '../src/rooms/nickname.ts';
import type { Browser } from './support/browser.ts';
import { joinAs, openRoom, partyWorker, type RoomClient, seedTracks, uri } from './support/party.ts';
import { startGateway, type TestGateway } from './support/test-gateway.ts';

let gateway: TestGateway;
let ann: Browser;
let bob: Browser;
let host: RoomClient;
let worker: QueueWorker;

beforeAll(async () => {
  gateway = await startGateway();
  worker = await partyWorker(gateway, {});
  ann = await gateway.signedIn('ann');
  bob = await gateway.signedIn('bob');
  await seedTracks(gateway.db, 5);
  host = await openRoom(ann, { name: 'Kitchen' });
});
afterAll(async () => {
  await worker?.close();
  await gateway?.stop();
});

const join = (body: object, code = host.code, browser: Browser = gateway.browser()) =>
  browser.ask(`/rooms/${code}/join`, { body });
const problem = (status: number, slug: string) => ({ status, json: { type: `/problems/${slug}` } });

describe('joining', () => {
  it('gives a guest a cookie for a browser, and once a token for a program', async () => {
    const browser = gateway.browser();
    const answer = await join({ nickname: '  Zoë ' }, host.code, browser);
    expect(answer).toMatchObject({
      status: 200,
      json: {
        token: expect.stringMatching(/^spg_[\w-]{32}$/),
        room: { code: host.code, me: { displayName: 'Zoë', isHost: false, votes: {}, skipVote: null } },
        queue: [],
        played: [],
      },
    });
    expect(answer.headers.get('cache-control')).toContain('no-store');
    const [cookie = ''] = answer.headers.getSetCookie();
    expect(cookie).toContain(`spindle_room_${host.code}=${answer.json.token};`);
    expect(cookie).toMatch(/Max-Age=86400; Path=\/; .*HttpOnly; SameSite=Lax$/);
    expect((await browser.ask(`/rooms/${host.code}/state`)).status).toBe(200);
    const authorization = `Bearer ${answer.json.token}`;
    const program = await gateway.browser().ask(`/rooms/${host.code}/state`, { headers: { authorization } });
    expect(program.json.room.me).toEqual(answer.json.room.me);
    // Coming again changes nothing, and tells no secret again.
    const again = await join({ nickname: 'Other' }, host.code, browser);
    expect(again.json).toMatchObject({ token: null, room: { me: answer.json.room.me } });
    expect(again.headers.getSetCookie()).toEqual([]);
  });

  it('is secure behind TLS', async () => {
    const other = await startGateway({ PUBLIC_URL: 'https://music.example', TRUST_PROXY: '1' });
    try {
      const { rows } = await other.db.pool.query(
        `INSERT INTO users (account_id, spotify_id, handle, display_name) VALUES ('h', 'h', 'hh', 'Host') RETURNING id`,
      );
      await other.db.pool.query(
        `INSERT INTO rooms (code, name, host_id, mode, like_threshold) VALUES ('ABC234', 'R', $1, 'queue', 3)`,
        [rows[0].id],
      );
      const answer = await other.browser().ask('/rooms/abc-234/join', {
        body: { nickname: 'Kim' },
        headers: { origin: 'https://music.example', 'x-forwarded-proto': 'https' },
      });
      expect(answer.status).toBe(200);
      const [cookie = ''] = answer.headers.getSetCookie();
      expect(cookie).toMatch(/^__Host-spindle_room_ABC234=.*; Secure/);
      const again = await other.browser().ask('/rooms/ABC234', {
        headers: { cookie: cookie.split(';')[0] ?? '', 'x-forwarded-proto': 'https' },
      });
      expect(again.json.joinedAs).toBe('Kim');
      expect(answer.json.room.url).toBe('https://music.example/party/ABC234');
    } finally {
      await other.stop();
    }
  });

  it('takes whoever is signed in under their name, once', async () => {
    const first = await join({}, host.code, bob);
    expect(first).toMatchObject({
      status: 200,
      json: { token: null, room: { me: { displayName: 'Bob Example' } } },
    });
    expect((await join({}, host.code, bob)).json.room.me.participantId).toBe(
      first.json.room.me.participantId,
    );
    expect((await join({ nickname: 'Bobby' }, host.code, bob)).json.room.me).toMatchObject({
      participantId: first.json.room.me.participantId,
      displayName: 'Bobby',
    });
  });

  it('tells at the door what a room is, and no more', async () => {
    const { json, text, status } = await gateway.browser().ask(`/rooms/${host.code.toLowerCase()}`);
    expect(status).toBe(200);
    expect(Object.keys(json).sort()).toEqual(
      ['anonymous', 'code', 'endedAt', 'guests', 'host', 'joinedAs', 'name'].sort(),
    );
    expect(json).toMatchObject({
      code: host.code,
      name: 'Kitchen',
      host: { displayName: 'Ann Example' },
      joinedAs: null,
    });
    expect(text).not.toMatch(/Zoë|track/);
    expect((await ann.ask(`/rooms/${host.code}`)).json.joinedAs).toBe('Ann Example');
  });

  it('needs Spotify where the host wants it', async () => {
    const strict = await openRoom(ann, { anonymous: false });
    expect(await join({ nickname: 'Kim' }, strict.code)).toMatchObject(problem(403, 'listeners-only'));
    expect((await join({}, strict.code, bob)).status).toBe(200);
  });

  it('comes back as who one was, and to nobody else’s name', async () => {
    const lea = await joinAs(gateway.url, host.code, 'Lea');
    expect((await lea.ask('/leave', { method: 'POST' })).status).toBe(204);
    expect(await lea.ask('/state')).toMatchObject(problem(403, 'not-joined'));
    expect(await lea.vote(0)).toMatchObject(problem(403, 'not-joined'));
    const other = await joinAs(gateway.url, host.code, 'LEA');
    expect(await join({}, host.code, lea.browser)).toMatchObject(problem(409, 'name-taken'));
    const back = await join({ nickname: 'Lea 2' }, host.code, lea.browser);
    expect(back.json).toMatchObject({
      token: null,
      room: { me: { participantId: lea.id, displayName: 'Lea 2' } },
    });
    expect(other.id).not.toBe(lea.id);
  });
});

describe('names', () => {
  it.each([
    ['Ann Example', 'nickname'],
    ['ANN  EXAMPLE', 'nickname'],
    ['Аnn Eхample', 'nickname'],
    ['4nn.Example', 'nickname'],
    ['\u202Eelpmaxe nna', null],
    ['\u200B\u2060\u3164', 'nickname'],
    ['\u2800\u2800', 'nickname'],
    ['x'.repeat(25), 'nickname'],
    ['H1tler', 'nickname'],
    ['N i g g e r', 'nickname'],
    [`Z${'\u0301\u0302\u0303\u0304\u0305'}`, 'nickname'],
  ])('%j', async (nickname, refused) => {
    const answer = await join({ nickname });
    if (refused === null) expect(answer.status).toBe(200);
    else
      expect(answer).toMatchObject({
        status: 400,
        json: { type: '/problems/nickname', errors: [{ path: 'body.nickname' }] },
      });
  });

  it.each([
    ['  a\u202Eb\u0007 \n c ', 'ab c'],
    ['ﬁn', 'fin'],
    ['👩‍👩‍👧 🏳️‍🌈', '👩‍👩‍👧 🏳️‍🌈'],
    ['a\u200Db', 'ab'],
    ['Ａｎｎ', 'Ann'],
    ['Zoe\u0301', 'Zoé'],
    ['नमस्ते', 'नमस्ते'],
  ])('%j is written %j', (given, written) => {
    expect(cleanNickname(given)).toBe(written);
    expect(nicknameRefusal(written, 'The Host')).toBeNull();
  });

  it('are 24 characters to the eye, however many units they have', async () => {
    expect(nicknameRefusal(cleanNickname('👩‍👩‍👧'.repeat(24)), 'H')).toBeNull();
    expect(nicknameRefusal(cleanNickname('👩‍👩‍👧'.repeat(25)), 'H')).toMatch(/24/);
    for (const harmless of ['Dick', 'Scunthorpe', 'Cassandra', 'Nigel', 'Tran', 'Hit', '日本'])
      expect(nicknameRefusal(harmless, 'The Host')).toBeNull();
    expect(await join({})).toMatchObject(problem(400, 'nickname'));
  });
});

describe('who may what', () => {
  it('nobody without joining', async () => {
    const stranger = gateway.browser();
    for (const path of [
      '/state',
      '/participants',
      '/results',
      '/next-track',
      '/random-track',
      '/search?q=x',
    ]) {
      expect(await stranger.ask(`/rooms/${host.code}${path}`)).toMatchObject(problem(403, 'not-joined'));
    }
    const vote = { trackUri: uri(0), isLike: true };
    expect(await stranger.ask(`/rooms/${host.code}/vote`, { body: vote })).toMatchObject(
      problem(403, 'not-joined'),
    );
    expect(await stranger.ask('/rooms/222222/state')).toMatchObject(problem(404, 'no-such-room'));
    expect(await stranger.ask('/rooms/nonsense/state')).toMatchObject(problem(400, 'validation'));
    expect((await stranger.ask('/rooms', { body: {} })).status).toBe(401);
  });

  it('guests in their room and nowhere else', async () => {
    const guest = await joinAs(gateway.url, host.code, 'Only here');
    const other = await openRoom(ann);
    const headers = { authorization: `Bearer ${guest.token}` };
    const program = gateway.browser();
    for (const path of [
      '/api/user',
      '/rooms',
      '/api/tokens',
      '/api/jobs/party.1',
      '/api/admin/settings',
      '/api/user/export',
    ]) {
      expect(await program.ask(path, { headers })).toMatchObject({ status: 401 });
      expect(await guest.browser.ask(path)).toMatchObject({ status: 401 });
    }
    expect(await program.ask(`/rooms/${other.code}/state`, { headers })).toMatchObject(
      problem(403, 'not-joined'),
    );
    const planted = gateway.browser();
    planted.cookie = `spindle_room_${other.code}=${guest.token}`;
    expect(await planted.ask(`/rooms/${other.code}/state`)).toMatchObject(problem(403, 'not-joined'));
    expect((await program.ask(`/rooms/${host.code}/state`, { headers })).status).toBe(200);
  });

  it('no other site with the cookie of a guest', async () => {
    const guest = await joinAs(gateway.url, host.code, 'Careless');
    const body = { trackUri: uri(1) };
    const foreign = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
    expect(await guest.ask('/tracks', { body, headers: foreign })).toMatchObject(problem(403, 'cross-site'));
    expect(await join({ nickname: 'Lured' }, host.code)).toMatchObject({ status: 200 });
    expect(
      await gateway
        .browser()
        .ask(`/rooms/${host.code}/join`, { body: { nickname: 'Lured 2' }, headers: foreign }),
    ).toMatchObject(problem(403, 'cross-site'));
    const bearer = { ...foreign, authorization: `Bearer ${guest.token}` };
    expect(
      (await gateway.browser().ask(`/rooms/${host.code}/tracks`, { body, headers: bearer })).status,
    ).toBe(201);
  });

  it('personal tokens as far as their scope goes', async () => {
    const make = async (scopes: string[]) =>
      (await bob.ask('/api/tokens', { body: { name: scopes.join(), scopes } })).json.token as string;
    const [read, write] = [await make(['read']), await make(['read', 'write'])];
    const ask = (token: string, path: string, body?: object) =>
      gateway.browser().ask(`/rooms/${host.code}${path}`, {
        ...(body && { body }),
        headers: { authorization: `Bearer ${token}` },
      });
    expect(await ask(read, '/join', {})).toMatchObject(problem(403, 'missing-scope'));
    expect((await ask(write, '/join', {})).status).toBe(200);
    expect((await ask(read, '/state')).status).toBe(200);
    expect(await ask(read, '/tracks', { trackUri: uri(2) })).toMatchObject(problem(403, 'missing-scope'));
    expect((await ask(write, '/tracks', { trackUri: uri(2) })).status).toBe(201);
    expect((await ask('spn_wrong', '/state')).status).toBe(401);
  });
});

describe('limits', () => {
  let strict: TestGateway;
  let party: RoomClient;
  let helper: QueueWorker;
  beforeAll(async () => {
    strict = await startGateway({ RATE_LIMIT_SCALE: '1' });
    helper = await partyWorker(strict, { 'room-search': async () => ({ trackIds: [] }) });
    party = await openRoom(await strict.signedIn('ann'));
    await seedTracks(strict.db, 3);
  });
  afterEach(async () => {
    const keys = await strict.redis.keys(`${strict.environment.QUEUE_PREFIX}:limit:*`);
    if (keys.length > 0) await strict.redis.del(...keys);
  });
  afterAll(async () => {
    await helper?.close();
    await strict?.stop();
  });

  it('stop who tries codes, and tell them nothing any more', async () => {
    const member = await joinAs(strict.url, party.code, 'Member');
    const tries = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        strict.browser().ask(`/rooms/${`2222${'23456789AB'[n % 10]}${'CDEF'[n % 4]}`}`),
      ),
    );
    expect(tries.filter((one) => one.status === 404).length).toBeLessThanOrEqual(20);
    expect(tries.filter((one) => one.status === 429).length).toBeGreaterThanOrEqual(20);
    // The right code is told from the wrong ones no more, at any door.
    expect((await strict.browser().ask(`/rooms/${party.code}`)).status).toBe(429);
    expect((await strict.browser().ask(`/rooms/${party.code}/state`)).status).toBe(429);
    const late = await strict.browser().ask(`/rooms/${party.code}/join`, { body: { nickname: 'Late' } });
    expect(late.status).toBe(429);
    expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(0);
    // Whoever is in the room is not concerned, behind the same address.
    expect((await member.ask('/state')).status).toBe(200);
    expect((await member.ask('')).status).toBe(200);
  });

  it('are of each guest, not of the address that a party shares', async () => {
    const guests = await Promise.all(
      Array.from({ length: 15 }, (_, n) => joinAs(strict.url, party.code, `Phone ${n}`)),
    );
    await guests[0]?.propose(0);
    // Together far over what one address may.
    const answers = await Promise.all(
      guests.flatMap((guest) => Array.from({ length: 100 }, () => guest.vote(0))),
    );
    expect(new Set(answers.map((one) => one.status))).toEqual(new Set([200]));
    const [first] = guests;
    const more = await Promise.all(Array.from({ length: 30 }, () => first?.vote(0)));
    expect(more.some((one) => one?.status === 429)).toBe(true);
    expect((await guests[1]?.vote(0))?.status).toBe(200);
  });

  it('are tight for searching', async () => {
    const guest = await joinAs(strict.url, party.code, 'Seeker');
    const answers = await Promise.all(Array.from({ length: 25 }, (_, n) => guest.ask(`/search?q=word${n}`)));
    expect(answers.filter((one) => one.status === 200)).toHaveLength(20);
    expect(answers.filter((one) => one.status === 429)).toHaveLength(5);
  });
});
