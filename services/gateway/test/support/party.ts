import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Database, ensureNamedTracks } from '@spindle/db';
import type { Handlers, QueueWorker } from '@spindle/queues';
import { freePort, waitFor } from '@spindle/testkit';
import { connect, type Socket } from 'socket.io-client';
import { type Answer, type Asking, Browser } from './browser.ts';
import type { TestGateway } from './test-gateway.ts';
import { startTestWorker } from './test-worker.ts';

/** Spotify's id and URI of the n-th track of these tests. */
export const spotifyId = (n: number): string => `track${String(n).padStart(17, '0')}`;
export const uri = (n: number): string => `spotify:track:${spotifyId(n)}`;

/** Puts tracks into the catalogue; their row ids in order. */
export async function seedTracks(db: Database, count: number): Promise<number[]> {
  const names = Array.from({ length: count }, (_, n) => ({
    spotifyId: spotifyId(n),
    name: `Song ${n}`,
    artist: `Artist ${n % 7}`,
    album: `Album ${n % 5}`,
  }));
  const ids = await db.transaction((tx) => ensureNamedTracks(tx, names));
  await db.prisma.track.updateMany({ data: { explicit: false, durationMs: 180_000 } });
  return names.map((track) => ids.get(track.spotifyId) ?? 0);
}

/** Stands in for the party worker. */
export function partyWorker(
  { environment }: Pick<TestGateway, 'environment'>,
  handlers: Partial<Handlers<null, 'party'>>,
): Promise<QueueWorker> {
  return startTestWorker(
    environment,
    'party',
    {
      'follow-room': async () => ({ state: 'idle' }),
      'rooms-due': async () => ({ rooms: 0, ended: 0 }),
      ...handlers,
    },
    { concurrency: 4 },
  );
}

/** Another gateway on the same servers, as a process that can be killed. */
export async function gatewayProcess(
  gateway: TestGateway,
): Promise<{ readonly url: string; readonly process: ChildProcess; kill(): Promise<void> }> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...inherited, ...gateway.environment, PORT: String(port), LOG_LEVEL: 'error' },
  });
  await waitFor(async () => (await fetch(`${url}/readyz`).catch(() => null))?.ok === true, {
    what: 'the other gateway',
    timeoutMs: 30_000,
  });
  return {
    url,
    process: child,
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** Asks about one room. */
export interface RoomClient {
  readonly browser: Browser;
  readonly code: string;
  readonly id: string;
  readonly token: string;
  ask(path: string, asking?: Asking): Promise<Answer>;
  vote(n: number, isLike?: boolean | null): Promise<Answer>;
  propose(n: number | 'random'): Promise<Answer>;
  remove(roomTrackId: string): Promise<Answer>;
}

export function roomClient(
  browser: Browser,
  code: string,
  me: { participantId: string },
  token = '',
): RoomClient {
  const ask = (path: string, asking: Asking = {}) => browser.ask(`/rooms/${code}${path}`, asking);
  return {
    browser,
    code,
    id: me.participantId,
    token,
    ask,
    vote: (n, isLike = true) => ask('/vote', { body: { trackUri: uri(n), isLike } }),
    propose: (n) => ask('/tracks', { body: { trackUri: n === 'random' ? n : uri(n) } }),
    remove: (id) => ask(`/tracks/${id}`, { method: 'DELETE' }),
  };
}

export async function openRoom(browser: Browser, settings: object = {}): Promise<RoomClient> {
  const { status, json } = await browser.ask('/rooms', { body: settings });
  if (status !== 201) throw new Error(`no room was opened: ${status} ${JSON.stringify(json)}`);
  return roomClient(browser, json.room.code, json.room.me);
}

/** A new browser that joined by a nickname. */
export async function joinAs(url: string, code: string, nickname: string): Promise<RoomClient> {
  const browser = new Browser(url);
  const { status, json } = await browser.ask(`/rooms/${code}/join`, { body: { nickname } });
  if (status !== 200) throw new Error(`${nickname} did not join: ${status} ${JSON.stringify(json)}`);
  return roomClient(browser, code, json.room.me, json.token);
}

/** A page that shows a room. */
export interface RoomPage {
  readonly socket: Socket;
  // biome-ignore lint/suspicious/noExplicitAny: tests read changes of every kind
  readonly changes: any[];
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers of every kind
  enter(code: string, token?: string): Promise<any>;
  /** The newest that was told of a track. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read what they want of it
  track(id: string): any;
  // biome-ignore lint/suspicious/noExplicitAny: tests read what they want of it
  person(id: string): any;
}

/** A live connection; rejects when it is not let in. */
export function openPage(
  url: string,
  options: { cookie?: string; token?: string; reconnection?: boolean } = {},
): Promise<RoomPage> {
  const socket = connect(url, {
    transports: ['websocket'],
    forceNew: true,
    reconnectionDelay: 50,
    reconnectionDelayMax: 50,
    reconnection: options.reconnection ?? true,
    ...(options.cookie !== undefined && { extraHeaders: { cookie: options.cookie } }),
    ...(options.token !== undefined && { auth: { token: options.token } }),
  });
  const changes: RoomPage['changes'] = [];
  socket.on('room', (change: unknown) => changes.push(change));
  const newest = (lists: unknown[][], id: string) => {
    // biome-ignore lint/suspicious/noExplicitAny: tests read what they want of it
    let best: any;
    // biome-ignore lint/suspicious/noExplicitAny: tests read what they want of it
    for (const one of lists.flat() as any[]) {
      if (one?.id === id && (one.rev ?? 0) >= (best?.rev ?? 0)) best = { ...best, ...one };
    }
    return best;
  };
  const page: RoomPage = {
    socket,
    changes,
    enter: (code, token) => socket.timeout(10_000).emitWithAck('room', { code, ...(token && { token }) }),
    track: (id) =>
      newest(
        changes.map((change) => [...(change.tracks ?? []), ...(change.counts ?? [])]),
        id,
      ),
    person: (id) =>
      newest(
        changes.map((change) => change.participants ?? []),
        id,
      ),
  };
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(page));
    socket.once('connect_error', (error) => {
      socket.disconnect();
      reject(error);
    });
  });
}
