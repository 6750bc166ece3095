import { Gauge, metricOnce, type Registry } from '@spindle/service-kit';
import type pg from 'pg';

/** Measures a pool of connections at each scrape; a process has one. */
export function observePool(metrics: Registry, pool: pg.Pool): void {
  metricOnce(
    metrics,
    'spindle_db_pool_connections',
    () =>
      new Gauge({
        name: 'spindle_db_pool_connections',
        help: 'Connections to PostgreSQL that this process holds, by whether they are in use.',
        labelNames: ['state'],
        registers: [metrics],
        collect() {
          this.set({ state: 'idle' }, pool.idleCount);
          this.set({ state: 'busy' }, pool.totalCount - pool.idleCount);
        },
      }),
  );
  metricOnce(
    metrics,
    'spindle_db_pool_limit',
    () =>
      new Gauge({
        name: 'spindle_db_pool_limit',
        help: 'Connections to PostgreSQL that this process may hold.',
        registers: [metrics],
        collect() {
          this.set(pool.options.max);
        },
      }),
  );
  metricOnce(
    metrics,
    'spindle_db_pool_waiting',
    () =>
      new Gauge({
        name: 'spindle_db_pool_waiting',
        help: 'Callers that wait for a connection to PostgreSQL.',
        registers: [metrics],
        collect() {
          this.set(pool.waitingCount);
        },
      }),
  );
}
