import {
  closeRedis,
  createRedis,
  isClusterAddress,
  type Logger,
  redisConnectionOptions,
} from '@spindle/service-kit';
import type { ConnectionOptions } from 'bullmq';

/** What BullMQ connects by, and how to let go of what it does not close by itself. */
export interface QueueConnection {
  readonly connection: ConnectionOptions;
  close(): Promise<void>;
}

/**
 * For workers and listeners, who have nothing better to do than to wait for Redis. BullMQ makes its connections
 * from options, and closes them; to a Cluster it wants one that stands, and closes only those made from it.
 */
export function queueConnection(redisUrl: string, logger: Logger): QueueConnection {
  if (!isClusterAddress(redisUrl))
    return { connection: redisConnectionOptions(redisUrl, 'worker'), close: async () => {} };
  const cluster = createRedis(redisUrl, 'worker', logger);
  // The queue, the worker and its blocking connection listen to it.
  cluster.setMaxListeners(100);
  return { connection: cluster, close: () => closeRedis(cluster) };
}
