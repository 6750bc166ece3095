import { createHash } from 'node:crypto';
import type { RouteContract, RouteInput, RouteOutput } from '@spindle/contracts';
import { InvalidRange, type Listener, loadListener, localDay, type Queryable } from '@spindle/db';
import { problems } from '@spindle/service-kit';
import { LRUCache } from 'lru-cache';
import type { z } from 'zod';
import { listenerId } from './caller.ts';
import type { GatewayContext } from './context.ts';
import type { Call, Mount } from './mount.ts';

/** Answers kept at most, bytes. */
const KEPT_BYTES = 32_000_000;
/** Names and artwork in an answer may be this old, ms; figures never are. */
const CATALOGUE_AGE_MS = 10 * 60_000;

type Contract<P extends z.ZodType, Q extends z.ZodType, O extends z.ZodType> = RouteContract<
  P,
  Q,
  z.ZodUndefined,
  O
>;

/** Mounts endpoints that read one listener's statistics, each from the `db` that it is given. */
export interface StatisticsMount {
  /** Of the caller. */
  mine<P extends z.ZodType, Q extends z.ZodType, O extends z.ZodType>(
    contract: Contract<P, Q, O>,
    make: (
      input: RouteInput<Contract<P, Q, O>>,
      listener: Listener,
      now: Date,
      db: Queryable,
    ) => Promise<RouteOutput<Contract<P, Q, O>>>,
    /** For answers that change with the time of day: after so many ms they are made anew. */
    options?: { readonly goodForMs?: number },
  ): void;
  /** A picture of the caller's, as text. */
  picture<P extends z.ZodType, Q extends z.ZodType>(
    contract: Contract<P, Q, z.ZodUndefined>,
    make: (
      input: RouteInput<Contract<P, Q, z.ZodUndefined>>,
      listener: Listener,
      now: Date,
      db: Queryable,
    ) => Promise<string>,
  ): void;
  /** Of the caller and of another listener, whom `find` names: the caller again, perhaps. */
  pair<P extends z.ZodType, Q extends z.ZodType, O extends z.ZodType>(
    contract: Contract<P, Q, O>,
    find: (input: RouteInput<Contract<P, Q, O>>, me: Listener) => Promise<Listener>,
    make: (
      input: RouteInput<Contract<P, Q, O>>,
      listeners: { readonly me: Listener; readonly other: Listener },
      now: Date,
      db: Queryable,
    ) => Promise<RouteOutput<Contract<P, Q, O>>>,
  ): void;
  /** Of whomever `find` names. */
  of<P extends z.ZodType, Q extends z.ZodType, O extends z.ZodType>(
    contract: Contract<P, Q, O>,
    find: (input: RouteInput<Contract<P, Q, O>>, now: Date) => Promise<number>,
    make: (
      input: RouteInput<Contract<P, Q, O>>,
      listener: Listener,
      now: Date,
      db: Queryable,
    ) => Promise<RouteOutput<Contract<P, Q, O>>>,
  ): void;
}

/**
 * Answers are made once for each state of a history and kept in memory: `history_states.version` grows
 * with every change, so a kept answer is never behind. The same stands in the ETag, and a browser that
 * has the answer hears 304.
 */
export function createStatisticsMount(mount: Mount, context: GatewayContext): StatisticsMount {
  const { db, statisticsReads, clock, config } = context;
  const strict = config.base.environment !== 'production';
  const kept = new LRUCache<string, string>({
    maxSize: KEPT_BYTES,
    sizeCalculation: (body, key) => body.length + key.length,
  });
  const inTheMaking = new Map<string, Promise<string>>();

  function stateOf(listeners: readonly Listener[], call: Call, now: Date, goodForMs: number): string {
    return createHash('sha256')
      .update(
        JSON.stringify([
          listeners.map((listener) => [
            listener.userId,
            listener.version,
            listener.timeZone,
            listener.minPlayMs,
            listener.recounting,
            localDay(now, listener.timeZone),
          ]),
          Math.floor(now.getTime() / goodForMs),
          call.request.originalUrl,
        ]),
      )
      .digest('base64url')
      .slice(0, 27);
  }

  /** One making for all who ask for the same at the same time. */
  async function once(key: string, make: () => Promise<string>): Promise<string> {
    const known = kept.get(key) ?? inTheMaking.get(key);
    if (known !== undefined) return known;
    const making = make();
    inTheMaking.set(key, making);
    try {
      const body = await making;
      kept.set(key, body);
      return body;
    } finally {
      inTheMaking.delete(key);
    }
  }

  async function listenerOf(userId: number): Promise<Listener> {
    const listener = await loadListener(db.pool, userId);
    if (!listener) throw problems.notFound('There is no such user any more.');
    return listener;
  }

  async function answer(
    call: Call,
    to: {
      readonly userId: number;
      readonly isPublic: boolean;
      readonly type: string;
      readonly goodForMs?: number;
    },
    make: (listener: Listener, now: Date, db: Queryable) => Promise<string>,
  ): Promise<void> {
    const now = clock.now();
    const listener = await listenerOf(to.userId);
    await send(call, { ...to, about: [listener], now }, (reads) => make(listener, now, reads));
  }

  async function send(
    call: Call,
    to: {
      readonly about: readonly Listener[];
      readonly now: Date;
      readonly isPublic: boolean;
      readonly type: string;
      readonly goodForMs?: number;
    },
    make: (db: Queryable) => Promise<string>,
  ): Promise<void> {
    const state = stateOf(to.about, call, to.now, to.goodForMs ?? CATALOGUE_AGE_MS);
    const { request, response } = call;
    response.setHeader('etag', `W/"${state}"`);
    response.setHeader('cache-control', to.isPublic ? 'no-cache' : 'private, no-cache');
    if (holds(request.get('if-none-match'), state)) {
      response.status(304).end();
      return;
    }
    try {
      response.type(to.type).send(await once(state, () => statisticsReads.read(to.about, make)));
    } catch (error) {
      response.removeHeader('etag');
      throw error instanceof InvalidRange ? invalidRange(error) : error;
    }
  }

  return {
    mine(contract, make, options = {}) {
      mount.raw(contract, (input, call) =>
        answer(call, { ...own(call, 'json'), ...options }, async (listener, now, reads) =>
          bodyOf(contract, await make(input, listener, now, reads)),
        ),
      );
    },
    pair(contract, find, make) {
      mount.raw(contract, async (input, call) => {
        const now = clock.now();
        const { userId, ...shape } = own(call, 'json');
        const me = await listenerOf(userId);
        const other = await find(input, me);
        await send(call, { ...shape, about: [me, other], now }, async (reads) =>
          bodyOf(contract, await make(input, { me, other }, now, reads)),
        );
      });
    },
    of(contract, find, make) {
      mount.raw(contract, async (input, call) =>
        answer(
          call,
          { userId: await find(input, clock.now()), isPublic: true, type: 'json' },
          async (listener, now, reads) => bodyOf(contract, await make(input, listener, now, reads)),
        ),
      );
    },
    picture(contract, make) {
      mount.raw(contract, (input, call) =>
        answer(call, own(call, contract.produces ?? 'text'), (listener, now, reads) =>
          make(input, listener, now, reads),
        ),
      );
    },
  };

  function own(call: Call, type: string) {
    return { userId: listenerId(call.caller), isPublic: false, type };
  }

  function bodyOf(contract: { readonly response?: z.ZodType }, result: unknown): string {
    // Outside production an answer that breaks its promise is found here, not by a client.
    return JSON.stringify(strict && contract.response ? contract.response.parse(result) : result);
  }
}

/**
 * Whether a caller's If-None-Match names the state (RFC 9110, 13.1.2). Express's `request.fresh` would say
 * no to every `fetch`, which adds `Cache-Control: no-cache` to a conditional request of its caller's.
 */
export function holds(ifNoneMatch: string | undefined, state: string): boolean {
  return ifNoneMatch?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === `"${state}"`) ?? false;
}

/** A range that cannot be, as the problem that names the part of the query. */
export function invalidRange(error: InvalidRange, field: string = error.field): Error {
  return problems.validation('The period is not one that can be shown.', {
    errors: [{ path: `query.${field}`, message: error.message }],
  });
}
