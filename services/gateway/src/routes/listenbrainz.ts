import { type Listen, submitListens, validateToken } from '@spindle/contracts';
import { loadCaller, ScrobbleRefused, storeScrobbles } from '@spindle/db';
import { createLivePublisher, userRoom } from '@spindle/queues';
import { AppError, problems } from '@spindle/service-kit';
import type { Request, Response } from 'express';
import type { Authenticate } from '../auth/authenticate.ts';
import { ANONYMOUS, type Caller, listenerId } from '../caller.ts';
import type { GatewayContext } from '../context.ts';
import type { Mount } from '../mount.ts';

const OK = { status: 'ok' } as const;

function invalid(path: string, message: string) {
  return problems.validation(`${path} ${message}`, { errors: [{ path: `body.${path}`, message }] });
}

/** ListenBrainz holds `single` and `playing_now` to one listen, and a listen that goes on to no start. */
function checkNumber(type: 'single' | 'import' | 'playing_now', payload: readonly Listen[]): void {
  if (type === 'import') return;
  if (payload.length > 1) throw invalid('payload', `must hold one listen where listen_type is ${type}`);
  if (type === 'playing_now' && payload[0]?.listened_at !== undefined)
    throw invalid('payload.0.listened_at', 'must be absent where listen_type is playing_now');
}

/**
 * The endpoints that players submit to. Who sets another server's address in a player may set ours.
 *
 * What somebody plays at this moment (`playing_now`) is taken and not kept: the player shown here is the
 * one that Spotify tells, from which listens are measured too.
 */
export function mountListenBrainz(mount: Mount, context: GatewayContext, authenticate: Authenticate): void {
  const { db, clock, redis, logger, config } = context;
  const live = createLivePublisher({ redis, prefix: config.redis.prefix, logger });

  mount.route(submitListens, async ({ body }, { caller }) => {
    const userId = listenerId(caller);
    const { listen_type: type, payload } = body;
    checkNumber(type, payload);
    if (type === 'playing_now') return OK;
    try {
      const { stored } = await storeScrobbles(db, userId, payload, clock.now());
      if (stored > 0) await live.publish('plays-added', [userRoom(userId)], { count: stored });
    } catch (error) {
      if (!(error instanceof ScrobbleRefused)) throw error;
      throw invalid(`payload.${error.index}.${error.field}`, error.message);
    }
    return OK;
  });

  /** Who calls; nobody where the credential is wrong. */
  async function callerOf(request: Request, response: Response): Promise<Caller> {
    try {
      return await authenticate(request, response);
    } catch (error) {
      if (error instanceof AppError && error.status === 401) return ANONYMOUS;
      throw error;
    }
  }

  mount.route(validateToken, async (_input, { request, response }) => {
    // A token in the address would end up in logs, so the header is the only place.
    if (request.headers.authorization === undefined)
      throw problems.validation('Present the token in the header: "Authorization: Token <personal token>".');
    response.setHeader('cache-control', 'no-store');
    const caller = await callerOf(request, response);
    const answer = (message: string, handle?: string) => ({
      code: 200 as const,
      message,
      valid: handle !== undefined,
      ...(handle !== undefined && { user_name: handle }),
    });
    if (caller.kind !== 'user' || caller.via !== 'api-token') return answer('Token invalid.');
    if (!caller.scopes.includes('scrobble')) return answer('The token lacks the scope "scrobble".');
    const user = await loadCaller(db, caller.userId);
    return user ? answer('Token valid.', user.handle) : answer('Token invalid.');
  });
}
