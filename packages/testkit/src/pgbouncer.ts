import { spawn, spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from './free-port.ts';
import { serverUser } from './postgres-binaries.ts';
import { waitFor } from './wait-for.ts';

export interface PgBouncer {
  readonly port: number;
  stop(): Promise<void>;
}

// Debian puts it where only root looks.
const CANDIDATES = ['pgbouncer', '/usr/sbin/pgbouncer'];

const binary = () =>
  CANDIDATES.find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0) ?? null;

export const findPgBouncer = (): boolean => binary() !== null;

/**
 * Starts PgBouncer in transaction mode before a server of {@link startPostgres}, for any of its databases, with
 * few connections, so that neighbours really share them.
 *
 * @throws when there is none.
 */
export async function startPgBouncer(serverUrl: string, connections = 3): Promise<PgBouncer> {
  const program = binary();
  if (!program) throw new Error('There is no pgbouncer.');
  const { port: serverPort, username, password } = new URL(serverUrl);
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'spindle-pgbouncer-'));
  const file = join(folder, 'pgbouncer.ini');
  writeFileSync(
    file,
    `[databases]
* = host=127.0.0.1 port=${serverPort} user=${username} password=${password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${connections}
max_client_conn = 200
`,
  );
  const user = serverUser();
  if (user) for (const path of [folder, file]) chownSync(path, user.uid, user.gid);
  // As PostgreSQL, it refuses to be root.
  const child = spawn(program, ['-q', file], {
    stdio: 'ignore',
    ...(user && { uid: user.uid, gid: user.gid }),
  });
  const stop = async () => {
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGTERM')) await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await waitFor(
      async () => {
        const client = new pg.Client({ host: '127.0.0.1', port, user: username, database: 'postgres' });
        await client.connect();
        await client.end();
        return true;
      },
      { what: 'PgBouncer', timeoutMs: 10_000 },
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, stop };
}
