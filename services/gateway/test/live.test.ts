import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { saveSettings } from '@spindle/db';
import { userRoom } from '@spindle/queues';
import { waitFor } from '@spindle/testkit';
import { connect, type Socket } from 'socket.io-client';
import type { Browser } from './support/browser.ts';
import { startGateway, type TestGateway } from './support/test-gateway.ts';

let gateway: TestGateway;
let ann: Browser;
let bob: Browser;
let annId: number;
const sockets: Socket[] = [];

beforeAll(async () => {
  gateway = await startGateway();
  // While the feed is public, visitors may connect for it: that is tested with the feed.
  await saveSettings(gateway.db, { feedPublic: false }, new Date());
  ann = await gateway.signedIn('ann');
  bob = await gateway.signedIn('bob');
  annId = Number((await ann.ask('/api/user')).json.id);
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.disconnect();
});
afterAll(() => gateway.stop());

interface Listener {
  readonly socket: Socket;
  readonly heard: [event: string, data: unknown][];
}

/** A page of this browser with a live connection; rejects when it is not let in. */
function listen(browser: Browser, headers: Record<string, string> = {}): Promise<Listener> {
  const socket = connect(gateway.url, {
    transports: ['websocket'],
    extraHeaders: { cookie: browser.cookie, ...headers },
    reconnectionDelay: 50,
    reconnectionDelayMax: 50,
    forceNew: true,
  });
  sockets.push(socket);
  const heard: Listener['heard'] = [];
  socket.onAny((event: string, data: unknown) => heard.push([event, data]));
  return new Promise((resolve, reject) => {
    // Rooms are joined when the first acknowledgement comes.
    socket.once('connect', () => socket.emit('watch', () => resolve({ socket, heard })));
    socket.once('connect_error', (error) => {
      socket.disconnect();
      reject(error);
    });
  });
}

const plays = (count: number) => gateway.live.publish('plays-added', [userRoom(annId)], { count });

describe('live events', () => {
  it('reach all pages of their listener and nobody else', async () => {
    const [one, two, other] = await Promise.all([listen(ann), listen(ann), listen(bob)]);
    await plays(7);
    await waitFor(() => one.heard.length > 0 && two.heard.length > 0, { what: 'the event' });
    expect(one.heard).toEqual([['plays-added', { count: 7 }]]);
    expect(two.heard).toEqual([['plays-added', { count: 7 }]]);
    // An event of Bob's own comes after it on the same stream, so Ann's would have been there by now.
    const bobId = Number((await bob.ask('/api/user')).json.id);
    await gateway.live.publish('plays-added', [userRoom(bobId)], { count: 1 });
    await waitFor(() => other.heard.length > 0, { what: 'the other event' });
    expect(other.heard).toEqual([['plays-added', { count: 1 }]]);
  });

  it('that were missed come after a lost connection', async () => {
    const page = await listen(ann);
    await plays(1);
    await waitFor(() => page.heard.length === 1, { what: 'the first event' });
    page.socket.io.engine.close();
    await plays(2);
    await waitFor(() => page.heard.length === 2, { what: 'the missed event' });
    expect(page.socket.recovered).toBe(true);
    expect(page.heard.map(([, data]) => data)).toEqual([{ count: 1 }, { count: 2 }]);
  });

  it('need a session, and a page of ours', async () => {
    await expect(listen(gateway.browser())).rejects.toThrow('Sign in first.');
    await expect(listen(ann, { origin: 'https://evil.example' })).rejects.toThrow();
    await expect(listen(ann, { origin: gateway.url })).resolves.toBeDefined();
  });

  it('end with the session', async () => {
    const browser = await gateway.signedIn('bob');
    const page = await listen(browser);
    const stays = await listen(bob);
    const gone = new Promise<string>((resolve) => page.socket.once('disconnect', resolve));
    await browser.ask('/auth/logout', { method: 'POST' });
    expect(await gone).toBe('io server disconnect');
    expect(stays.socket.connected).toBe(true);
    await expect(listen(browser)).rejects.toThrow('Sign in first.');
  });

  it('end when somebody signs in anew, and go on for whoever that is', async () => {
    const browser = await gateway.signedIn('bob');
    const page = await listen(browser);
    const gone = new Promise<string>((resolve) => page.socket.once('disconnect', resolve));
    await browser.signIn('ann');
    expect(await gone).toBe('io server disconnect');
    const anew = await listen(browser);
    await plays(3);
    await waitFor(() => anew.heard.length > 0, { what: 'the event' });
    expect(anew.heard).toEqual([['plays-added', { count: 3 }]]);
    expect(page.heard).toEqual([]);
  });

  it('tell the progress of a job to whoever asked for it', async () => {
    await gateway.work({
      history: async () => ({ playsRead: 0, playsStored: 0, gap: false }),
      playback: async () => ({ isPlaying: false, trackId: null }),
      metadata: async (_context, _payload, job) => {
        await job.progress({ done: 1, total: 2, phase: 'albums' });
        return { filled: 2, remaining: 0 };
      },
    });
    const page = await listen(ann);
    const { json } = await ann.ask('/spotify/sync-metadata', { method: 'POST' });
    const states = () =>
      page.heard.filter(([, data]) => (data as { id?: string }).id === json.job.id).map(([, data]) => data);
    await waitFor(() => states().some((job) => (job as { state: string }).state === 'succeeded'), {
      what: 'the end',
    });
    expect(states().at(-1)).toMatchObject({ name: 'metadata', result: { filled: 2, remaining: 0 } });
  });
});

describe('watching', () => {
  it('keeps the own player being read, at once when the last reading is old', async () => {
    await gateway.db.prisma.captureState.update({
      where: { userId: annId },
      data: { watchedUntil: null, nextPlaybackAt: null, playbackReadAt: new Date(Date.now() - 60_000) },
    });
    const before = Date.now();
    await listen(ann);
    const state = await gateway.db.prisma.captureState.findUniqueOrThrow({ where: { userId: annId } });
    expect(state.watchedUntil?.getTime()).toBeGreaterThanOrEqual(before + 90_000);
    expect(state.nextPlaybackAt?.getTime()).toBeLessThanOrEqual(Date.now());
  });
});
