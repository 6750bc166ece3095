import type { Clock, Logger, Registry, SpotifyApp } from '@spindle/service-kit';
import type { AxiosInstance } from 'axios';
import type { z } from 'zod';
import { createCallWatch } from './call-watch.ts';
import { classify } from './classify.ts';
import { endpoints } from './endpoints.ts';
import { BadResponse, SpotifyRefusal, TokenExpired } from './errors.ts';
import { bucketOf } from './governor/buckets.ts';
import type { Governor } from './governor/governor.ts';
import type { Lane } from './governor/lanes.ts';
import { createHttp, type HttpAnswer, type HttpCall, send } from './http.ts';
import { createOAuth, parseJson } from './oauth.ts';
import type { TokenStore } from './token-store.ts';

export interface SpotifyOptions {
  readonly apps: readonly SpotifyApp[];
  readonly accountsUrl: string;
  readonly apiUrl: string;
  readonly tokens: TokenStore;
  readonly governor: Governor;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Calls are measured there. */
  readonly metrics?: Registry;
  readonly http?: AxiosInstance;
}

export interface CallerOptions {
  readonly lane: Lane;
  readonly signal?: AbortSignal;
}

export interface ApiCall<S extends z.ZodType> extends Pick<HttpCall, 'method' | 'query' | 'body'> {
  /** `/v1/…` */
  readonly path: string;
  /** Shape of a success with a body; without it the body is not even read as JSON. */
  readonly schema?: S;
}

/** Performs one call for somebody. Null: a success without a body (204). */
export type Perform = <S extends z.ZodType>(call: ApiCall<S>) => Promise<z.output<S> | null>;

/** A token is renewed this long before it ends, so that it does not end under way. */
const RENEW_BEFORE_MS = 60_000;
/** Refusals that concern the person's connection and are shown on their page. */
const NOTED = new Set(['not_allow_listed', 'owner_not_premium', 'missing_scope']);

/**
 * The Web API for the users of this instance. Every call asks the governor first, carries a valid token,
 * reports its outcome, and is checked against the wire schema. Errors are those of `errors.ts`.
 */
export function createSpotify(options: SpotifyOptions) {
  const { tokens, governor, clock, apiUrl, logger, metrics } = options;
  const watch = createCallWatch({ logger, ...(metrics && { metrics }) });
  const http = options.http ?? createHttp();
  const oauth = createOAuth({ http, accountsUrl: options.accountsUrl, nowMs: () => clock.nowMs() });

  function appOf(appId: string): SpotifyApp {
    const app = options.apps.find((one) => one.id === appId);
    // The person consented to an app that the operator has since taken away.
    if (!app) throw new SpotifyRefusal('bad_client', 0, `app ${appId} is not configured`);
    return app;
  }

  async function refresh(userId: number, stale: string) {
    return tokens.refresh(userId, stale, async (refreshToken, appId) => {
      const grant = await governor.acquire({ appId, bucket: 'accounts', lane: 'sign-in', userId });
      try {
        const call = { method: 'POST', path: '/api/token', bucket: 'accounts', lane: 'sign-in' } as const;
        const granted = await watch(call, () => oauth.refresh(appOf(appId), refreshToken));
        await governor.report(grant, {});
        return granted;
      } catch (error) {
        throw await governor.report(grant, { error });
      }
    });
  }

  async function once(
    request: { appId: string; accessToken: string; userId?: number },
    call: ApiCall<z.ZodType>,
    caller: CallerOptions,
  ): Promise<HttpAnswer> {
    const bucket = bucketOf(call.path);
    const grant = await governor.acquire({
      appId: request.appId,
      bucket,
      lane: caller.lane,
      ...(request.userId === undefined ? {} : { userId: request.userId }),
    });
    let failure: unknown;
    try {
      const { method, path } = call;
      const answer = await watch(
        { method, path, bucket, lane: caller.lane },
        () =>
          send(http, {
            method,
            url: `${apiUrl}${path}`,
            headers: { authorization: `Bearer ${request.accessToken}` },
            ...(call.query ? { query: call.query } : {}),
            ...(call.body ? { body: call.body } : {}),
            ...(caller.signal ? { signal: caller.signal } : {}),
          }),
        ({ status }) => status,
      );
      if (answer.status < 300) {
        await governor.report(grant, {});
        return answer;
      }
      failure = classify({ path: call.path, ...answer, bucket, nowMs: clock.nowMs() });
    } catch (error) {
      failure = error;
    }
    throw await governor.report(grant, { error: failure });
  }

  function read<S extends z.ZodType>(call: ApiCall<S>, answer: HttpAnswer): z.output<S> | null {
    if (!call.schema || answer.status === 204 || answer.text.trim() === '') return null;
    const parsed = call.schema.safeParse(parseJson(answer.text));
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw new BadResponse(
      `${call.method} ${call.path}: ${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'not JSON'}`,
    );
  }

  return {
    oauth,
    governor,
    /** The API on behalf of a user. */
    as(userId: number, caller: CallerOptions) {
      const perform: Perform = async (call) => {
        let token = await tokens.current(userId);
        if (token.expiresAt.getTime() - clock.nowMs() < RENEW_BEFORE_MS)
          token = await refresh(userId, token.accessToken);
        try {
          try {
            return read(call, await once({ ...token, userId }, call, caller));
          } catch (error) {
            if (!(error instanceof TokenExpired)) throw error;
            token = await refresh(userId, token.accessToken);
            return read(call, await once({ ...token, userId }, call, caller));
          }
        } catch (error) {
          if (error instanceof SpotifyRefusal && NOTED.has(error.code))
            await tokens.noteRefusal(userId, error.code);
          throw error;
        }
      };
      return endpoints(perform);
    },
    /** The API with a token that is not stored (yet): whose it is, at sign-in. */
    withToken(appId: string, accessToken: string, caller: CallerOptions) {
      const perform: Perform = async (call) => read(call, await once({ appId, accessToken }, call, caller));
      return endpoints(perform);
    },
  };
}
export type Spotify = ReturnType<typeof createSpotify>;
export type SpotifyCaller = ReturnType<Spotify['as']>;
