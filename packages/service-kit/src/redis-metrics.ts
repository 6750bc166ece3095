import { Counter, Gauge, metricOnce, type Registry } from './metrics.ts';

/** As much of a connection of ioredis as is measured. */
interface WatchedConnection {
  readonly status: string;
  on(event: 'close', listener: () => void): unknown;
}

const connectionsOf = new WeakMap<Registry, Map<string, WatchedConnection>>();

/**
 * Measures whether a connection stands (at each scrape) and how often it was lost.
 *
 * @param name tells the connections of a process apart.
 */
export function observeRedis(registry: Registry, name: string, connection: WatchedConnection): void {
  const connections = connectionsOf.get(registry) ?? new Map<string, WatchedConnection>();
  connectionsOf.set(registry, connections.set(name, connection));
  metricOnce(
    registry,
    'spindle_redis_connected',
    () =>
      new Gauge({
        name: 'spindle_redis_connected',
        help: 'Whether a connection to Redis is ready (1) or not (0).',
        labelNames: ['connection'],
        registers: [registry],
        collect() {
          for (const [label, one] of connections)
            this.set({ connection: label }, Number(one.status === 'ready'));
        },
      }),
  );
  const lost = metricOnce(
    registry,
    'spindle_redis_disconnects_total',
    () =>
      new Counter({
        name: 'spindle_redis_disconnects_total',
        help: 'Connections to Redis that were lost, failed attempts to come back included.',
        labelNames: ['connection'],
        registers: [registry],
      }),
  );
  lost.inc({ connection: name }, 0);
  connection.on('close', () => lost.inc({ connection: name }));
}
