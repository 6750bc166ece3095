import type { RateLimitClass } from '@spindle/contracts';
import { problems } from '@spindle/service-kit';
import type { Request, Response } from 'express';
import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';

interface Limit {
  readonly points: number;
  /** Seconds. */
  readonly duration: number;
}

/** Limits beside those of the contracts. */
type OwnLimit = 'address' | 'wrong-code' | 'party' | 'party-search';
export type LimitName = Exclude<RateLimitClass, 'probe'> | OwnLimit;

/** Requests that one caller (or, signed out, one address) may make. */
const LIMITS: Readonly<Record<LimitName, Limit>> = {
  read: { points: 300, duration: 60 },
  write: { points: 60, duration: 60 },
  enqueue: { points: 30, duration: 60 },
  'sign-in': { points: 20, duration: 60 },
  upload: { points: 20, duration: 600 },
  public: { points: 120, duration: 60 },
  room: { points: 120, duration: 60 },
  'room-search': { points: 20, duration: 60 },
  /** At the doors of rooms, from one address: a whole party may come at once. */
  'room-code': { points: 300, duration: 60 },
  /** Codes of no room, from one address. */
  'wrong-code': { points: 20, duration: 60 },
  /** All guests of one room together: a thousand who vote every two seconds. */
  party: { points: 30_000, duration: 60 },
  'party-search': { points: 200, duration: 3_600 },
  /** All requests of one address together, whoever sends them. */
  address: { points: 1_200, duration: 60 },
};

export interface RateLimits {
  /** Counts a request of an address. @throws AppError 429 */
  address(request: Request, response: Response): Promise<void>;
  /** Counts a request of a caller, or of the address of nobody. @throws AppError 429 */
  caller(name: Exclude<RateLimitClass, 'probe'>, key: string, response: Response): Promise<void>;
  /** Counts something; the headers of an answer tell how much is left, if there is one. @throws AppError 429 */
  count(name: LimitName, key: string, response?: Response): Promise<void>;
  /** Throws as `count` would, and counts nothing. @throws AppError 429 */
  check(name: LimitName, key: string): Promise<void>;
}

const tooMany = (state: RateLimiterRes) =>
  problems.tooManyRequests('Too many requests in a short time. Wait a moment and try again.', {
    retryAfterMs: state.msBeforeNext,
  });

function headers(response: Response, name: string, limit: Limit, state: RateLimiterRes): void {
  response.setHeader('ratelimit-limit', String(limit.points));
  response.setHeader('ratelimit-remaining', String(Math.max(0, state.remainingPoints)));
  response.setHeader('ratelimit-reset', String(Math.ceil(state.msBeforeNext / 1_000)));
  response.setHeader('ratelimit-policy', `"${name}";q=${limit.points};w=${limit.duration}`);
}

/**
 * Limits counted in Redis, for all gateways together. Without Redis each gateway counts by itself, so
 * that an outage neither locks everybody out nor lets everything in.
 *
 * @param scale multiplies all limits; 0 switches them off.
 */
export function createRateLimits(options: {
  redis: Redis;
  prefix: string;
  scale: number;
  /** Told of every refusal. */
  onRefused?: (name: LimitName) => void;
}): RateLimits {
  if (options.scale === 0) {
    return { address: async () => {}, caller: async () => {}, count: async () => {}, check: async () => {} };
  }
  const limiters = new Map(
    Object.entries(LIMITS).map(([name, one]) => {
      const limit = { ...one, points: Math.max(1, Math.round(one.points * options.scale)) };
      const limiter = new RateLimiterRedis({
        storeClient: options.redis,
        keyPrefix: `${options.prefix}:limit:${name}`,
        ...limit,
        // An address far over its limit is refused without asking Redis again.
        inMemoryBlockOnConsumed: limit.points * 2,
        insuranceLimiter: new RateLimiterMemory(limit),
        rejectIfRedisNotReady: true,
      });
      return [name, { limit, limiter }];
    }),
  );

  function limiterOf(name: LimitName) {
    const one = limiters.get(name);
    if (!one) throw new Error(`there is no limit "${name}"`);
    return one;
  }

  async function count(name: LimitName, key: string, response?: Response): Promise<void> {
    const { limit, limiter } = limiterOf(name);
    try {
      const state = await limiter.consume(key);
      if (response) headers(response, name, limit, state);
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      options.onRefused?.(name);
      if (response) headers(response, name, limit, refused);
      throw tooMany(refused);
    }
  }

  return {
    address: (request, response) => count('address', request.ip ?? 'unknown', response),
    caller: count,
    count,
    async check(name, key) {
      const { limit, limiter } = limiterOf(name);
      // Without Redis there is nothing to look up; what is counted is counted here.
      const state = await limiter.get(key).catch(() => null);
      if (!state || state.consumedPoints < limit.points) return;
      options.onRefused?.(name);
      throw tooMany(state);
    },
  };
}
