import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { lockRunningListen, savePlayerReading, whileSharing } from '@spindle/db';
import { FEED_ROOM } from '@spindle/queues';
import { waitFor } from '@spindle/testkit';
import { connect, type Socket } from 'socket.io-client';
import type { Browser } from './support/browser.ts';
import { startGateway, type TestGateway } from './support/test-gateway.ts';

let gateway: TestGateway;
let ann: Browser;
let bob: Browser;
let annId: number;
let bobId: number;
const sockets: Socket[] = [];

beforeAll(async () => {
  gateway = await startGateway();
  ann = await gateway.signedIn('ann');
  bob = await gateway.signedIn('bob');
  annId = Number((await ann.ask('/api/user')).json.id);
  bobId = Number((await bob.ask('/api/user')).json.id);
});
beforeEach(async () => {
  await setFeedPublic(true);
  for (const browser of [ann, bob]) await browser.ask('/share/stop', { method: 'POST' });
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.disconnect();
});
afterAll(() => gateway.stop());

/** Ann came first, so she is the admin. */
async function setFeedPublic(feedPublic: boolean): Promise<void> {
  const answer = await ann.ask('/api/admin/settings', { method: 'PATCH', body: { feedPublic } });
  expect(answer).toMatchObject({ status: 200, json: { feedPublic, registration: 'open' } });
}

const share = (browser: Browser, body: object = {}) => browser.ask('/share/start', { method: 'POST', body });
const stop = (browser: Browser) => browser.ask('/share/stop', { method: 'POST' });
const handleOf = async (browser: Browser): Promise<string> => (await browser.ask('/api/user')).json.handle;

/** Handles on the feed, as the API answers somebody. */
async function onFeed(browser: Browser = gateway.browser()): Promise<string[]> {
  const { status, json } = await browser.ask('/api/feed');
  expect(status).toBe(200);
  return json.items.map((item: { user: { handle: string } }) => item.user.handle);
}

/** Stores a reading of somebody's player as the worker does. */
async function plays(userId: number, title: string): Promise<void> {
  await gateway.db.transaction(async (tx) => {
    await lockRunningListen(tx, userId);
    const reading = {
      kind: 'local' as const,
      isPlaying: true,
      trackId: null,
      title,
      subtitle: null,
      durationMs: 180_000,
      progressMs: 0,
      observedAt: new Date(),
      deviceName: null,
      deviceType: null,
      isPrivate: false,
      contextUri: null,
    };
    await savePlayerReading(tx, userId, reading, null);
  });
}

/** What the worker does after a reading that shows something else. */
const tell = (userId: number) =>
  whileSharing(
    gateway.db,
    userId,
    () => new Date(),
    (view) => gateway.live.publish('feed-changed', [FEED_ROOM], view),
  );

interface Page {
  readonly socket: Socket;
  // biome-ignore lint/suspicious/noExplicitAny: tests read events of every kind
  readonly heard: [event: string, data: any][];
  /** What was heard of these events, briefly: `left ann`, `ann: title`. */
  brief(): string[];
  feed(on: boolean): Promise<{ ok: boolean }>;
}

/** A live connection of a browser; rejects when it is not let in. */
function open(browser: Browser): Promise<Page> {
  const socket = connect(gateway.url, {
    transports: ['websocket'],
    extraHeaders: { cookie: browser.cookie },
    reconnectionDelay: 50,
    reconnectionDelayMax: 50,
    forceNew: true,
  });
  sockets.push(socket);
  const heard: Page['heard'] = [];
  socket.onAny((event: string, data: unknown) => heard.push([event, data]));
  const page: Page = {
    socket,
    heard,
    brief: () =>
      heard.map(([event, data]) =>
        event === 'feed-left' ? `left ${data.handle}` : `${data.user?.handle}: ${data.title}`,
      ),
    feed: (on) => socket.emitWithAck('feed', on),
  };
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(page));
    socket.once('connect_error', (error) => {
      socket.disconnect();
      reject(error);
    });
  });
}

async function viewer(browser: Browser = gateway.browser()): Promise<Page> {
  const page = await open(browser);
  expect(await page.feed(true)).toEqual({ ok: true });
  return page;
}

/** Waits until everything that was published so far has come: this comes after it. */
async function settled(...pages: Page[]): Promise<void> {
  const handle = `mark-${Math.random().toString(36).slice(2, 10)}`;
  await gateway.live.publish('feed-left', [FEED_ROOM], { handle });
  for (const { heard } of pages) {
    const index = () => heard.findIndex(([, data]) => data.handle === handle);
    await waitFor(() => index() >= 0, { what: 'the mark' });
    heard.splice(index(), 1);
  }
}

describe('GET /api/feed', () => {
  it('has those who share, and nobody else', async () => {
    await plays(annId, 'Secret of Ann');
    await plays(bobId, 'Of Bob');
    expect(await onFeed()).toEqual([]);
    await share(bob);
    const { json, text } = await gateway.browser().ask('/api/feed');
    expect(json).toMatchObject({ closed: false, items: [{ title: 'Of Bob', isPlaying: true }] });
    expect(text).not.toMatch(/Ann|ann/);
    await share(ann);
    expect(await onFeed()).toEqual([await handleOf(ann), await handleOf(bob)]);
  });

  it('loses a share that is stopped at once, and one whose time is over by itself', async () => {
    await share(bob);
    await stop(bob);
    expect(await onFeed()).toEqual([]);
    await share(bob, { expiresAt: new Date(Date.now() + 300).toISOString() });
    expect(await onFeed()).toHaveLength(1);
    await waitFor(async () => (await onFeed()).length === 0, { what: 'the end of the share' });
  });

  it('answers 304 to whoever has it', async () => {
    await share(bob);
    const first = await gateway.browser().ask('/api/feed');
    expect(first.headers.get('cache-control')).toBe('no-cache');
    const headers = { 'if-none-match': first.headers.get('etag') ?? '' };
    const again = await gateway.browser().ask('/api/feed', { headers });
    expect([again.status, again.text]).toEqual([304, '']);
    await plays(bobId, 'Something else');
    expect((await gateway.browser().ask('/api/feed', { headers })).status).toBe(200);
  });

  it('is at /feed too, which leads a browser to the page', async () => {
    await share(bob);
    expect((await gateway.browser().ask('/feed')).json.items).toHaveLength(1);
    expect((await gateway.browser().ask('/feed', { headers: { accept: '*/*' } })).json.items).toHaveLength(1);
    const page = await gateway
      .browser()
      .ask('/feed', { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } });
    expect([page.status, page.headers.get('location')]).toEqual([302, '/live']);
    expect(page.headers.get('vary')).toContain('Accept');
  });

  it('is for those who are signed in when the operator closed it', async () => {
    await share(bob);
    await setFeedPublic(false);
    for (const path of ['/api/feed', '/feed']) {
      expect(await gateway.browser().ask(path)).toMatchObject({
        status: 401,
        json: { type: '/problems/feed-closed' },
      });
    }
    const inside = await bob.ask('/api/feed');
    expect(inside).toMatchObject({ status: 200, json: { closed: true, items: [{}] } });
    expect(inside.headers.get('cache-control')).toBe('private, no-cache');
    expect(
      (await gateway.browser().ask('/api/feed', { headers: { authorization: 'Bearer spn_x' } })).status,
    ).toBe(401);
  });

  it('is closed by admins only', async () => {
    const body = { feedPublic: false };
    expect((await bob.ask('/api/admin/settings', { method: 'PATCH', body })).status).toBe(403);
    expect((await gateway.browser().ask('/api/admin/settings')).status).toBe(401);
    expect((await ann.ask('/api/admin/settings')).json).toMatchObject({
      feedPublic: true,
      registration: 'open',
    });
    expect((await ann.ask('/api/admin/settings', { method: 'PATCH', body: { feedPublik: 1 } })).status).toBe(
      400,
    );
  });
});

describe('the feed over the socket', () => {
  it('tells visitors and listeners when somebody begins, plays something else, and stops', async () => {
    const pages = [await viewer(), await viewer(ann)];
    const name = await handleOf(bob);
    await plays(bobId, 'One');
    await share(bob);
    await plays(bobId, 'Two');
    await tell(bobId);
    await stop(bob);
    await settled(...pages);
    for (const page of pages) expect(page.brief()).toEqual([`${name}: One`, `${name}: Two`, `left ${name}`]);
  });

  it('tells nothing to a page that did not ask, or asks no more', async () => {
    const [asks, silent, over] = [await viewer(), await open(gateway.browser()), await viewer()];
    expect(await over.feed(false)).toEqual({ ok: true });
    await share(bob);
    await settled(asks);
    // Its own event comes after the others on the same stream.
    await gateway.live.publish('plays-added', ['visitors'], { count: 1 });
    for (const page of [silent, over]) {
      await waitFor(() => page.heard.length > 0, { what: 'the event of all visitors' });
      expect(page.heard).toEqual([['plays-added', { count: 1 }]]);
    }
  });

  it('tells a visitor nothing of a listener’s own', async () => {
    const page = await viewer();
    expect(await page.socket.emitWithAck('watch')).toEqual({ ok: false });
    await gateway.live.publish('plays-added', [`user:${bobId}`], { count: 5 });
    await settled(page);
    expect(page.heard).toEqual([]);
  });

  it('tells nothing of somebody who does not share, nor stops twice', async () => {
    const page = await viewer();
    await plays(bobId, 'Secret');
    expect(await tell(bobId)).toBe(false);
    await stop(bob);
    await bob.ask('/api/user', { method: 'PATCH', body: { displayName: 'Bobby' } });
    await settled(page);
    expect(page.heard).toEqual([]);
  });

  it('tells of the end last, also when somebody stops while they are being told of', async () => {
    const page = await viewer();
    const name = await handleOf(bob);
    await plays(bobId, 'One');
    await share(bob);
    let stopping: Promise<unknown> = Promise.resolve();
    await whileSharing(
      gateway.db,
      bobId,
      () => new Date(),
      async (view) => {
        stopping = stop(bob);
        await waitFor(
          async () => {
            const { rows } = await gateway.db.pool.query(
              `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
            );
            return rows.length > 0;
          },
          { what: 'the stop to wait' },
        );
        await gateway.live.publish('feed-changed', [FEED_ROOM], view);
      },
    );
    await stopping;
    await settled(page);
    expect(page.brief()).toEqual([`${name}: One`, `${name}: One`, `left ${name}`]);
  });

  it('never tells of somebody after they stopped, however it comes together', async () => {
    const page = await viewer();
    const name = await handleOf(bob);
    for (let round = 0; round < 15; round++) {
      await share(bob);
      await plays(bobId, `Round ${round}`);
      await Promise.all([tell(bobId), tell(bobId), stop(bob), tell(bobId)]);
      await settled(page);
      expect(page.brief().at(-1)).toBe(`left ${name}`);
      page.heard.splice(0);
    }
  });

  it('follows a new handle and a new name', async () => {
    const page = await viewer();
    const name = await handleOf(bob);
    await plays(bobId, 'One');
    await share(bob);
    await bob.ask('/api/user', { method: 'PATCH', body: { handle: 'bob-the-second' } });
    await bob.ask('/api/user', { method: 'PATCH', body: { displayName: 'Robert' } });
    await settled(page);
    expect(page.brief()).toEqual([
      `${name}: One`,
      `left ${name}`,
      'bob-the-second: One',
      'bob-the-second: One',
    ]);
    expect(page.heard.at(-1)?.[1].user).toMatchObject({ displayName: 'Robert' });
  });

  it('is closed to visitors by the operator, at once, and not to listeners', async () => {
    const [visitor, listener] = [await viewer(), await viewer(bob)];
    const gone = new Promise<string>((resolve) => visitor.socket.once('disconnect', resolve));
    await setFeedPublic(false);
    expect(await gone).toBe('io server disconnect');
    await share(ann);
    await settled(listener);
    expect(listener.brief()).toHaveLength(1);
    expect(visitor.heard).toEqual([]);
    await expect(open(gateway.browser())).rejects.toThrow('Sign in first.');
  });

  it('does not let a visitor in who connected before it was closed', async () => {
    const page = await open(gateway.browser());
    // As when the word of another gateway has not come yet.
    await gateway.db.pool.query(`UPDATE settings SET value = 'false' WHERE key = 'feedPublic'`);
    expect(await page.feed(true)).toEqual({ ok: false });
    const inside = await open(bob);
    expect(await inside.feed(true)).toEqual({ ok: true });
  });

  it('replays nothing after a lost connection: the page joins anew and asks', async () => {
    const page = await viewer();
    await share(bob);
    await settled(page);
    page.heard.splice(0);
    const back = new Promise<void>((resolve) => page.socket.once('connect', () => resolve()));
    page.socket.io.engine.close();
    await plays(bobId, 'While away');
    await tell(bobId);
    await back;
    expect(await page.feed(true)).toEqual({ ok: true });
    await settled(page);
    expect(page.heard).toEqual([]);
    expect((await gateway.browser().ask('/api/feed')).json.items[0].title).toBe('While away');
  });

  it('has the players of those who share read more often while a listener looks, not for visitors', async () => {
    await share(bob);
    const later = new Date(Date.now() + 3_600_000);
    const put = (watchedUntil: Date | null) =>
      gateway.db.prisma.captureState.update({
        where: { userId: bobId },
        data: { watchedUntil, nextPlaybackAt: later },
      });
    const state = (userId: number) => gateway.db.prisma.captureState.findUniqueOrThrow({ where: { userId } });
    await put(null);
    const other = await state(annId);
    await viewer();
    expect(await state(bobId)).toMatchObject({ watchedUntil: null, nextPlaybackAt: later });
    const before = Date.now();
    const page = await viewer(ann);
    const watched = await state(bobId);
    expect(watched.watchedUntil?.getTime()).toBeGreaterThanOrEqual(before + 90_000);
    expect(watched.nextPlaybackAt?.getTime()).toBeLessThanOrEqual(Date.now() + 10_000);
    // Who is watched already has a reading planned at that pace.
    await put(watched.watchedUntil);
    expect(await page.feed(true)).toEqual({ ok: true });
    expect((await state(bobId)).nextPlaybackAt).toEqual(later);
    expect(await state(annId)).toEqual(other);
  });

  it('loses somebody who asks to be erased, at once', async () => {
    const page = await viewer();
    const name = await handleOf(bob);
    await share(bob);
    expect((await bob.ask('/api/user', { method: 'DELETE' })).status).toBe(202);
    expect(await tell(bobId)).toBe(false);
    await settled(page);
    expect(page.brief().at(-1)).toBe(`left ${name}`);
    expect(await onFeed()).toEqual([]);
  });
});
