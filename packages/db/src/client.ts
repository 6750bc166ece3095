import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from './generated/client.ts';

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
}

export function createDatabase(options: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize ?? 10,
    connectionTimeoutMillis: 10_000,
    // Sessions speak UTC, so that a cast never depends on the server's own zone.
    options: '-c TimeZone=UTC',
  });
  pool.on('error', (error) => options.onIdleError?.(error));
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool, { disposeExternalPool: false }) });
  return {
    prisma,
    pool,
    async transaction(work) {
      const connection = await pool.connect();
      let broken: Error | undefined;
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
