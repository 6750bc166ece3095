import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import { createAdapter } from '@socket.io/redis-streams-adapter';
import { type RoomChange, WATCH_EVENT, WATCH_TTL_MS } from '@spindle/contracts';
import {
  type Database,
  isGuestSomewhere,
  loadCaller,
  loadSettings,
  markWatched,
  watchSharers,
} from '@spindle/db';
import { FEED_ROOM, liveAdapterOptions, roomAudience, userRoom } from '@spindle/queues';
import type { Clock, Logger } from '@spindle/service-kit';
import type { Request, RequestHandler, Response } from 'express';
import type { Redis } from 'ioredis';
import { Server } from 'socket.io';
import type { Door } from '../rooms/door.ts';
import { cookieGuestTokens } from '../rooms/guest-credential.ts';
import type { Rooms } from '../rooms/rooms.ts';
import { type LiveSocket, type SocketData, showFeed } from './feed-room.ts';
import { participantOf, participantSockets, showRooms } from './party-room.ts';

/** The gateway's side of the live connection. */
export interface LiveSockets {
  /** Cuts the sockets of one browser session, on whatever gateway they are. */
  endSession(sessionId: string): void;
  /** Cuts all sockets of a user. */
  endUser(userId: number): void;
  /** Cuts the sockets of all visitors: the feed is not for them any more. Guests stay in their rooms. */
  endVisitors(): void;
  /** Tells the pages of somebody, on whatever gateway they are, that they are out of a room; then they are. */
  sendOut(code: string, participantId: number, change: RoomChange): void;
}

export interface LiveServer extends LiveSockets {
  /** Connections of this process. */
  count(): number;
  attach(http: HttpServer): void;
  close(): Promise<void>;
}

export interface LiveServerOptions {
  readonly db: Database;
  /** A connection of its own: the adapter blocks on it. */
  readonly redis: Redis;
  readonly prefix: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly rooms: Rooms;
  readonly door: Door;
  /** Proxies in front, each of which adds an address to `X-Forwarded-For`. */
  readonly trustedProxies: number;
  /** Loads the session of the browser. */
  readonly session: RequestHandler;
  /** Origins whose pages may connect. */
  readonly origins: readonly string[];
}

/** A browser that was away for longer starts afresh and asks the API for what it missed. */
const RECOVERY_MS = 2 * 60_000;
/** A watched player that was read longer ago is read again at once. */
const STALE_MS = 10_000;

/** The adapter disconnects them a second time, which ioredis would watch over for two seconds. */
const SOON = { disconnectTimeout: 50 };

/** The adapter makes connections that it keeps to itself; they are collected, so that they can be closed. */
function collectDuplicates(redis: Redis): Redis[] {
  const made: Redis[] = [];
  const isCluster = 'nodes' in redis;
  const duplicate = redis.duplicate.bind(redis) as (...args: object[]) => Redis;
  redis.duplicate = (override) => {
    const one = isCluster ? duplicate([], { redisOptions: SOON }) : duplicate({ ...override, ...SOON });
    made.push(one);
    return one;
  };
  return made;
}

const sessionRoom = (sessionId: string): string => `session:${sessionId}`;
/** Everybody who is not signed in, and in no party room. */
const VISITORS = 'visitors';
/** Everybody who is not signed in, and may be in party rooms. */
const GUESTS = 'guests';

/** Its message is told to the browser. */
class LiveRefusal extends Error {
  override readonly name = 'LiveRefusal';
}

type SessionRequest = IncomingMessage & Pick<Request, 'session' | 'sessionID'>;

/** Browsers always name the origin of a page that opens a socket; another site's page is turned away. */
function comesFromUs(request: IncomingMessage, origins: readonly string[]): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined || origins.includes(origin)) return true;
  return URL.parse(origin)?.host === host;
}

/** The address that a connection comes from, as `request.ip` of Express says it. */
function addressOf({ headers, socket }: IncomingMessage, trustedProxies: number): string {
  const forwarded = String(headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);
  const way = [socket.remoteAddress ?? 'unknown', ...forwarded.reverse()];
  return way[Math.min(trustedProxies, way.length - 1)] ?? 'unknown';
}

/** The token that a program gives in the handshake. */
function tokenOf(socket: LiveSocket): string | undefined {
  const { token } = socket.handshake.auth;
  return typeof token === 'string' ? token : undefined;
}

/**
 * Sockets of browsers. Those that are signed in hear the events of their own listener, whichever process
 * published them (a Redis stream carries them), and what they missed while they were away for a short
 * time. Visitors may connect while the feed is public, and hear nothing else. Guests of party rooms may
 * connect always, and hear what goes on in the rooms that they are in.
 */
export function createLiveServer(options: LiveServerOptions): LiveServer {
  const { db, clock, logger, origins } = options;
  const connections = collectDuplicates(options.redis);
  const io = new Server<Record<string, never>, Record<string, never>, Record<string, never>, SocketData>({
    path: '/socket.io',
    serveClient: false,
    adapter: createAdapter(options.redis, liveAdapterOptions(options.prefix)),
    connectionStateRecovery: { maxDisconnectionDuration: RECOVERY_MS, skipMiddlewares: false },
    maxHttpBufferSize: 16_384,
    cors: { origin: [...origins], credentials: true },
    allowRequest: (request, done) => done(null, comesFromUs(request, origins)),
  });

  function loadSession(
    request: IncomingMessage,
    response: ServerResponse,
    next: (error?: unknown) => void,
  ): void {
    // Only the handshake carries a session; later packets of the same connection need none.
    if (new URL(request.url ?? '/', 'http://here').searchParams.has('sid')) next();
    else void options.session(request as Request, response as Response, next);
  }

  const isFeedPublic = async () => (await loadSettings(db.pool)).feedPublic;

  async function isGuest(socket: LiveSocket): Promise<boolean> {
    const token = tokenOf(socket);
    const tokens = [...cookieGuestTokens(socket.request.headers.cookie).values()];
    return isGuestSomewhere(db.pool, token === undefined ? tokens : [token, ...tokens]);
  }

  /** Lets a socket in as the listener whose session its browser has, or as a visitor. @throws LiveRefusal */
  async function admit(socket: LiveSocket): Promise<void> {
    const { session } = socket.request as SessionRequest;
    const userId = session?.userId;
    const user = userId === undefined ? null : await loadCaller(db, userId);
    if (userId === undefined || !user || user.erasing || user.disabled) {
      // A recovered connection of somebody who has signed out since brings their rooms along.
      if (socket.data.userId !== undefined) throw new LiveRefusal('Sign in first.');
      socket.data.isGuest = await isGuest(socket);
      if (!socket.data.isGuest && !(await isFeedPublic())) throw new LiveRefusal('Sign in first.');
      return;
    }
    // A recovered connection brings its rooms along: they must be the same person's.
    if (socket.data.userId !== undefined && socket.data.userId !== userId) {
      throw new LiveRefusal('This connection belongs to somebody else.');
    }
    socket.data.userId = userId;
  }

  io.use((socket, next) => {
    admit(socket).then(
      () => next(),
      (error: unknown) => {
        if (error instanceof LiveRefusal) return next(error);
        logger.warn({ err: error }, 'a live connection could not be checked');
        next(new Error('Not available right now.'));
      },
    );
  });

  async function watch(userId: number): Promise<void> {
    const now = clock.now();
    await markWatched(db, userId, { now, until: new Date(now.getTime() + WATCH_TTL_MS), staleMs: STALE_MS });
  }

  async function watchFeed(): Promise<void> {
    const now = clock.now();
    await watchSharers(db.pool, { now, until: new Date(now.getTime() + WATCH_TTL_MS) });
  }

  io.on('connection', async (socket: LiveSocket) => {
    const { userId } = socket.data;
    showFeed(socket, { isPublic: isFeedPublic, watch: watchFeed, logger });
    socket.on(WATCH_EVENT, (...args: unknown[]) => {
      const acknowledge = args.at(-1);
      if (userId === undefined) {
        if (typeof acknowledge === 'function') acknowledge({ ok: false });
        return;
      }
      watch(userId).then(
        () => typeof acknowledge === 'function' && acknowledge({ ok: true }),
        (error: unknown) => logger.warn({ err: error, userId }, 'a watch was not noted'),
      );
    });
    const becameGuest = async () => {
      await socket.join(GUESTS);
      await socket.leave(VISITORS);
    };
    showRooms(
      socket,
      { db, rooms: options.rooms, door: options.door, clock, logger },
      { address: addressOf(socket.request, options.trustedProxies), token: tokenOf(socket), becameGuest },
    );
    if (userId === undefined) {
      if (socket.data.isGuest) await becameGuest();
      else await socket.join(VISITORS);
    } else {
      // Who came back signed in is none any more.
      await socket.leave(VISITORS);
      await socket.leave(GUESTS);
      await socket.join([userRoom(userId), sessionRoom((socket.request as SessionRequest).sessionID)]);
    }
  });

  // One place sees all ways in which a page comes and goes: asked for, cut, recovered, sent out from afar.
  const { adapter } = io.of('/');
  const watchRoom = (
    event: 'create-room' | 'delete-room',
    then: (code: string, id: number) => Promise<void>,
  ) =>
    adapter.on(event, (room: string) => {
      const who = participantOf(room);
      if (!who) return;
      then(who.code, who.participantId).catch((error: unknown) =>
        logger.warn({ err: error }, 'who has a room open could not be noted'),
      );
    });
  watchRoom('create-room', (code, id) => options.rooms.appeared(code, id));
  watchRoom('delete-room', (code, id) => options.rooms.vanished(code, id));

  return {
    attach(http) {
      io.attach(http);
      io.engine.use(loadSession);
    },
    count: () => io.engine.clientsCount,
    endSession: (sessionId) => io.in(sessionRoom(sessionId)).disconnectSockets(true),
    endUser: (userId) => io.in(userRoom(userId)).disconnectSockets(true),
    endVisitors() {
      io.in(VISITORS).disconnectSockets(true);
      io.in(GUESTS).socketsLeave(FEED_ROOM);
    },
    sendOut(code, participantId, change) {
      const theirs = io.in(participantSockets(code, participantId));
      theirs.emit('room', change);
      theirs.socketsLeave([roomAudience(code), participantSockets(code, participantId)]);
    },
    async close() {
      await io.close();
      for (const connection of connections) connection.disconnect();
    },
  };
}
