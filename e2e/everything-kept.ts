import { Redis } from 'ioredis';
import type pg from 'pg';

async function contentOf(redis: Redis, key: string): Promise<unknown> {
  switch (await redis.type(key)) {
    case 'string':
      return redis.get(key);
    case 'hash':
      return redis.hgetall(key);
    case 'list':
      return redis.lrange(key, 0, -1);
    case 'set':
      return redis.smembers(key);
    case 'zset':
      return redis.zrange(key, '0', '-1');
    case 'stream':
      return redis.xrange(key, '-', '+');
    default:
      return null;
  }
}

/** Everything that is in a Redis, one line a key: jobs, their failures, events, limits, caches, sessions. */
export async function redisContents(url: string): Promise<string[]> {
  const redis = new Redis(url);
  try {
    const lines: string[] = [];
    for await (const keys of redis.scanStream({ count: 500 })) {
      for (const key of keys as string[]) lines.push(`${key} ${JSON.stringify(await contentOf(redis, key))}`);
    }
    return lines;
  } finally {
    redis.disconnect();
  }
}

/** Every row of every table as text, as a dump would have it; bytes as hexadecimal digits. */
export async function databaseContents(pool: pg.Pool): Promise<string[]> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = 'public' AND c.relkind = 'r' ORDER BY 1`,
  );
  const lines: string[] = [];
  for (const { name } of tables) {
    const { rows } = await pool.query<{ row: string }>(`SELECT t::text AS row FROM "${name}" t`);
    lines.push(...rows.map(({ row }) => `${name} ${row}`));
  }
  return lines;
}
