import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import { createAdapter } from '@socket.io/redis-streams-adapter';
import { WATCH_EVENT, WATCH_TTL_MS } from '@spindle/contracts';
import { type Database, loadCaller, loadSettings, markWatched, watchSharers } from '@spindle/db';
import { liveAdapterOptions, userRoom } from '@spindle/queues';
import type { Clock, Logger } from '@spindle/service-kit';
import type { Request, RequestHandler, Response } from 'express';
import type { Redis } from 'ioredis';
import { Server } from 'socket.io';
import { type LiveSocket, type SocketData, showFeed } from './feed-room.ts';

/** The gateway's side of the live connection. */
export interface LiveSockets {
  /** Cuts the sockets of one browser session, on whatever gateway they are. */
  endSession(sessionId: string): void;
  /** Cuts all sockets of a user. */
  endUser(userId: number): void;
  /** Cuts the sockets of all visitors: the feed is not for them any more. */
  endVisitors(): void;
}

export interface LiveServer extends LiveSockets {
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
  /** Loads the session of the browser. */
  readonly session: RequestHandler;
  /** Origins whose pages may connect. */
  readonly origins: readonly string[];
}

/** A browser that was away for longer starts afresh and asks the API for what it missed. */
const RECOVERY_MS = 2 * 60_000;
/** A watched player that was read longer ago is read again at once. */
const STALE_MS = 10_000;

/** The adapter makes connections that it keeps to itself; they are collected, so that they can be closed. */
function collectDuplicates(redis: Redis): Redis[] {
  const made: Redis[] = [];
  const duplicate = redis.duplicate.bind(redis);
  redis.duplicate = (override) => {
    // It disconnects them a second time, which ioredis would watch over for two seconds.
    const one = duplicate({ ...override, disconnectTimeout: 50 });
    made.push(one);
    return one;
  };
  return made;
}

const sessionRoom = (sessionId: string): string => `session:${sessionId}`;
/** Everybody who is not signed in. */
const VISITORS = 'visitors';

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

/**
 * Sockets of browsers. Those that are signed in hear the events of their own listener, whichever process
 * published them (a Redis stream carries them), and what they missed while they were away for a short
 * time. Visitors may connect while the feed is public, and hear nothing else.
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

  /** Lets a socket in as the listener whose session its browser has, or as a visitor. @throws LiveRefusal */
  async function admit(socket: LiveSocket): Promise<void> {
    const { session } = socket.request as SessionRequest;
    const userId = session?.userId;
    const user = userId === undefined ? null : await loadCaller(db, userId);
    if (userId === undefined || !user || user.erasing) {
      // A recovered connection of somebody who has signed out since brings their rooms along.
      if (socket.data.userId !== undefined || !(await isFeedPublic())) {
        throw new LiveRefusal('Sign in first.');
      }
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
    if (userId === undefined) {
      await socket.join(VISITORS);
    } else {
      // Who came back signed in is none any more.
      await socket.leave(VISITORS);
      await socket.join([userRoom(userId), sessionRoom((socket.request as SessionRequest).sessionID)]);
    }
  });

  return {
    attach(http) {
      io.attach(http);
      io.engine.use(loadSession);
    },
    endSession: (sessionId) => io.in(sessionRoom(sessionId)).disconnectSockets(true),
    endUser: (userId) => io.in(userRoom(userId)).disconnectSockets(true),
    endVisitors: () => io.in(VISITORS).disconnectSockets(true),
    async close() {
      await io.close();
      for (const connection of connections) connection.disconnect();
    },
  };
}
