import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { QueueWorker } from '@spindle/queues';
import { waitFor } from '@spindle/testkit';
import type { Browser } from './support/browser.ts';
import {
  gatewayProcess,
  joinAs,
  openPage,
  openRoom,
  partyWorker,
  type RoomClient,
  type RoomPage,
  roomClient,
  seedTracks,
} from './support/party.ts';
import { startGateway, type TestGateway } from './support/test-gateway.ts';

let gateway: TestGateway;
let worker: QueueWorker;
let ann: Browser;
let bob: Browser;
let host: RoomClient;
const pages: RoomPage[] = [];
const looks: number[] = [];

beforeAll(async () => {
  gateway = await startGateway();
  worker = await partyWorker(gateway, {
    'follow-room': async (_context, { roomId }) => {
      looks.push(roomId);
      return { state: 'idle' };
    },
  });
  ann = await gateway.signedIn('ann');
  bob = await gateway.signedIn('bob');
  await seedTracks(gateway.db, 30);
});
beforeEach(async () => {
  await setFeedPublic(true);
  host = await openRoom(ann, { likeThreshold: 3, name: 'Sockets' });
});
afterEach(() => {
  for (const page of pages.splice(0)) page.socket.disconnect();
});
afterAll(async () => {
  await worker?.close();
  await gateway?.stop();
});

const setFeedPublic = (feedPublic: boolean) =>
  ann.ask('/api/admin/settings', { method: 'PATCH', body: { feedPublic } });

async function page(
  options: { cookie?: string; token?: string; reconnection?: boolean } = {},
  url = gateway.url,
): Promise<RoomPage> {
  const opened = await openPage(url, options);
  pages.push(opened);
  return opened;
}
async function pageIn(who: RoomClient, url = gateway.url): Promise<RoomPage> {
  const opened = await page({ cookie: who.browser.cookie }, url);
  expect(await opened.enter(who.code)).toMatchObject({ ok: true });
  return opened;
}
const at = (url: string, who: RoomClient): RoomClient => {
  const browser = gateway.browser();
  const there = Object.create(browser, {
    ask: {
      value: (path: string, asking = {}) =>
        browser.ask(`${url}${path}`, {
          ...asking,
          headers: { authorization: `Bearer ${who.token}`, ...(asking as { headers?: object }).headers },
        }),
    },
  }) as Browser;
  return roomClient(there, who.code, { participantId: who.id }, who.token);
};
const join = (name: string, url = gateway.url) => joinAs(url, host.code, name);
const presentIn = async (who: RoomClient): Promise<string[]> =>
  (await who.ask('/participants')).json.items
    .filter((one: { present: boolean }) => one.present)
    .map((one: { displayName: string }) => one.displayName);

describe('a page that shows a room', () => {
  it('gets the whole state, then what changes', async () => {
    const [kim, lea] = [await join('Kim'), await join('Lea')];
    const { id } = (await kim.propose(0)).json;
    const opened = await page({ cookie: kim.browser.cookie });
    const { ok, state } = await opened.enter(host.code);
    expect(ok).toBe(true);
    const asked = (await kim.ask('/state')).json;
    expect({ ...state, room: { ...state.room, guests: null } }).toEqual({
      ...asked,
      room: { ...asked.room, guests: null },
    });
    await lea.vote(0);
    await waitFor(() => opened.track(id)?.likes === 2, { what: 'the vote' });
    expect(opened.track(id)).toEqual({
      id,
      state: 'proposed',
      likes: 2,
      dislikes: 0,
      turn: 0,
      promotedAt: null,
      playedAt: null,
      rev: expect.any(Number),
    });
    await host.vote(0);
    await waitFor(() => opened.track(id)?.state === 'promoted', { what: 'the promotion' });
    const next = (await lea.propose(1)).json;
    await waitFor(() => opened.track(next.id), { what: 'the proposal' });
    expect(opened.track(next.id)).toMatchObject({ uri: next.uri, proposedBy: { displayName: 'Lea' } });
    await lea.remove(next.id);
    await waitFor(() => opened.track(next.id)?.state === 'removed', { what: 'the removal' });
    await host.ask('', { method: 'PATCH', body: { name: 'Renamed' } });
    await waitFor(() => opened.changes.some((one) => one.room?.settings.name === 'Renamed'), {
      what: 'the new name',
    });
    expect(JSON.stringify(opened.changes)).not.toMatch(/@|"me"|spg_|handle/);
    await host.ask('', { method: 'DELETE' });
    await waitFor(() => opened.changes.some((one) => one.room?.endedAt), { what: 'the end' });
  });

  it('is told of turns that follow from a vote', async () => {
    const kim = await join('Kim');
    const one = (await kim.propose(0)).json.id;
    const two = (await kim.propose(1)).json.id;
    const opened = await pageIn(kim);
    await host.vote(1);
    await waitFor(() => opened.track(two)?.likes === 2, { what: 'the vote' });
    expect([opened.track(two)?.turn, opened.track(one)?.turn]).toEqual([0, 1]);
  });

  it('is let in by session, cookie, token in the message or in the handshake, and by nothing else', async () => {
    const kim = await join('Kim');
    expect(await (await page({ cookie: ann.cookie })).enter(host.code)).toMatchObject({
      ok: true,
      state: { room: { me: { isHost: true } } },
    });
    expect(await (await page()).enter(host.code, kim.token)).toMatchObject({ ok: true });
    expect(await (await page({ token: kim.token })).enter(host.code.toLowerCase())).toMatchObject({
      ok: true,
    });
    const stranger = await page();
    const refused = (status: number, slug: string) => ({
      ok: false,
      problem: { status, type: `/problems/${slug}` },
    });
    expect(await stranger.enter(host.code)).toMatchObject(refused(403, 'not-joined'));
    expect(await stranger.enter(host.code, 'spg_wrong')).toMatchObject(refused(403, 'not-joined'));
    expect(await stranger.enter('222222')).toMatchObject(refused(404, 'no-such-room'));
    expect(await stranger.enter('nonsense')).toMatchObject(refused(400, 'validation'));
    expect(await stranger.socket.emitWithAck('room')).toMatchObject(refused(400, 'validation'));
    expect(await stranger.socket.emitWithAck('room', null)).toMatchObject(refused(400, 'validation'));
    const other = await openRoom(ann);
    expect(await (await page({ token: kim.token })).enter(other.code)).toMatchObject(
      refused(403, 'not-joined'),
    );
    expect(await (await page({ cookie: bob.cookie })).enter(host.code)).toMatchObject(
      refused(403, 'not-joined'),
    );
    await kim.propose(0);
    await kim.vote(0, false);
    expect(stranger.changes).toEqual([]);
  });

  it('may come while the feed is closed to visitors, into nothing but its room', async () => {
    const kim = await join('Kim');
    const [visitor, before] = [await page(), await pageIn(kim)];
    expect(await before.socket.emitWithAck('feed', true)).toEqual({ ok: true });
    const gone = new Promise((resolve) => visitor.socket.once('disconnect', resolve));
    await setFeedPublic(false);
    await gone;
    const after = await page({ cookie: kim.browser.cookie, reconnection: false });
    expect(await after.enter(host.code)).toMatchObject({ ok: true });
    expect(await after.socket.emitWithAck('feed', true)).toEqual({ ok: false });
    expect(await after.socket.emitWithAck('watch')).toEqual({ ok: false });
    expect(await (await page({ token: kim.token })).enter(host.code)).toMatchObject({ ok: true });
    for (const options of [{}, { token: 'spg_wrong' }, { cookie: `spindle_room_${host.code}=spg_wrong` }]) {
      await expect(page({ ...options, reconnection: false })).rejects.toThrow('Sign in first.');
    }
    // Who was in a room stays, and hears no feed any more.
    const heard: string[] = [];
    for (const one of [before, after]) one.socket.onAny((event: string) => heard.push(event));
    await gateway.live.publish('feed-left', ['feed'], { handle: 'somebody' });
    await kim.propose(0);
    await waitFor(() => heard.filter((event) => event === 'room').length >= 2, { what: 'the proposal' });
    expect(heard).not.toContain('feed-left');
  });

  it('hears no more when it says so', async () => {
    const kim = await join('Kim');
    const [leaves, stays] = [await pageIn(kim), await pageIn(kim)];
    expect(await leaves.socket.emitWithAck('leave-room', { code: host.code })).toEqual({ ok: true });
    leaves.changes.length = 0;
    await kim.propose(0);
    await waitFor(() => stays.changes.some((one) => one.tracks), { what: 'the proposal' });
    expect(leaves.changes).toEqual([]);
  });
});

describe('who is there', () => {
  it('is told together, and once for somebody with two pages', async () => {
    const kim = await join('Kim');
    const watching = await pageIn(host);
    const [first, second] = [await pageIn(kim), await pageIn(kim)];
    await waitFor(() => watching.person(kim.id)?.present === true, { what: 'the presence' });
    expect((await presentIn(host)).sort()).toEqual(['Ann Example', 'Kim']);
    first.socket.disconnect();
    await second.enter(host.code);
    expect(await presentIn(host)).toContain('Kim');
    second.socket.disconnect();
    await waitFor(() => watching.person(kim.id)?.present === false, { what: 'the absence' });
    expect(watching.person(kim.id)).toMatchObject({ left: false, displayName: 'Kim' });
    await kim.ask('/leave', { method: 'POST' });
    await waitFor(() => watching.person(kim.id)?.left === true, { what: 'the leaving' });
    expect(watching.changes.at(-1)?.room.guests.joined).toBe(1);
  });

  it('does not send a list for each who comes', async () => {
    const watching = await pageIn(host);
    watching.changes.length = 0;
    const guests = await Promise.all(Array.from({ length: 60 }, (_, n) => join(`Guest ${n}`)));
    await Promise.all(guests.map((one) => pageIn(one)));
    await waitFor(() => guests.every((one) => watching.person(one.id)?.present), { what: 'everybody' });
    const told = watching.changes.filter((one) => one.participants);
    expect(told.length).toBeLessThan(15);
    expect(watching.changes.findLast((one) => one.room)?.room.guests).toEqual({ joined: 61, present: 61 });
  });
});

describe('sending out', () => {
  it.each(['', '?ban=true'])('%j', async (query) => {
    const kim = await join('Kim');
    const [mine, other, watching] = [await pageIn(kim), await pageIn(kim), await pageIn(host)];
    const { id } = (await kim.propose(0)).json;
    await host.ask(`/participants/${kim.id}${query}`, { method: 'DELETE' });
    for (const one of [mine, other, watching]) {
      await waitFor(() => one.person(kim.id)?.left === true, { what: 'the word' });
    }
    mine.changes.length = 0;
    await host.propose(1);
    await waitFor(() => watching.changes.some((one) => one.tracks?.[0]?.uri.endsWith('1')), {
      what: 'the proposal',
    });
    expect(mine.changes).toEqual([]);
    expect(await mine.enter(host.code)).toMatchObject({
      ok: false,
      problem: { type: query ? '/problems/banned' : '/problems/not-joined' },
    });
    expect(await presentIn(host)).not.toContain('Kim');
    if (query) await waitFor(() => watching.track(id)?.state === 'removed', { what: 'the removal' });
  });

  it('tells who is the host now', async () => {
    const bobby = roomClient(
      bob,
      host.code,
      (await bob.ask(`/rooms/${host.code}/join`, { body: {} })).json.room.me,
    );
    const watching = await pageIn(bobby);
    await host.ask('/hand-over', { body: { participantId: bobby.id } });
    await waitFor(() => watching.person(bobby.id)?.isHost === true, { what: 'the new host' });
    expect(watching.person(host.id)).toMatchObject({ isHost: false });
    expect(watching.changes.some((one) => one.room?.host.displayName === 'Bob Example')).toBe(true);
  });
});

describe('a connection that was lost', () => {
  it('gets what it missed', async () => {
    const kim = await join('Kim');
    const opened = await pageIn(kim);
    const { id } = (await host.propose(0)).json;
    await waitFor(() => opened.track(id), { what: 'the proposal' });
    opened.changes.length = 0;
    const back = new Promise<void>((resolve) => opened.socket.once('connect', () => resolve()));
    opened.socket.io.engine.close();
    await kim.vote(0);
    await back;
    expect(opened.socket.recovered).toBe(true);
    await waitFor(() => opened.track(id)?.likes === 2, { what: 'the vote' });
    await kim.vote(0, false);
    await waitFor(() => opened.track(id)?.dislikes === 1, { what: 'the next vote' });
    await waitFor(async () => (await presentIn(host)).includes('Kim'), { what: 'the presence' });
  });

  it('of somebody who was banned meanwhile is out', async () => {
    const kim = await join('Kim');
    const opened = await pageIn(kim);
    await host.propose(0);
    await waitFor(() => opened.changes.some((one) => one.tracks), { what: 'the proposal' });
    const back = new Promise<void>((resolve) => opened.socket.once('connect', () => resolve()));
    opened.socket.io.engine.close();
    await host.ask(`/participants/${kim.id}?ban=true`, { method: 'DELETE' });
    await back;
    expect(await opened.enter(host.code)).toMatchObject({ ok: false, problem: { type: '/problems/banned' } });
    opened.changes.length = 0;
    const watching = await pageIn(host);
    await host.propose(1);
    await waitFor(() => watching.changes.some((one) => one.tracks), { what: 'the next proposal' });
    expect(opened.changes).toEqual([]);
  });
});

describe('two gateways', () => {
  it('are one room; when one is killed, no vote is lost', async () => {
    const other = await gatewayProcess(gateway);
    try {
      await host.ask('', { method: 'PATCH', body: { likeThreshold: 25, proposalsPerGuest: null } });
      const guests = await Promise.all(
        Array.from({ length: 30 }, (_, n) => join(`Guest ${n}`, n % 2 ? other.url : gateway.url)),
      );
      const near = guests.map((one) => at(gateway.url, one));
      const far = guests.map((one) => at(other.url, one));
      const ids: string[] = [];
      for (let n = 0; n < 8; n++) ids.push((await host.propose(n)).json.id);
      const here = await pageIn(host);
      const there = await page({ token: guests[1]?.token ?? '' }, other.url);
      expect(await there.enter(host.code)).toMatchObject({ ok: true });
      await waitFor(async () => (await presentIn(host)).includes('Guest 1'), { what: 'presence of afar' });
      // One track at the same instant on both: promoted once.
      looks.length = 0;
      const votes = await Promise.all(guests.map((_, n) => (n % 2 ? far[n] : near[n])?.vote(0)));
      expect(votes.map((one) => one?.status)).toEqual(guests.map(() => 200));
      for (const one of [here, there]) {
        await waitFor(() => one.track(ids[0] ?? '')?.likes === 31, { what: 'all votes on both' });
        expect(one.track(ids[0] ?? '')?.state).toBe('promoted');
      }
      expect(votes.every((one) => one?.json.likes >= 25 === one?.json.play)).toBe(true);
      const promotedAt = new Set(
        [...here.changes, ...there.changes]
          .flatMap((one) => one.counts ?? [])
          .filter((one) => one.id === ids[0] && one.promotedAt)
          .map((one) => one.promotedAt),
      );
      expect(promotedAt.size).toBe(1);
      // The other is killed while votes come in on both.
      const lost: number[] = [];
      const voting = guests.map(async (_, n) => {
        for (let track = 1; track < 8; track++) {
          const through = n % 2 ? far[n] : near[n];
          const answer = await through?.vote(track, (n + track) % 3 > 0).catch(() => null);
          if (answer?.status === 200) continue;
          lost.push(n);
          // As a client does: again, wherever somebody answers.
          expect((await near[n]?.vote(track, (n + track) % 3 > 0))?.status).toBe(200);
        }
      });
      setTimeout(() => void other.kill(), 60);
      await Promise.all(voting);
      await other.kill();
      const { json } = await host.ask('/results');
      const { rows } = await gateway.db.pool.query<{ id: string; likes: number; dislikes: number }>(
        `SELECT room_track_id::text AS id, count(*) FILTER (WHERE is_like)::int AS likes,
                count(*) FILTER (WHERE NOT is_like)::int AS dislikes
           FROM votes WHERE room_track_id = ANY($1::int[]) GROUP BY 1 ORDER BY 1`,
        [ids.map(Number)],
      );
      const counted = json.items.map(({ id, likes, dislikes }: Record<string, unknown>) => ({
        id,
        likes,
        dislikes,
      }));
      expect(counted).toHaveLength(8);
      expect(rows.sort((a, b) => Number(a.id) - Number(b.id))).toEqual(counted);
      expect(rows.reduce((sum, row) => sum + row.likes + row.dislikes, 0)).toBe(30 * 8 + 8);
      for (const [index, id] of ids.entries()) {
        const expected = index === 0 ? 30 : guests.filter((_, n) => (n + index) % 3 > 0).length;
        expect(counted.find((one: { id: string }) => one.id === id).likes).toBe(expected + 1);
        await waitFor(() => here.track(id)?.likes === expected + 1, { what: 'the screen' });
      }
      // Who had the room open there alone is seen no more after a while.
      expect(await presentIn(host)).toContain('Guest 1');
      await waitFor(async () => !(await presentIn(host)).includes('Guest 1'), {
        what: 'the forgetting',
        timeoutMs: 45_000,
      });
      await waitFor(() => here.person(guests[1]?.id ?? '')?.present === false, {
        what: 'the word of it',
        timeoutMs: 15_000,
      });
    } finally {
      await other.kill();
    }
  }, 120_000);

  it('heals what one that was killed had not counted', async () => {
    const kim = await join('Kim');
    const { id } = (await host.propose(0)).json;
    const opened = await pageIn(host);
    // Stored, and its gateway died before it was counted.
    await gateway.db.pool.query(
      'INSERT INTO votes (room_track_id, participant_id, is_like) VALUES ($1, $2, true)',
      [Number(id), Number(kim.id)],
    );
    await waitFor(() => opened.track(id)?.likes === 2, { what: 'the count', timeoutMs: 15_000 });
  }, 30_000);

  it('send somebody out of both', async () => {
    const other = await gatewayProcess(gateway);
    try {
      const kim = await join('Kim');
      const [here, there, watching] = [
        await page({ token: kim.token }),
        await page({ token: kim.token }, other.url),
        await pageIn(host),
      ];
      for (const one of [here, there]) expect(await one.enter(host.code)).toMatchObject({ ok: true });
      await host.ask(`/participants/${kim.id}?ban=true`, { method: 'DELETE' });
      for (const one of [here, there]) {
        await waitFor(() => one.person(kim.id)?.left === true, { what: 'the word' });
      }
      await waitFor(async () => !(await presentIn(host)).includes('Kim'), { what: 'the absence' });
      for (const one of [here, there]) one.changes.length = 0;
      await host.propose(2);
      await waitFor(() => watching.changes.some((one) => one.tracks), { what: 'the proposal' });
      expect([here.changes, there.changes]).toEqual([[], []]);
    } finally {
      await other.kill();
    }
  }, 60_000);
});
