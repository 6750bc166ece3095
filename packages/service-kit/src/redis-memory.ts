export interface RedisMemory {
  readonly usedBytes: number;
  /** 0: no limit. */
  readonly limitBytes: number;
}

/** How much memory a Redis server uses, by its own account. */
export async function readRedisMemory(redis: {
  info(section: string): Promise<string>;
}): Promise<RedisMemory> {
  const text = await redis.info('memory');
  const field = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(text)?.[1] ?? 0);
  return { usedBytes: field('used_memory'), limitBytes: field('maxmemory') };
}
