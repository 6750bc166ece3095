import { PrismaPg } from '@prisma/adapter-pg';
import type { Logger, Registry } from '@spindle/service-kit';
import pg from 'pg';
import { PrismaClient } from './generated/client.ts';
import { createMeasures, type Measures } from './measures.ts';
import { BEHIND_POOLER, namelessClient } from './statements/nameless-client.ts';
import { observePool } from './statements/pool-metrics.ts';
import { createStatementWatch } from './statements/statement-watch.ts';
import { watchedClient } from './statements/watched-client.ts';

/** A connection inside a transaction, for the raw statements of this package. */
export type Transaction = pg.PoolClient;
/** Anything that runs one raw statement. */
export type Queryable = Pick<pg.Pool, 'query'>;

export interface Database {
  /** Prisma, for what it says well. */
  readonly prisma: PrismaClient;
  /** The pool that Prisma uses too, for raw statements inside this package. */
  readonly pool: pg.Pool;
  /** Runs `work` in one transaction on one connection; rolls back on any error. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Counts what was stored, for the metrics. */
  readonly measures: Measures;
  /** Throws when PostgreSQL does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: string;
  /** Connections at most; 10 unless told. */
  readonly poolSize?: number;
  /** Called for errors of idle connections (server restarts), which the pool heals by itself. */
  readonly onIdleError?: (error: Error) => void;
  /** Statements and connections are measured there. */
  readonly metrics?: Registry;
  /** Told of slow statements. */
  readonly logger?: Logger;
  /** A statement that takes longer is slow, ms; 1 000 unless told. */
  readonly slowStatementMs?: number;
}

const SLOW_MS = 1_000;

export function createDatabase(options: DatabaseOptions): Database {
  const { metrics, logger } = options;
  const watch = createStatementWatch({
    ...(metrics && { metrics }),
    ...(logger && { logger }),
    slowMs: options.slowStatementMs ?? SLOW_MS,
  });
  const isPooled = BEHIND_POOLER.test(options.url);
  const pool = new pg.Pool({
    Client: watchedClient(watch, isPooled ? namelessClient() : pg.Client),
    connectionString: options.url,
    max: options.poolSize ?? 10,
    connectionTimeoutMillis: 10_000,
    // Sessions speak UTC, so that a cast never depends on the server's own zone. Behind a pooler the database says so.
    ...(!isPooled && { options: '-c TimeZone=UTC' }),
  });
  // Its end may arrive with the very bytes that hand a connection out, before whoever gets it can listen.
  pool.on('connect', (connection) => connection.on('error', () => {}));
  pool.on('error', (error) => options.onIdleError?.(error));
  if (metrics) observePool(metrics, pool);
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool, { disposeExternalPool: false }) });
  return {
    prisma,
    pool,
    measures: createMeasures(metrics),
    async transaction(work) {
      const connection = await pool.connect();
      let broken: Error | undefined;
      // One that is lost in our hands says so by an event, which would end the process if nobody heard it.
      const onLost = (error: Error) => {
        broken = error;
      };
      connection.on('error', onLost);
      try {
        await connection.query('BEGIN');
        const result = await work(connection);
        await connection.query('COMMIT');
        return result;
      } catch (error) {
        await connection.query('ROLLBACK').catch((failure: Error) => {
          broken = failure;
        });
        throw error;
      } finally {
        connection.off('error', onLost);
        connection.release(broken);
      }
    },
    async ping() {
      await pool.query('SELECT 1');
    },
    async close() {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}
