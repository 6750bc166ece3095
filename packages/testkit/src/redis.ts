import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from './free-port.ts';
import { waitFor } from './wait-for.ts';

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Of the running server. */
  readonly pid: number;
  /** Ends the process at once, as a crash would, and starts it again on the same port with its data. */
  restart(): Promise<void>;
  /** Ends the process at once and leaves it away. */
  kill(): Promise<void>;
  /** Starts it again after `kill`. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface RedisOptions {
  /** Where the data lies; a folder of its own that is removed at the end unless told. */
  readonly dataDir?: string;
  readonly port?: number;
}

/** The first server of the Redis family on the PATH, or null. */
export function findRedisServer(): string | null {
  return (
    ['redis-server', 'valkey-server'].find(
      (name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0,
    ) ?? null
  );
}

/** A server process on a port and a folder, with an append-only file and no eviction, as production has it. */
export function spawnRedis(
  binary: string,
  port: number,
  folder: string,
  more: readonly string[] = [],
): ChildProcess {
  return spawn(
    binary,
    [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''],
      ...['--appendonly', 'yes', '--appendfsync', 'everysec', '--maxmemory-policy', 'noeviction', ...more],
    ],
    // A group of its own: Ctrl-C in the terminal reaches us, and we stop it after those who use it.
    { stdio: 'ignore', detached: true },
  );
}

export async function untilRedisAnswers(url: string): Promise<void> {
  const probe = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: null, retryStrategy: () => 50 });
  probe.on('error', () => {});
  try {
    await waitFor(async () => (await probe.ping()) === 'PONG', { what: 'Redis', timeoutMs: 10_000 });
  } finally {
    probe.disconnect();
  }
}

export function endProcess(child: ChildProcess | null, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  return new Promise((resolve) => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill(signal);
  });
}

/**
 * Starts a Redis server with an append-only file and no eviction, as production has it.
 *
 * @throws when there is none on the PATH or it does not answer.
 */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const binary = findRedisServer();
  if (!binary) throw new Error('There is no redis-server or valkey-server on the PATH.');
  const ownFolder =
    options.dataDir === undefined ? await mkdtemp(join(tmpdir(), 'spindle-redis-')) : undefined;
  const folder = options.dataDir ?? ownFolder ?? '';
  mkdirSync(folder, { recursive: true });
  const port = options.port ?? (await freePort());
  const url = `redis://127.0.0.1:${port}`;
  let child: ChildProcess | null = null;

  const start = async () => {
    child = spawnRedis(binary, port, folder);
    await untilRedisAnswers(url);
  };
  const end = (signal: 'SIGTERM' | 'SIGKILL') => endProcess(child, signal);

  await start();
  return {
    url,
    port,
    get pid() {
      return child?.pid ?? 0;
    },
    start,
    kill: () => end('SIGKILL'),
    async restart() {
      await end('SIGKILL');
      await start();
    },
    async stop() {
      await end('SIGTERM');
      if (ownFolder) rmSync(ownFolder, { recursive: true, force: true });
    },
  };
}
