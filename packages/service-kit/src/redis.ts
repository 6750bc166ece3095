import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { Logger } from './logger.ts';
import { parseRedisAddress } from './redis-address.ts';

/**
 * `producer` answers a person: it fails fast when Redis is away.
 * `worker` has nothing better to do than to wait until Redis is back.
 * `general` waits for a short outage, then fails.
 */
export type RedisRole = 'producer' | 'worker' | 'general';

const RECONNECT_CAP_MS = 2_000;

/** What both ioredis and BullMQ take as options of a connection. */
export interface RedisRoleOptions {
  readonly retryStrategy: (times: number) => number;
  /** ms */
  readonly connectTimeout: number;
  /** ms until the first probe */
  readonly keepAlive: number;
  readonly enableOfflineQueue?: boolean;
  readonly maxRetriesPerRequest: number | null;
}

/** The connection options of a role, for libraries that open their own connections (BullMQ). */
export function redisOptions(role: RedisRole): RedisRoleOptions {
  const retryStrategy = (times: number) => Math.min(50 * 2 ** Math.min(times, 6), RECONNECT_CAP_MS);
  const shared = { retryStrategy, connectTimeout: 5_000, keepAlive: 10_000 };
  if (role === 'producer') return { ...shared, enableOfflineQueue: false, maxRetriesPerRequest: 1 };
  return { ...shared, maxRetriesPerRequest: role === 'worker' ? null : 5 };
}

/** A replica that was the master refuses writes: look for the new master, and say it there again. */
const reconnectOnError = (error: Error): false | 2 => (error.message.startsWith('READONLY') ? 2 : false);

/**
 * The options of a connection to one server or to the master that Sentinels know, the role's included.
 *
 * @throws RangeError when the address is that of a Cluster, which takes more than options.
 */
export function redisConnectionOptions(url: string, role: RedisRole): RedisOptions & RedisRoleOptions {
  const { kind, nodes, tls, username, password, db, family, masterName, sentinelPassword } =
    parseRedisAddress(url);
  if (kind === 'cluster') throw new RangeError('A Cluster is not connected to by options.');
  const shared = {
    ...redisOptions(role),
    reconnectOnError,
    db,
    ...(family && { family }),
    ...(username && { username }),
    ...(password && { password }),
    ...(tls && { tls: {} }),
  };
  if (kind === 'single') return { ...shared, ...nodes[0] };
  return {
    ...shared,
    sentinels: [...nodes],
    name: masterName ?? '',
    sentinelRetryStrategy: shared.retryStrategy,
    ...(sentinelPassword && { sentinelPassword }),
    ...(tls && { enableTLSForSentinelMode: true, sentinelTLS: {} }),
  };
}

/** Whether an address is that of a Cluster. */
export const isClusterAddress = (url: string): boolean => parseRedisAddress(url).kind === 'cluster';

/** How often a command looks for the slot's new master while a Cluster recovers: for some 15 s, unless a person waits. */
const CLUSTER_REDIRECTIONS = { producer: 16, general: 60, worker: 300 } as const;

function createCluster(url: string, role: RedisRole): Cluster {
  const { nodes, tls, username, password } = parseRedisAddress(url);
  const { retryStrategy, enableOfflineQueue, ...options } = redisOptions(role);
  return new Cluster([...nodes], {
    clusterRetryStrategy: retryStrategy,
    ...(enableOfflineQueue !== undefined && { enableOfflineQueue }),
    // While a dead master is still in the table of slots, the check fails and ioredis gives the connection up without
    // telling whoever waits for it: a worker of BullMQ would wait on and on. Commands look for their node themselves.
    enableReadyCheck: false,
    maxRedirections: CLUSTER_REDIRECTIONS[role],
    retryDelayOnFailover: 250,
    retryDelayOnClusterDown: 250,
    slotsRefreshTimeout: 2_000,
    redisOptions: {
      ...options,
      reconnectOnError,
      ...(username && { username }),
      ...(password && { password }),
      ...(tls && { tls: {} }),
    },
    // Certificates are for names; ioredis would connect to the addresses behind them.
    ...(tls && { dnsLookup: (host, done) => done(null, host) }),
  });
}

/**
 * Connects (and reconnects) in the background to whatever `REDIS_URL` names; the caller closes it with
 * `closeRedis`. A Cluster takes the same commands: every key of ours follows `QUEUE_PREFIX`, whose braces keep
 * them in one slot.
 */
export function createRedis(url: string, role: RedisRole, logger: Logger): Redis {
  const connection = isClusterAddress(url)
    ? (createCluster(url, role) as unknown as Redis)
    : new Redis(redisConnectionOptions(url, role));
  watchRedis(connection, logger, role);
  return connection;
}

/**
 * Logs the loss and the return of a connection, once each instead of once an attempt. Also keeps an
 * `error` event from ending the process.
 */
function watchRedis(connection: Redis, logger: Logger, name: string): void {
  let away = false;
  connection.on('error', (error) => {
    if (!away) logger.warn({ err: error, connection: name }, 'Redis is not reachable');
    away = true;
  });
  connection.on('ready', () => {
    if (away) logger.info({ connection: name }, 'Redis is back');
    away = false;
  });
}

/** Ends a connection: politely when Redis is there, at once when it is not. */
export async function closeRedis(connection: Redis): Promise<void> {
  if (connection.status === 'end') return;
  if (connection.status !== 'ready') {
    connection.disconnect();
    return;
  }
  try {
    await connection.quit();
  } catch {
    connection.disconnect();
  }
}
