import type { SpotifyApp } from '@spindle/service-kit';
import type { AxiosInstance } from 'axios';
import { z } from 'zod';
import { FALLBACK_RETRY_S, retryAfterSeconds } from './classify.ts';
import { BadResponse, RateLimited, ReauthRequired, SpotifyRefusal, UpstreamFailure } from './errors.ts';
import { send } from './http.ts';
import type { TokenGrant } from './token-store.ts';

/** A refresh token ends this many months after consent (developer.spotify.com/blog/2026-06-18-refresh-token-expiration). */
export const CONSENT_MONTHS = 6;

/** When a consent ends, by the calendar. */
export function consentEnds(authorizedAt: Date): Date {
  const end = new Date(authorizedAt);
  end.setUTCMonth(end.getUTCMonth() + CONSENT_MONTHS);
  return end;
}

const grantSchema = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive(),
  refresh_token: z.string().min(1).nullish(),
  scope: z.string().nullish(),
});

const errorSchema = z.object({ error: z.string(), error_description: z.string().nullish() });

export interface OAuthOptions {
  readonly http: AxiosInstance;
  readonly accountsUrl: string;
  /** Epoch ms. */
  readonly nowMs: () => number;
}

/** The token endpoint of accounts.spotify.com. */
export function createOAuth({ http, accountsUrl, nowMs }: OAuthOptions) {
  async function token(app: SpotifyApp, form: Record<string, string>): Promise<TokenGrant> {
    const answer = await send(http, {
      method: 'POST',
      url: `${accountsUrl}/api/token`,
      // A confidential client proves itself by Basic; a PKCE client only names itself.
      headers: app.clientSecret
        ? { authorization: `Basic ${Buffer.from(`${app.clientId}:${app.clientSecret}`).toString('base64')}` }
        : {},
      body: new URLSearchParams(app.clientSecret ? form : { ...form, client_id: app.clientId }),
    });
    const body: unknown = parseJson(answer.text);
    if (answer.status === 200) {
      const grant = grantSchema.safeParse(body);
      if (!grant.success) throw new BadResponse('the token endpoint answered without a token');
      return {
        accessToken: grant.data.access_token,
        expiresInS: grant.data.expires_in,
        refreshToken: grant.data.refresh_token ?? null,
        scope: grant.data.scope ?? '',
      };
    }
    if (answer.status === 429) {
      const seconds = retryAfterSeconds(answer.headers, nowMs()) ?? FALLBACK_RETRY_S;
      throw new RateLimited({ until: new Date(nowMs() + seconds * 1000) });
    }
    const problem = errorSchema.safeParse(body);
    if (answer.status < 500 && problem.success) {
      if (problem.data.error === 'invalid_grant') {
        throw new ReauthRequired({ description: problem.data.error_description ?? 'invalid_grant' });
      }
      if (problem.data.error === 'invalid_client') throw new SpotifyRefusal('bad_client', answer.status);
    }
    if (answer.status >= 500 || !problem.success) {
      throw new UpstreamFailure(`Spotify's token endpoint answered ${answer.status}`, answer.status);
    }
    throw new SpotifyRefusal('bad_request', answer.status, problem.data.error);
  }

  return {
    /** @throws ReauthRequired for a refused code (`invalid_grant`): used, expired, or of another client. */
    exchangeCode: (app: SpotifyApp, request: { code: string; redirectUri: string; codeVerifier?: string }) =>
      token(app, {
        grant_type: 'authorization_code',
        code: request.code,
        redirect_uri: request.redirectUri,
        ...(request.codeVerifier ? { code_verifier: request.codeVerifier } : {}),
      }),
    /** @throws ReauthRequired when the refresh token has expired or was revoked. */
    refresh: (app: SpotifyApp, refreshToken: string) =>
      token(app, { grant_type: 'refresh_token', refresh_token: refreshToken }),
    /** A token without a user; only proves that id and secret belong together. */
    clientCredentials: (app: SpotifyApp) => token(app, { grant_type: 'client_credentials' }),
  };
}
export type OAuth = ReturnType<typeof createOAuth>;

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
