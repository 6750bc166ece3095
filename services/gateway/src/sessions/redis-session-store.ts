import { problems } from '@spindle/service-kit';
import { type SessionData, Store } from 'express-session';
import type { Redis } from 'ioredis';

declare module 'express-session' {
  interface SessionData {
    /** Who is signed in. */
    userId?: number;
    /** Real time, epoch ms: then it ends, however much it is used. */
    until?: number;
    /** Who was, until an admin shut their account. */
    disabledUserId?: number;
    /** Somebody who is no listener, and may do what admins do. */
    operator?: {
      /** How they signed in, and who they are. */
      name: string;
      /** Real time, epoch ms. */
      until: number;
    };
  }
}

export interface RedisSessionStoreOptions {
  readonly redis: Redis;
  /** Start of all keys. */
  readonly prefix: string;
  /** How long a session lives after its last use, in ms. */
  readonly lifeMs: number;
}

function away(cause: unknown): Error {
  return problems.unavailable('Sign-ins cannot be looked up right now. Try again in a moment.', {
    code: 'sessions-unavailable',
    retryAfterMs: 5_000,
    cause,
  });
}

const alive = (session: SessionData): SessionData | null =>
  session.until !== undefined && session.until <= Date.now() ? null : session;

/**
 * Sessions of express-session in Redis: one key a session, renewed at each use, and a set of the
 * sessions of each user, so that all of them can be ended at once.
 */
export class RedisSessionStore extends Store {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #lifeMs: number;

  constructor(options: RedisSessionStoreOptions) {
    super();
    this.#redis = options.redis;
    this.#prefix = options.prefix;
    this.#lifeMs = options.lifeMs;
  }

  override get(sid: string, done: (error: unknown, session?: SessionData | null) => void): void {
    this.#redis.get(this.#key(sid)).then(
      (text) => done(null, text === null ? null : alive(JSON.parse(text) as SessionData)),
      (error) => done(away(error)),
    );
  }

  override set(sid: string, session: SessionData, done?: (error?: unknown) => void): void {
    const writing = this.#redis.multi().set(this.#key(sid), JSON.stringify(session), 'PX', this.#lifeMs);
    if (session.userId !== undefined) {
      const index = this.#indexKey(session.userId);
      writing.sadd(index, sid).pexpire(index, this.#lifeMs);
    }
    writing.exec().then(
      () => done?.(),
      (error) => done?.(away(error)),
    );
  }

  override touch(sid: string, session: SessionData, done?: (error?: unknown) => void): void {
    const renewing = this.#redis.multi().pexpire(this.#key(sid), this.#lifeMs);
    if (session.userId !== undefined) renewing.pexpire(this.#indexKey(session.userId), this.#lifeMs);
    renewing.exec().then(
      () => done?.(),
      (error) => done?.(away(error)),
    );
  }

  override destroy(sid: string, done?: (error?: unknown) => void): void {
    this.#redis.del(this.#key(sid)).then(
      () => done?.(),
      (error) => done?.(away(error)),
    );
  }

  /** Ends every session of a user, on all devices. */
  async endAll(userId: number): Promise<void> {
    const index = this.#indexKey(userId);
    const sids = await this.#redis.smembers(index);
    for (const sid of sids) await this.#redis.del(this.#key(sid));
    await this.#redis.del(index);
  }

  /** As `endAll`, but what is left of each session remembers why it ended. */
  async shutAll(userId: number): Promise<void> {
    const index = this.#indexKey(userId);
    for (const sid of await this.#redis.smembers(index)) {
      const key = this.#key(sid);
      const text = await this.#redis.get(key);
      if (text === null) continue;
      const { cookie } = JSON.parse(text) as SessionData;
      const rest: SessionData = { cookie, disabledUserId: userId };
      await this.#redis.set(key, JSON.stringify(rest), 'PX', this.#lifeMs, 'XX');
    }
    await this.#redis.del(index);
  }

  #key(sid: string): string {
    return `${this.#prefix}:session:${sid}`;
  }

  #indexKey(userId: number): string {
    return `${this.#prefix}:sessions-of:${userId}`;
  }
}
