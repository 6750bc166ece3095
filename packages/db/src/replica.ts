import type { Logger, Registry } from '@spindle/service-kit';
import pg from 'pg';
import type { Queryable } from './client.ts';
import { BEHIND_POOLER, namelessClient } from './statements/nameless-client.ts';
import { createStatementWatch } from './statements/statement-watch.ts';
import { watchedClient } from './statements/watched-client.ts';

/** A standby of PostgreSQL's, which is read from and nothing else. */
export interface Replica extends Queryable {
  close(): Promise<void>;
}

export interface ReplicaOptions {
  readonly url: string;
  /** Connections at most. */
  readonly poolSize: number;
  /** Called for errors of idle connections, which the pool heals by itself. */
  readonly onIdleError: (error: Error) => void;
  readonly metrics: Registry;
  readonly logger: Logger;
}

/** A connection to a standby takes no longer, ms: the primary is there, too. */
const CONNECT_MS = 2_000;
/** A statement that takes longer is lost, ms: the other end may have gone without a word. */
const STATEMENT_MS = 15_000;
const SLOW_MS = 1_000;

/** Connects at the first statement. An address that names a primary by mistake is only read from as well. */
export function createReplica(options: ReplicaOptions): Replica {
  const { url, metrics, logger } = options;
  const watch = createStatementWatch({ metrics, logger, slowMs: SLOW_MS });
  const isPooled = BEHIND_POOLER.test(url);
  const pool = new pg.Pool({
    Client: watchedClient(watch, isPooled ? namelessClient() : pg.Client),
    connectionString: url,
    max: options.poolSize,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: STATEMENT_MS,
    ...(!isPooled && { options: '-c TimeZone=UTC -c default_transaction_read_only=on' }),
  });
  // As in `createDatabase`: its end may come before whoever gets it can listen.
  pool.on('connect', (connection) => connection.on('error', () => {}));
  pool.on('error', options.onIdleError);
  return { query: pool.query.bind(pool), close: () => pool.end() };
}
