import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { RoomPlaybackView } from '@spindle/contracts';
import { findRoom, notePlaying } from '@spindle/db';
import type { PayloadOf, QueueWorker } from '@spindle/queues';
import { GiveUp } from '@spindle/service-kit';
import { waitFor } from '@spindle/testkit';
import type { Browser } from './support/browser.ts';
import {
  joinAs,
  openRoom,
  partyWorker,
  type RoomClient,
  roomClient,
  seedTracks,
  spotifyId,
  uri,
} from './support/party.ts';
import { startGateway, type TestGateway } from './support/test-gateway.ts';

let gateway: TestGateway;
let ann: Browser;
let bob: Browser;
let annId: number;
let bobId: number;
let worker: QueueWorker;
let tracks: number[];
/** What the stand-in worker was asked. */
const commands: PayloadOf<'party', 'room-command'>[] = [];
const looks: number[] = [];
const searches: string[] = [];

const PLAYBACK: RoomPlaybackView = {
  state: 'playing',
  message: null,
  roomTrackId: null,
  track: null,
  startedAt: null,
  progressMs: null,
  durationMs: null,
  nextRoomTrackId: null,
  skipVotes: 0,
  device: null,
  rev: 2,
};

beforeAll(async () => {
  gateway = await startGateway();
  ann = await gateway.signedIn('ann');
  bob = await gateway.signedIn('bob');
  annId = Number((await ann.ask('/api/user')).json.id);
  bobId = Number((await bob.ask('/api/user')).json.id);
  tracks = await seedTracks(gateway.db, 30);
  await gateway.db.prisma.track.update({ where: { id: tracks[20] ?? 0 }, data: { explicit: true } });
  await gateway.db.prisma.track.update({ where: { id: tracks[21] ?? 0 }, data: { durationMs: 900_000 } });
  worker = await partyWorker(gateway, {
    'follow-room': async (_context, { roomId }) => {
      looks.push(roomId);
      return { state: 'idle' };
    },
    'room-command': async (_context, payload) => {
      commands.push(payload);
      return PLAYBACK;
    },
    'room-devices': async () => ({
      items: [{ id: 'd1', name: 'Kitchen', type: 'Speaker', active: true, restricted: false }],
    }),
    'room-search': async (_context, { q }) => {
      searches.push(q);
      if (q === 'lost')
        throw new GiveUp({ code: 'reauth_needed', message: 'The host has to sign in again.' });
      return { trackIds: [tracks[20] ?? 0, tracks[3] ?? 0] };
    },
    'room-track': async (_context, { spotifyId: id }) => ({
      trackId: id.endsWith('known') ? (tracks[29] ?? 0) : null,
    }),
  });
});
beforeEach(() => {
  commands.length = 0;
  looks.length = 0;
  searches.length = 0;
});
afterEach(async () => {
  await gateway.db.pool.query('UPDATE rooms SET ended_at = now() WHERE ended_at IS NULL');
});
afterAll(async () => {
  await worker?.close();
  await gateway?.stop();
});

const problem = (status: number, slug: string) => ({ status, json: { type: `/problems/${slug}` } });
const guest = (room: RoomClient, name: string) => joinAs(gateway.url, room.code, name);
async function member(room: RoomClient, browser: Browser): Promise<RoomClient> {
  const { json } = await browser.ask(`/rooms/${room.code}/join`, { body: {} });
  return roomClient(browser, room.code, json.room.me);
}
const roomIdOf = async (room: RoomClient): Promise<number> =>
  (await findRoom(gateway.db.pool, room.code))?.id ?? 0;
/** A track plays, as the worker notes it. */
async function plays(room: RoomClient, roomTrackId: string | null): Promise<void> {
  const roomId = await roomIdOf(room);
  await gateway.db.transaction((tx) =>
    notePlaying(tx, roomId, roomTrackId === null ? null : Number(roomTrackId), 'played', new Date()),
  );
}
const patch = (room: RoomClient, body: object) => room.ask('', { method: 'PATCH', body });
const post = (room: RoomClient, path: string, body?: object, headers = {}) =>
  room.ask(path, { method: 'POST', headers, ...(body && { body }) });

describe('opening', () => {
  it('makes the host the first participant, with settings that suit most', async () => {
    const { status, json } = await ann.ask('/rooms', { body: {} });
    expect(status).toBe(201);
    expect(json).toMatchObject({
      room: {
        code: expect.stringMatching(/^[23456789ABCDEFGHJKMNPQRSTWXYZ]{6}$/),
        settings: { name: 'Party', mode: 'queue', guestsMay: 'search', fallback: { kind: 'none' } },
        url: `${gateway.url}/party/${json.room.code}`,
        host: { displayName: 'Ann Example' },
        endedAt: null,
        guests: { joined: 1, present: 0 },
        me: { displayName: 'Ann Example', isHost: true },
      },
      playback: { state: 'idle', track: null },
      queue: [],
      played: [],
    });
  });

  it('takes a threshold for the wish that it counts', async () => {
    const room = await openRoom(ann, { likeThreshold: 2 });
    expect((await room.ask('/state')).json.room.settings).toMatchObject({
      mode: 'threshold',
      likeThreshold: 2,
    });
    const queue = await openRoom(ann, { likeThreshold: 2, mode: 'queue' });
    expect((await queue.ask('/state')).json.room.settings.mode).toBe('queue');
  });

  it('needs somebody who is connected, and settings that make sense', async () => {
    expect(await ann.ask('/rooms', { body: { likeThreshold: 0 } })).toMatchObject(problem(400, 'validation'));
    expect(await ann.ask('/rooms', { body: { colour: 'red' } })).toMatchObject(problem(400, 'validation'));
    expect(await ann.ask('/rooms', { body: { guestsMay: 'pick' } })).toMatchObject({
      status: 400,
      json: { errors: [{ path: 'body.fallback' }] },
    });
    await gateway.db.pool.query(
      `UPDATE spotify_credentials SET reauth_needed_at = now() WHERE user_id = $1`,
      [bobId],
    );
    expect(await bob.ask('/rooms', { body: {} })).toMatchObject(problem(422, 'reauth-needed'));
    await gateway.db.pool.query(`UPDATE spotify_credentials SET reauth_needed_at = NULL WHERE user_id = $1`, [
      bobId,
    ]);
  });

  it('has a playlist read that the room is to fall back on', async () => {
    await openRoom(ann, { fallback: { kind: 'playlist', source: 'liked' } });
    const queue = (await gateway.context.producer.bullQueues()).find((one) => one.name === 'sync');
    const jobs = (await queue?.getJobs(['waiting', 'prioritized', 'active', 'delayed'])) ?? [];
    expect(jobs.filter((job) => job.name === 'read-source').map((job) => job.data.payload)).toContainEqual({
      userId: annId,
      source: 'liked',
    });
  });

  it('is listed for those who were there', async () => {
    const room = await openRoom(ann, { name: 'Listed' });
    await member(room, bob);
    expect((await ann.ask('/rooms?limit=1')).json).toMatchObject({
      items: [{ code: room.code, name: 'Listed', isHost: true, guests: 2, played: 0, endedAt: null }],
      nextCursor: expect.any(String),
    });
    const page = (await ann.ask('/rooms?limit=1')).json;
    const next = (await ann.ask(`/rooms?limit=1&cursor=${page.nextCursor}`)).json;
    expect(next.items[0].code).not.toBe(room.code);
    expect((await bob.ask('/rooms')).json.items[0]).toMatchObject({ code: room.code, isHost: false });
    expect((await ann.ask('/rooms?cursor=x')).status).toBe(400);
  });
});

describe('proposing', () => {
  it('puts a track among what waits, with my like, once', async () => {
    const room = await openRoom(ann);
    const kim = await guest(room, 'Kim');
    const first = await kim.propose(0);
    expect(first).toMatchObject({
      status: 201,
      json: {
        uri: uri(0),
        track: { name: 'Song 0' },
        state: 'proposed',
        likes: 1,
        dislikes: 0,
        turn: 0,
        proposedBy: { id: kim.id, displayName: 'Kim' },
      },
    });
    const again = await (await guest(room, 'Lea')).propose(0);
    expect(again.json).toMatchObject({ id: first.json.id, likes: 2, proposedBy: { displayName: 'Kim' } });
    const state = (await kim.ask('/state')).json;
    expect(state.queue).toMatchObject([{ id: first.json.id, likes: 2 }]);
    expect(state.room.me.votes).toEqual({ [first.json.id]: true });
    // Something waits: the worker is to look.
    await waitFor(async () => looks.includes(await roomIdOf(room)), { what: 'the look' });
  });

  it('asks Spotify about what is not known here', async () => {
    const room = await openRoom(ann);
    const unknown = 'spotify:track:0000000000000000known';
    expect((await room.ask('/tracks', { body: { trackUri: unknown } })).json).toMatchObject({ uri: uri(29) });
    const nobodys = 'spotify:track:000000000000000nobodys';
    expect(await room.ask('/tracks', { body: { trackUri: nobodys } })).toMatchObject(
      problem(404, 'no-such-track'),
    );
    expect((await room.ask('/tracks', { body: { trackUri: 'spotify:episode:1' } })).status).toBe(400);
  });

  it('keeps to what the host allows', async () => {
    const room = await openRoom(ann, { allowExplicit: false, maxTrackMs: 300_000, proposalsPerGuest: 2 });
    const kim = await guest(room, 'Kim');
    expect(await kim.propose(20)).toMatchObject({
      status: 422,
      json: { type: '/problems/refused', detail: 'The host does not want explicit tracks.' },
    });
    expect(await kim.propose(21)).toMatchObject({
      status: 422,
      json: { detail: 'The host allows tracks of 5 minutes at most.' },
    });
    expect((await kim.propose(0)).status).toBe(201);
    // At once, and still one alone is the last that is allowed.
    const both = await Promise.all([kim.propose(1), kim.propose(2)]);
    expect(both.map((one) => one.status).sort()).toEqual([201, 422]);
    // A like for what is there already is no proposal.
    const lea = await guest(room, 'Lea');
    for (const n of [0, 3, 4]) expect((await lea.propose(n)).status).toBe(201);
    for (const n of [5, 6, 7]) expect((await room.propose(n)).status).toBe(201);
  });

  it('searches, and says what cannot be proposed', async () => {
    const room = await openRoom(ann, { allowExplicit: false });
    const kim = await guest(room, 'Kim');
    expect((await kim.ask('/search?q=song')).json.items).toMatchObject([
      { uri: uri(20), refused: 'The host does not want explicit tracks.' },
      { uri: uri(3), refused: null, track: { name: 'Song 3' } },
    ]);
    expect(await kim.ask('/search?q=lost')).toMatchObject({
      status: 422,
      json: { type: '/problems/reauth-needed', detail: 'The host has to sign in again.' },
    });
    expect((await kim.ask('/search?q=')).status).toBe(400);
  });

  it('lets guests pick only from the music of the party, where the host wants it', async () => {
    await gateway.db.prisma.likedTrack.createMany({
      data: [0, 1].map((n) => ({
        userId: annId,
        itemKey: spotifyId(n),
        trackId: tracks[n] ?? 0,
        addedAt: new Date(),
        place: n,
      })),
    });
    const room = await openRoom(ann, { guestsMay: 'pick', fallback: { kind: 'playlist', source: 'liked' } });
    const kim = await guest(room, 'Kim');
    expect((await kim.ask('/search?q=SONG')).json.items.map((one: { uri: string }) => one.uri)).toEqual([
      uri(0),
      uri(1),
    ]);
    expect((await kim.ask('/search?q=artist+1+song')).json.items).toMatchObject([{ uri: uri(1) }]);
    expect((await kim.ask('/search?q=song+7')).json.items).toEqual([]);
    expect(searches).toEqual([]);
    expect((await kim.propose(0)).status).toBe(201);
    expect(await kim.propose(3)).toMatchObject(problem(422, 'refused'));
    expect(
      await kim.ask('/tracks', { body: { trackUri: 'spotify:track:0000000000000000known' } }),
    ).toMatchObject(problem(422, 'refused'));
    expect((await kim.propose('random')).json.uri).toBe(uri(1));
    // The host is no guest.
    expect((await room.propose(3)).status).toBe(201);
  });

  it('picks at random from what participants have, and does not say whose it is', async () => {
    const room = await openRoom(ann);
    const kim = await guest(room, 'Kim');
    const pick = await kim.ask('/random-track');
    expect([uri(0), uri(1)]).toContain(pick.json.uri);
    expect(Object.keys(pick.json).sort()).toEqual(['track', 'uri']);
    const proposed = await kim.propose('random');
    expect([uri(0), uri(1)]).toContain(proposed.json.uri);
    expect(proposed.json.proposedBy.displayName).toBe('Kim');
    await kim.propose('random');
    expect(await kim.propose('random')).toMatchObject(problem(422, 'refused'));
    const { json } = await kim.ask('/random-track');
    expect(json).toEqual({ uri: null, track: null });
  });

  it('takes back what waits: mine, or anything for the host', async () => {
    const room = await openRoom(ann);
    const [kim, lea] = [await guest(room, 'Kim'), await guest(room, 'Lea')];
    const [one, two, three] = [
      (await kim.propose(0)).json.id,
      (await kim.propose(1)).json.id,
      (await lea.propose(2)).json.id,
    ];
    expect(await lea.remove(one)).toMatchObject(problem(403, 'not-host'));
    expect((await kim.remove(one)).status).toBe(204);
    expect(await kim.remove(one)).toMatchObject(problem(409, 'not-waiting'));
    expect((await room.remove(two)).status).toBe(204);
    await plays(room, three);
    expect(await room.remove(three)).toMatchObject(problem(409, 'not-waiting'));
    expect(await room.remove('999999')).toMatchObject(problem(404, 'no-such-track'));
    const other = await openRoom(ann);
    expect(await other.remove(three)).toMatchObject(problem(404, 'no-such-track'));
    expect((await kim.ask('/results')).json.items.map((item: { state: string }) => item.state)).toEqual([
      'removed',
      'removed',
      'playing',
    ]);
    // It may come again.
    expect((await kim.propose(0)).json.id).not.toBe(one);
  });
});

describe('voting', () => {
  it('promotes at the threshold, and says so', async () => {
    const room = await openRoom(ann, { likeThreshold: 3 });
    const [kim, lea, mo] = [await guest(room, 'Kim'), await guest(room, 'Lea'), await guest(room, 'Mo')];
    const { id } = (await kim.propose(0)).json;
    expect((await lea.vote(0, false)).json).toEqual({
      status: 'vote_registered',
      likes: 1,
      dislikes: 1,
      likeThreshold: 3,
      play: false,
    });
    expect((await lea.vote(0, true)).json).toMatchObject({ likes: 2, dislikes: 0, play: false });
    expect((await lea.vote(0, null)).json).toMatchObject({ likes: 1, dislikes: 0 });
    expect((await room.vote(0)).json).toMatchObject({ likes: 2, play: false });
    expect(looks).toEqual([]);
    expect((await mo.vote(0)).json).toMatchObject({ likes: 3, play: true });
    expect((await room.ask('/next-track')).json.next).toMatchObject({ id, state: 'promoted' });
    await waitFor(async () => looks.includes(await roomIdOf(room)), { what: 'the look' });
    expect(await kim.vote(5)).toMatchObject(problem(404, 'no-such-track'));
  });

  it('counts everybody once and promotes once, however many vote at once', async () => {
    const room = await openRoom(ann, { likeThreshold: 20 });
    const guests = await Promise.all(Array.from({ length: 40 }, (_, n) => guest(room, `Guest ${n}`)));
    const { id } = (await room.propose(0)).json;
    const answers = await Promise.all(guests.flatMap((one) => [one.vote(0), one.vote(0)]));
    expect(answers.every((one) => one.status === 200)).toBe(true);
    const [row] = (await room.ask('/results')).json.items;
    expect(row).toMatchObject({ id, likes: 41, state: 'promoted' });
    expect(answers.at(-1)?.json.play).toBe(true);
    const { rows } = await gateway.db.pool.query<{ rev: number; votes: number }>(
      'SELECT rev, (SELECT count(*)::int FROM votes WHERE room_track_id = t.id) AS votes FROM room_tracks t WHERE id = $1',
      [id],
    );
    expect(rows[0]?.votes).toBe(41);
    // Many votes were settled together: far fewer changes than votes.
    expect(rows[0]?.rev).toBeLessThan(20);
    expect(looks.length).toBeLessThanOrEqual(2);
  });

  it('skips what plays when enough want it, once', async () => {
    const room = await openRoom(ann, { skipThreshold: 2 });
    const [kim, lea, mo] = [await guest(room, 'Kim'), await guest(room, 'Lea'), await guest(room, 'Mo')];
    const { id } = (await kim.propose(0)).json;
    expect(await post(kim, '/skip-vote')).toMatchObject(problem(409, 'nothing-plays'));
    await plays(room, id);
    for (const _ of [1, 2]) {
      expect((await post(kim, '/skip-vote')).json).toEqual({ votes: 1, threshold: 2, skipped: false });
    }
    expect((await kim.ask('/state')).json).toMatchObject({
      playback: { roomTrackId: id, skipVotes: 1 },
      room: { me: { skipVote: id } },
      queue: [],
      played: [{ id, state: 'playing' }],
    });
    const [last, after] = await Promise.all([post(lea, '/skip-vote'), post(mo, '/skip-vote')]);
    expect([last?.json.skipped, after?.json.skipped]).toContain(true);
    await post(mo, '/skip-vote');
    await waitFor(() => commands.length > 0, { what: 'the skip' });
    const roomId = await roomIdOf(room);
    expect(commands).toEqual([{ roomId, command: { kind: 'skip', roomTrackId: Number(id) } }]);
    const hostOnly = await openRoom(ann);
    expect(await post(hostOnly, '/skip-vote')).toMatchObject(problem(422, 'refused'));
  });

  it('orders what waits as it will be played', async () => {
    const room = await openRoom(ann);
    const [kim, lea] = [await guest(room, 'Kim'), await guest(room, 'Lea')];
    const ids: string[] = [];
    for (const [who, n] of [
      [kim, 0],
      [kim, 1],
      [lea, 2],
    ] as const) {
      ids.push((await who.propose(n)).json.id);
    }
    const order = async () => (await kim.ask('/state')).json.queue.map((one: { id: string }) => one.id);
    // Equal votes: guests take turns.
    expect(await order()).toEqual([ids[0], ids[2], ids[1]]);
    await room.vote(1);
    expect(await order()).toEqual([ids[1], ids[2], ids[0]]);
    expect((await kim.ask('/next-track')).json.next.id).toBe(ids[1]);
  });
});

describe('what a host decides', () => {
  it('settings; a lower threshold promotes what reaches it', async () => {
    const room = await openRoom(ann, { likeThreshold: 5 });
    const kim = await guest(room, 'Kim');
    await kim.propose(0);
    await room.vote(0);
    expect(await patch(kim, { likeThreshold: 1 })).toMatchObject(problem(403, 'not-host'));
    const both = await Promise.all([patch(room, { likeThreshold: 2 }), patch(room, { name: 'Other' })]);
    expect(both.map((one) => one.status)).toEqual([200, 200]);
    expect((await kim.ask('/state')).json).toMatchObject({
      room: { settings: { name: 'Other', likeThreshold: 2 } },
      queue: [{ state: 'promoted', likes: 2 }],
    });
    expect(await patch(room, { guestsMay: 'pick' })).toMatchObject(problem(400, 'validation'));
    expect(await patch(room, { likeThreshold: 'x' })).toMatchObject(problem(400, 'validation'));
  });

  it('who is the host', async () => {
    const room = await openRoom(ann);
    const kim = await guest(room, 'Kim');
    const bobby = await member(room, bob);
    expect(await post(bobby, '/hand-over', { participantId: bobby.id })).toMatchObject(
      problem(403, 'not-host'),
    );
    expect(await post(room, '/hand-over', { participantId: kim.id })).toMatchObject(
      problem(422, 'not-a-listener'),
    );
    expect(await post(room, '/hand-over', { participantId: '99999' })).toMatchObject(
      problem(404, 'no-such-participant'),
    );
    expect((await post(room, '/hand-over', { participantId: bobby.id })).json.room).toMatchObject({
      host: { displayName: 'Bob Example' },
      me: { isHost: false },
    });
    expect(await post(room, '/pause')).toMatchObject(problem(403, 'not-host'));
    expect((await post(bobby, '/pause')).status).toBe(202);
    expect((await post(room, '/leave')).status).toBe(204);
  });

  it('who has to go, and who may not come back', async () => {
    const room = await openRoom(ann);
    const [kim, lea] = [await guest(room, 'Kim'), await guest(room, 'Lea')];
    const mine = (await lea.propose(0)).json.id;
    const theirs = (await kim.propose(1)).json.id;
    await lea.vote(1);
    const out = (whom: RoomClient, query = '') =>
      room.ask(`/participants/${whom.id}${query}`, { method: 'DELETE' });
    expect(await kim.ask(`/participants/${lea.id}`, { method: 'DELETE' })).toMatchObject(
      problem(403, 'not-host'),
    );
    expect((await out(kim)).status).toBe(204);
    expect(await kim.ask('/state')).toMatchObject(problem(403, 'not-joined'));
    expect((await kim.browser.ask(`/rooms/${room.code}/join`, { body: {} })).status).toBe(200);
    expect((await kim.ask('/state')).status).toBe(200);
    expect((await out(lea, '?ban=true')).status).toBe(204);
    expect(await lea.ask('/state')).toMatchObject(problem(403, 'banned'));
    expect(await lea.vote(1)).toMatchObject(problem(403, 'banned'));
    expect(await lea.browser.ask(`/rooms/${room.code}/join`, { body: { nickname: 'New' } })).toMatchObject(
      problem(403, 'banned'),
    );
    const results = (await room.ask('/results')).json.items;
    expect(results).toMatchObject([
      { id: mine, state: 'removed', likes: 0 },
      { id: theirs, state: 'proposed', likes: 1 },
    ]);
    expect(await out(room)).toMatchObject(problem(422, 'host-stays'));
    expect(await post(room, '/leave')).toMatchObject(problem(422, 'host-stays'));
    const people = (await room.ask('/participants')).json.items;
    expect(people.map((one: { displayName: string }) => one.displayName)).toEqual(['Ann Example', 'Kim']);
  });

  it('what the player does, as jobs', async () => {
    const room = await openRoom(ann);
    const kim = await guest(room, 'Kim');
    const { id } = (await kim.propose(0)).json;
    const roomId = await roomIdOf(room);
    const answer = await post(room, '/play');
    expect(answer).toMatchObject({ status: 202, json: { job: { queue: 'party', name: 'room-command' } } });
    expect((await ann.ask(answer.headers.get('location') ?? '')).status).toBe(200);
    const waiting = { prefer: 'wait=10' };
    expect(await post(room, '/play', { roomTrackId: id }, waiting)).toMatchObject({
      status: 200,
      json: PLAYBACK,
    });
    await plays(room, id);
    for (const [path, body] of [
      ['/pause'],
      ['/resume'],
      ['/skip'],
      ['/volume', { percent: 40 }],
      ['/device', { deviceId: 'd1' }],
    ] as const) {
      expect((await post(room, path, body, waiting)).status).toBe(200);
      expect(await post(kim, path, body)).toMatchObject(problem(403, 'not-host'));
    }
    expect(commands).toEqual(
      [
        { kind: 'play' },
        { kind: 'play', roomTrackId: Number(id) },
        { kind: 'pause' },
        { kind: 'resume' },
        { kind: 'skip', roomTrackId: Number(id) },
        { kind: 'volume', percent: 40 },
        { kind: 'device', deviceId: 'd1' },
      ].map((command) => ({ roomId, command })),
    );
    expect((await post(room, '/devices', undefined, waiting)).json.items).toMatchObject([
      { name: 'Kitchen' },
    ]);
    expect(await post(kim, '/devices')).toMatchObject(problem(403, 'not-host'));
    expect(await post(room, '/play', { roomTrackId: '99999' })).toMatchObject(problem(404, 'no-such-track'));
    expect(await post(room, '/volume', { percent: 101 })).toMatchObject(problem(400, 'validation'));
  });

  it('that it is over: then it can be looked back on, and nothing changes', async () => {
    const room = await openRoom(ann, { skipThreshold: 1 });
    const [kim, lea] = [await guest(room, 'Kim'), await guest(room, 'Lea')];
    const { id } = (await kim.propose(0)).json;
    await plays(room, id);
    await post(lea, '/leave');
    expect(await kim.ask('', { method: 'DELETE' })).toMatchObject(problem(403, 'not-host'));
    expect((await room.ask('', { method: 'DELETE' })).status).toBe(204);
    const gone = problem(410, 'room-ended');
    for (const answer of await Promise.all([
      kim.propose(1),
      kim.vote(0),
      kim.remove(id),
      post(kim, '/skip-vote'),
      post(kim, '/leave'),
      kim.ask('/search?q=x'),
      post(room, '/play'),
      post(room, '/devices'),
      patch(room, { name: 'x' }),
      room.ask('', { method: 'DELETE' }),
      room.ask(`/participants/${kim.id}`, { method: 'DELETE' }),
      post(room, '/hand-over', { participantId: kim.id }),
      gateway.browser().ask(`/rooms/${room.code}/join`, { body: { nickname: 'Late' } }),
    ])) {
      expect(answer).toMatchObject(gone);
    }
    for (const who of [kim, lea, room]) {
      expect((await who.ask('/state')).json).toMatchObject({
        room: { endedAt: expect.any(String) },
        playback: { state: 'idle' },
        played: [{ id, state: 'played' }],
      });
      expect((await who.ask('/results')).status).toBe(200);
    }
    expect((await kim.ask('/next-track')).json).toEqual({ next: null });
    expect((await gateway.browser().ask(`/rooms/${room.code}`)).json.endedAt).toEqual(expect.any(String));
  });
});

describe('the playlist of a room', () => {
  it('is what it played, for whoever signed in, also when it is over', async () => {
    const room = await openRoom(ann, { name: 'Garden' });
    const kim = await guest(room, 'Kim');
    const bobby = await member(room, bob);
    expect(await post(bobby, '/playlist')).toMatchObject(problem(422, 'empty-list'));
    for (const n of [2, 0, 1]) await plays(room, (await room.propose(n)).json.id);
    await room.ask('', { method: 'DELETE' });
    expect(await post(kim, '/playlist')).toMatchObject(problem(403, 'listeners-only'));
    const answer = await post(bobby, '/playlist');
    expect(answer).toMatchObject({ status: 202, json: { job: { name: 'top-playlist' } } });
    const row = await gateway.db.prisma.shuffledPlaylist.findFirst({ orderBy: { id: 'desc' } });
    expect(row).toMatchObject({
      userId: bobId,
      mode: 'room',
      sourceId: `room:${room.code}`,
      sourceName: 'Garden',
      name: expect.stringMatching(/^Garden, \d+ \w+ \d{4}$/),
      target: 'refresh',
      uris: [uri(2), uri(0), uri(1)],
    });
  });
});

describe('what nobody learns of anybody', () => {
  it('e-mail, handle, and ids of Spotify', async () => {
    await gateway.db.pool.query(
      `UPDATE users SET handle = 'secret-handle-' || id, spotify_id = 'secret-spotify-' || id,
                        account_id = 'secret-account-' || id, image_url = 'https://secret.example/' || id`,
    );
    // Whose only name is an id, or an e-mail, has none.
    await gateway.db.pool.query('UPDATE users SET display_name = spotify_id WHERE id = $1', [annId]);
    await gateway.db.pool.query(`UPDATE users SET display_name = 'secret@mail.example' WHERE id = $1`, [
      bobId,
    ]);
    const room = await openRoom(ann, { skipThreshold: 5 });
    const bobby = await member(room, bob);
    const kim = await guest(room, 'Kim');
    const { id } = (await bobby.propose(4)).json;
    await room.propose(5);
    await plays(room, id);
    const texts = await Promise.all(
      ['/state', '/participants', '/results', '/next-track', '/random-track', '/search?q=song', ''].flatMap(
        (path) => [room, bobby, kim].map(async (who) => (await who.ask(path)).text),
      ),
    );
    texts.push((await kim.vote(5)).text, (await post(kim, '/skip-vote')).text, (await kim.propose(6)).text);
    texts.push((await gateway.browser().ask(`/rooms/${room.code}`)).text, (await ann.ask('/rooms')).text);
    expect(texts.join('\n')).not.toMatch(/secret|@|token_hash|user_id|userId/i);
    const people = (await kim.ask('/participants')).json.items;
    expect(people).toMatchObject([
      { displayName: 'The host', isHost: true, isListener: true },
      { displayName: 'A listener', isHost: false, isListener: true },
      { displayName: 'Kim', isHost: false, isListener: false },
    ]);
    for (const one of people) {
      expect(Object.keys(one).sort()).toEqual(
        ['displayName', 'id', 'isHost', 'isListener', 'joinedAt', 'present'].sort(),
      );
    }
  });
});
