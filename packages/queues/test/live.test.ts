import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createAdapter } from '@socket.io/redis-streams-adapter';
import { closeRedis, createRedis, silentLogger } from '@spindle/service-kit';
import { testRedis, waitFor } from '@spindle/testkit';
import { Server } from 'socket.io';
import { connect, type Socket } from 'socket.io-client';
import {
  createLivePublisher,
  FEED_ROOM,
  type JobView,
  type LivePublisher,
  liveAdapterOptions,
  userRoom,
} from '../src/index.ts';
import { Bench } from './queue-bench.ts';

const redis = testRedis();
const { prefix } = redis;
const releases: (() => unknown)[] = [];

afterEach(async () => {
  for (const release of releases.splice(0).reverse()) await release();
});

function connection() {
  const client = createRedis(redis.url, 'general', silentLogger());
  releases.push(() => closeRedis(client));
  return client;
}

/** A gateway's socket server; a client names the rooms it is put into. */
async function gateway(): Promise<string> {
  const http = createServer();
  const io = new Server(http, {
    adapter: createAdapter(connection(), { ...liveAdapterOptions(prefix), blockTimeInMs: 100 }),
    connectionStateRecovery: { maxDisconnectionDuration: 60_000 },
  });
  io.on('connection', (socket) => {
    if (!socket.recovered) void socket.join(String(socket.handshake.query.rooms).split(','));
    socket.emit('welcome');
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  releases.push(() => io.close());
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

interface Listener {
  readonly socket: Socket;
  readonly heard: [string, unknown][];
  /** Waits until so many events were heard. */
  count(wanted: number): Promise<[string, unknown][]>;
}

async function listener(address: string, rooms: string[]): Promise<Listener> {
  const socket = connect(address, {
    transports: ['websocket'],
    query: { rooms: rooms.join(',') },
    reconnectionDelay: 200,
    reconnectionDelayMax: 200,
  });
  releases.push(() => socket.disconnect());
  const heard: [string, unknown][] = [];
  const welcomed = new Promise<void>((resolve) => socket.once('welcome', () => resolve()));
  socket.onAny((event: string, data: unknown) => {
    if (event !== 'welcome') heard.push([event, data]);
  });
  await welcomed;
  return {
    socket,
    heard,
    async count(wanted) {
      await waitFor(() => heard.length >= wanted, {
        timeoutMs: 5_000,
        everyMs: 10,
        what: `${wanted} events`,
      });
      return heard;
    },
  };
}

/** The adapter reads what comes after its own first read; events from before reach nobody. */
async function reading(publisher: LivePublisher, address: string): Promise<void> {
  const probe = await listener(address, ['probe']);
  await waitFor(async () => {
    await publisher.publish('plays-added', ['probe'], { count: 0 });
    return probe.heard.length > 0;
  });
  probe.socket.disconnect();
}

const publisherOf = () => createLivePublisher({ redis: connection(), prefix, logger: silentLogger() });

describe('createLivePublisher', () => {
  it('reaches the rooms on every gateway, each socket once, and nobody else', async () => {
    const [first, second] = await Promise.all([gateway(), gateway()]);
    const publisher = publisherOf();
    await Promise.all([reading(publisher, first), reading(publisher, second)]);
    const [owner, watcher, stranger] = await Promise.all([
      listener(first, [userRoom(7), FEED_ROOM]),
      listener(second, [FEED_ROOM]),
      listener(second, [userRoom(8)]),
    ]);
    await publisher.publish('plays-added', [userRoom(7), FEED_ROOM], { count: 3 });
    await publisher.publish('plays-added', [userRoom(7)], { count: 4 });
    // The last event closes the list: what was to come before it has come.
    await publisher.publish('plays-added', [userRoom(7), FEED_ROOM, userRoom(8)], { count: 9 });
    expect(await owner.count(3)).toEqual([3, 4, 9].map((count) => ['plays-added', { count }]));
    expect(await watcher.count(2)).toEqual([3, 9].map((count) => ['plays-added', { count }]));
    expect(await stranger.count(1)).toEqual([['plays-added', { count: 9 }]]);
  });

  it('gives a browser that was away what it missed', async () => {
    const address = await gateway();
    const publisher = publisherOf();
    await reading(publisher, address);
    const { socket, count } = await listener(address, [userRoom(7)]);
    await publisher.publish('plays-added', [userRoom(7)], { count: 1 });
    await count(1);
    socket.io.engine.close();
    await publisher.publish('plays-added', [userRoom(7)], { count: 2 });
    expect(await count(2)).toEqual([
      ['plays-added', { count: 1 }],
      ['plays-added', { count: 2 }],
    ]);
    expect(socket.recovered).toBe(true);
  });

  it('refuses data that does not fit, and shrugs off a Redis that is away', async () => {
    const publisher = publisherOf();
    // @ts-expect-error a count is a number
    await expect(publisher.publish('plays-added', ['x'], { count: 'many' })).rejects.toThrow('count');
    const closed = createRedis(redis.url, 'producer', silentLogger());
    await closeRedis(closed);
    const lonely = createLivePublisher({ redis: closed, prefix, logger: silentLogger() });
    await expect(lonely.publish('plays-added', ['x'], { count: 1 })).resolves.toBeUndefined();
  });
});

describe('a worker with a publisher', () => {
  it('tells the owner of a job how it gets on', async () => {
    const address = await gateway();
    const publisher = publisherOf();
    await reading(publisher, address);
    const bench = new Bench();
    releases.push(() => bench.close());
    await bench.worker(
      {
        double: async (_context, { n }, job) => {
          await job.progress({ done: 1, total: 2 });
          return { doubled: 2 * n };
        },
      },
      { live: publisher },
    );
    const owner = await listener(address, [userRoom(7)]);
    await bench.producer.add('work', 'double', { n: 1 }, { requestId: 'r' });
    const { id } = await bench.producer.add('work', 'double', { n: 2 }, { requestId: 'r', ownerId: 7 });
    const views = (await owner.count(2)).map(([event, data]) => [
      event,
      (data as JobView).id,
      (data as JobView).state,
    ]);
    expect(views).toEqual([
      ['job', id, 'running'],
      ['job', id, 'succeeded'],
    ]);
    expect(owner.heard[1]?.[1]).toMatchObject({ result: { doubled: 4 }, progress: { done: 1, total: 2 } });
  });
});
