import type { Logger } from '@spindle/service-kit';
import type { Redis } from 'ioredis';

/** Who has a room open is said again this often, real ms. */
export const RENEW_MS = 10_000;
/** What a gateway said holds for so long without being said again: one that died is forgotten by then. */
const HOLDS_MS = 30_000;
const MOST_AT_ONCE = 1_000;

/**
 * Who has which room open, on any gateway: a sorted set of each room, with an entry for each participant
 * and gateway, and the moment until which it holds. Presence is a courtesy: without Redis nobody is seen.
 */
export class Presence {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #gatewayId: string;
  readonly #logger: Logger;

  constructor(options: { redis: Redis; prefix: string; gatewayId: string; logger: Logger }) {
    this.#redis = options.redis;
    this.#prefix = options.prefix;
    this.#gatewayId = options.gatewayId;
    this.#logger = options.logger;
  }

  /** These have the room open here. */
  async note(code: string, participantIds: readonly number[]): Promise<void> {
    await this.#quietly(async () => {
      const until = Date.now() + HOLDS_MS;
      for (let from = 0; from < participantIds.length; from += MOST_AT_ONCE) {
        const entries = participantIds
          .slice(from, from + MOST_AT_ONCE)
          .flatMap((id) => [until, this.#entry(id)]);
        await this.#redis.zadd(this.#key(code), ...entries);
      }
      await this.#redis.pexpire(this.#key(code), 2 * HOLDS_MS);
    });
  }

  /** They do not have it open here any more. */
  async drop(code: string, participantIds: readonly number[]): Promise<void> {
    if (participantIds.length === 0) return;
    await this.#quietly(async () => {
      await this.#redis.zrem(this.#key(code), ...participantIds.map((id) => this.#entry(id)));
    });
  }

  /** Participants who have it open anywhere. */
  async present(code: string): Promise<Set<number>> {
    const entries =
      (await this.#quietly(() => this.#redis.zrangebyscore(this.#key(code), `(${Date.now()}`, '+inf'))) ?? [];
    return new Set(entries.map(participantIn));
  }

  /** Forgets what holds no longer. Answers whom this concerns. */
  async sweep(code: string): Promise<number[]> {
    const key = this.#key(code);
    const forgotten = await this.#quietly(async () => {
      const over = await this.#redis.zrangebyscore(key, '-inf', Date.now());
      if (over.length > 0) await this.#redis.zrem(key, ...over);
      return over;
    });
    return [...new Set((forgotten ?? []).map(participantIn))];
  }

  #key(code: string): string {
    return `${this.#prefix}:room:${code}:present`;
  }

  #entry(participantId: number): string {
    return `${participantId}@${this.#gatewayId}`;
  }

  async #quietly<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.#logger.warn({ err: error }, 'who has a room open could not be noted');
      return undefined;
    }
  }
}

const participantIn = (entry: string): number => Number(entry.split('@', 1)[0]);
