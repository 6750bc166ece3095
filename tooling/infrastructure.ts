import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { migrateDeploy } from '@spindle/prisma';
import {
  builtInPostgresUrl,
  canReach,
  freePort,
  type PostgresServer,
  type RedisServer,
  serverUser,
  startPostgres,
  startRedis,
} from '@spindle/testkit';
import pg from 'pg';
import { ROOT, STATE } from './project.ts';
import { say, step } from './step.ts';
import { ensureRedisServer } from './system-package.ts';

export interface Infrastructure {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** Folders of the built-in servers, for the person who looks for the data. */
  readonly dataFolders: readonly string[];
  /** Process ids of the built-in servers. */
  readonly pids: readonly { readonly pid: number; readonly word: string }[];
  stop(): Promise<void>;
}

/** Whether nothing listens on a port of 127.0.0.1. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** `wanted`, or the next free port above it. */
export async function portFrom(wanted: number): Promise<number> {
  for (let port = wanted; port < wanted + 50; port += 1) if (await isFree(port)) return port;
  return freePort();
}

/** The project's data folder, or a place outside when PostgreSQL's user cannot enter the project. */
function postgresFolder(): string {
  const inside = join(STATE, 'data', 'postgres');
  const user = serverUser();
  if (!user || canReach(inside, user)) return inside;
  const outside = `/var/lib/spindle-${createHash('sha256').update(ROOT).digest('hex').slice(0, 8)}`;
  say(`  (PostgreSQL runs as an ordinary user, who may not enter ${ROOT}: its data lies in ${outside})`);
  return join(outside, 'postgres');
}

async function databaseOf(server: PostgresServer): Promise<string> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  try {
    const known = await client.query("SELECT 1 FROM pg_database WHERE datname = 'spindle'");
    if (known.rowCount === 0) await client.query('CREATE DATABASE spindle');
  } finally {
    await client.end();
  }
  const url = new URL(server.url);
  url.pathname = '/spindle';
  return url.href;
}

/** The port of a PostgreSQL that runs on a folder, by the file that it keeps there while it does; else null. */
function runningPort(dataDir: string): number | null {
  const file = join(dataDir, 'postmaster.pid');
  if (!existsSync(file)) return null;
  const [pid, , , port] = readFileSync(file, 'utf8').split('\n').map(Number);
  try {
    process.kill(pid ?? 0, 0);
    return port || null;
  } catch {
    return null;
  }
}

/** Runs `work` with this checkout's database: the one of `DATABASE_URL`, the built-in one as it runs, or started for it. */
export async function withDatabase<T>(
  environment: NodeJS.ProcessEnv,
  work: (databaseUrl: string) => Promise<T>,
): Promise<T> {
  const given = environment.DATABASE_DIRECT_URL || environment.DATABASE_URL;
  if (given) return work(given);
  const dataDir = postgresFolder();
  const port = runningPort(dataDir);
  if (port !== null) return work(builtInPostgresUrl(port, 'spindle'));
  const server = await step('Starting PostgreSQL', () => startPostgres({ dataDir, durable: true }));
  try {
    return await work(await databaseOf(server));
  } finally {
    await server.stop();
  }
}

/** Where the built-in Redis keeps its data. */
export const REDIS_FOLDER = join(STATE, 'data', 'redis');

/**
 * PostgreSQL and Redis for this checkout, each built in unless `DATABASE_URL` or `REDIS_URL` names
 * one, and migrated.
 */
export async function startInfrastructure(environment: NodeJS.ProcessEnv): Promise<Infrastructure> {
  const dataFolders: string[] = [];
  const servers: (PostgresServer | RedisServer)[] = [];
  const pids: { pid: number; word: string }[] = [];
  let databaseUrl = environment.DATABASE_URL ?? '';
  let redisUrl = environment.REDIS_URL ?? '';
  const stop = async () => {
    for (const server of servers.reverse()) await server.stop();
  };
  try {
    if (databaseUrl === '') {
      const dataDir = postgresFolder();
      dataFolders.push(dataDir);
      const server = await step('Starting PostgreSQL', () => startPostgres({ dataDir, durable: true }));
      servers.push(server);
      pids.push({ pid: server.pid, word: 'postgres' });
      databaseUrl = await databaseOf(server);
    }
    if (redisUrl === '') {
      await ensureRedisServer();
      mkdirSync(REDIS_FOLDER, { recursive: true });
      dataFolders.push(REDIS_FOLDER);
      const server = await step('Starting Redis', () => startRedis({ dataDir: REDIS_FOLDER }));
      servers.push(server);
      pids.push({ pid: server.pid, word: String(server.port) });
      redisUrl = server.url;
    }
    await step('Bringing the database up to date', () =>
      migrateDeploy(environment.DATABASE_DIRECT_URL || databaseUrl),
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { databaseUrl, redisUrl, dataFolders, pids, stop };
}
