import { Redis } from 'ioredis';
import type { Logger } from './logger.ts';

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

/** Connects (and reconnects) in the background; the caller closes it with `closeRedis`. */
export function createRedis(url: string, role: RedisRole, logger: Logger): Redis {
  const connection = new Redis(url, redisOptions(role));
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
