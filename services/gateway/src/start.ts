import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createCredentials, createDatabase, createReplica, requireMigrations } from '@spindle/db';
import {
  createAlertStore,
  createLivePublisher,
  createProducer,
  createQueueTelemetry,
  observeQueueDepth,
} from '@spindle/queues';
import {
  ConfigError,
  closeRedis,
  createHealth,
  createLogger,
  createMetrics,
  createRedis,
  createTokenBox,
  type Environment,
  type Logger,
  observeRedis,
  type ServiceScope,
  scaledClock,
  startOpsServer,
  startTracing,
  systemClock,
  VERSION,
  wantsPretty,
} from '@spindle/service-kit';
import { createArtworkCache, createSpotify, Governor } from '@spindle/spotify';
import type { Redis } from 'ioredis';
import { createApp } from './app.ts';
import { adoptOwner } from './auth/owner-account.ts';
import { readConfig } from './config.ts';
import type { GatewayContext } from './context.ts';
import { createDoctor } from './doctor.ts';
import { InHand } from './in-hand.ts';
import { createLiveServer } from './live/socket.ts';
import { observeRefusals, observeSockets } from './metrics/http-metrics.ts';
import { LOOK_EVERY_MS, observeInstance } from './metrics/instance-metrics.ts';
import { createRateLimits } from './middleware/rate-limit.ts';
import { SESSION_LIFE_MS, sessionMiddleware } from './middleware/session.ts';
import { remembered } from './remembered.ts';
import { createDoor } from './rooms/door.ts';
import { Presence } from './rooms/presence.ts';
import { Rooms } from './rooms/rooms.ts';
import { RedisSessionStore } from './sessions/redis-session-store.ts';
import { createStatisticsReads } from './statistics-reads.ts';
import { refuseUnreadable } from './unreadable-requests.ts';

export interface Gateway {
  /** The port it listens on: the chosen one when 0 was asked for. */
  readonly port: number;
  readonly context: GatewayContext;
}

export interface StartOptions {
  /** Instead of the logger that the configuration asks for. */
  readonly logger?: Logger;
}

/**
 * The gateway's composition root: everything it is made of, in the order in which one is built on the
 * other. Released in the reverse order when the scope stops.
 *
 * @throws ConfigError
 */
export async function start(
  scope: ServiceScope,
  environment: Environment,
  options: StartOptions = {},
): Promise<Gateway> {
  const config = readConfig(environment);
  if (config.web.publicUrl.startsWith('https:') && config.web.trustProxy === 0) {
    throw new ConfigError([
      {
        variable: 'TRUST_PROXY',
        problem:
          'is 0 while PUBLIC_URL is https: the gateway could not see that TLS ends before it, and nobody would stay signed in. Set it to the number of proxies in front (1 for one nginx).',
      },
    ]);
  }
  const logger =
    options.logger ??
    createLogger({
      service: scope.name,
      level: config.base.logLevel,
      pretty: wantsPretty(config.base.environment, process.stdout.isTTY),
    });
  scope.useLogger(logger);
  const clock = config.base.clockScale ? scaledClock(config.base.clockScale) : systemClock;
  const { url: redisUrl, prefix } = config.redis;
  const telemetry = (await startTracing(scope, config.tracing)) ? await createQueueTelemetry() : undefined;
  const metrics = createMetrics(scope.name);

  const db = scope.own(
    'postgres',
    createDatabase({
      ...config.database,
      metrics,
      logger,
      onIdleError: (error) => logger.warn({ err: error }, 'a connection to PostgreSQL was lost'),
    }),
    (one) => one.close(),
  );
  const { url: replicaUrl } = config.replica;
  const replica =
    replicaUrl === undefined
      ? undefined
      : scope.own(
          'replica of postgres',
          createReplica({
            url: replicaUrl,
            poolSize: config.database.poolSize,
            metrics,
            logger,
            onIdleError: (error) => logger.debug({ err: error }, 'a connection to the replica was lost'),
          }),
          (one) => one.close(),
        );
  // People wait: this one fails fast. The governor and the sockets have connections that may wait.
  const redis = scope.own('redis', createRedis(redisUrl, 'producer', logger), closeRedis);
  const governorRedis = scope.own(
    'redis of the governor',
    createRedis(redisUrl, 'general', logger),
    closeRedis,
  );
  const liveRedis = scope.own('redis of live events', createRedis(redisUrl, 'worker', logger), (one) =>
    one.disconnect(),
  );
  for (const [name, connection] of Object.entries({ redis, governor: governorRedis, live: liveRedis }))
    observeRedis(metrics, name, connection);
  await untilReady(redis, logger);
  const producer = scope.own(
    'producer',
    createProducer({ redisUrl, prefix, clock, logger, ...(telemetry && { telemetry }) }),
    (one) => one.close(),
  );
  observeQueueDepth(
    metrics,
    remembered(systemClock, LOOK_EVERY_MS, () => producer.counts()),
  );

  const health = createHealth({ stopping: scope.stopping });
  health.check('postgres', () => db.ping());
  health.check('migrations', () => requireMigrations(db));
  health.check('redis', () => redis.ping());
  health.check('queue', () => producer.ping());

  const governor = new Governor({
    redis: governorRedis,
    prefix,
    clock,
    apps: config.spotify.apps,
    dailyAllowance: config.spotify.dailyAllowance,
    windowLimit: config.spotify.windowLimit,
    metrics,
  });
  const box = createTokenBox(config.secrets.tokenKeys);
  const tokens = createCredentials({
    db,
    box,
    now: () => clock.now(),
  });
  const spotify = createSpotify({ ...config.spotify, tokens, governor, clock, logger, metrics });
  observeInstance(metrics, {
    db,
    redis: governorRedis,
    quota: () => governor.snapshot(),
    alerts: createAlertStore(governorRedis, prefix),
    clock,
    listeners: config.figures.listeners,
  });
  const sessions = new RedisSessionStore({ redis, prefix, lifeMs: SESSION_LIFE_MS });
  const limits = createRateLimits({
    redis,
    prefix,
    scale: config.instance.rateLimitScale,
    onRefused: observeRefusals(metrics),
  });
  const live = createLivePublisher({ redis, prefix, logger });
  const presence = new Presence({ redis, prefix, gatewayId: randomUUID(), logger });
  const { publicUrl } = config.web;
  const rooms = scope.own(
    'rooms',
    new Rooms({ db, live, producer, presence, clock, logger, publicUrl }),
    (one) => one.close(),
  );
  const roomDoor = createDoor({ db, limits });
  const sockets = createLiveServer({
    db,
    rooms,
    door: roomDoor,
    trustedProxies: config.web.trustProxy,
    redis: liveRedis,
    prefix,
    clock,
    logger,
    session: sessionMiddleware(config, sessions),
    origins: [config.web.publicUrl, ...config.web.corsOrigins],
  });
  observeSockets(metrics, () => sockets.count());
  const doctor = createDoctor({ config, db, health, clock });

  const context: GatewayContext = {
    config,
    version: VERSION,
    logger,
    clock,
    db,
    statisticsReads: createStatisticsReads({ primary: db.pool, replica, metrics, logger }),
    redis,
    producer,
    spotify,
    artworkCache: createArtworkCache(redis, prefix),
    health,
    metrics,
    sessions,
    limits,
    sockets,
    rooms,
    presence,
    roomDoor,
    live,
    inHand: new InHand(),
    doctor,
  };
  const { port: opsPort, host } = config.ops;
  const ops =
    opsPort === undefined
      ? undefined
      : scope.own('ops', await startOpsServer({ port: opsPort, host, health, metrics, logger }), (one) =>
          one.close(),
        );
  const http = createServer(createApp(context));
  // Longer than the idle time of proxies in front, so that they never send into a closing connection.
  http.keepAliveTimeout = 65_000;
  refuseUnreadable(http);
  sockets.attach(http);
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(config.web.port, config.web.host, resolve);
  });
  scope.own('http', http, () => stopServing(http, sockets, context.inHand));
  const { port } = http.address() as AddressInfo;
  // Nobody has to wait for it, and without it the first admin is shown.
  adoptOwner(
    { db, spotify, apps: config.spotify.apps, box, clock, logger },
    config.spotify.ownerRefreshToken,
  ).then(
    (userId) => userId !== null && logger.info({ userId }, 'MY_SPOTIFY_REFRESH_TOKEN names the owner'),
    (error: unknown) =>
      logger.warn({ err: error }, 'the owner could not be found out by MY_SPOTIFY_REFRESH_TOKEN'),
  );
  logger.info({ port, opsPort: ops?.port, url: config.web.publicUrl }, 'listening');
  return { port, context };
}

/** A connection that fails fast would refuse the first requests while it is still being made. */
async function untilReady(redis: Redis, logger: Logger): Promise<void> {
  if (redis.status === 'ready') return;
  try {
    await once(redis, 'ready', { signal: AbortSignal.timeout(REDIS_WAIT_MS) });
  } catch {
    // Not ready, and /readyz says so; the connection goes on trying.
    logger.warn('Redis does not answer yet; starting all the same');
  }
}

const REDIS_WAIT_MS = 5_000;

/**
 * Requests in hand are answered; connections that are idle, and those that take too long, are closed. What
 * was begun for somebody who has left meanwhile ends too: it works with what is closed after this.
 */
async function stopServing(
  http: ReturnType<typeof createServer>,
  sockets: { close(): Promise<void> },
  inHand: InHand,
): Promise<void> {
  const drained = new Promise<void>((resolve) => http.close(() => resolve()));
  await sockets.close();
  http.closeIdleConnections();
  const limit = setTimeout(() => http.closeAllConnections(), DRAIN_MS);
  await drained;
  clearTimeout(limit);
  await inHand.settled(DRAIN_MS);
}

const DRAIN_MS = 5_000;
