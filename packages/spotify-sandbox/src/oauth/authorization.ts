import { createHash } from 'node:crypto';
import type { DeveloperApp } from '../apps/developer-apps.ts';
import type { SandboxClock } from '../clock.ts';
import { randomFor } from '../seeded-random.ts';
import { OAuthError } from './oauth-error.ts';
import { SignedTokens, type TokenClaims } from './signed-tokens.ts';

const CODE_LIFE_MS = 10 * 60_000;
const REFRESH_LIFE_MONTHS = 6;

/** What the consent page was asked for. */
export interface ConsentRequest {
  app: DeveloperApp;
  personId: string;
  redirectUri: string;
  scopes: string[];
  codeChallenge: string | null;
}

/** An agreement between a person and an app. Times: ms since the epoch. */
export interface Consent {
  clientId: string;
  personId: string;
  scopes: string[];
  consentedAtMs: number;
  revokedAtMs: number | null;
}

export interface TokenReply {
  access_token: string;
  token_type: 'Bearer';
  /** Seconds. */
  expires_in: number;
  refresh_token?: string;
  scope?: string;
}

export type TokenState = 'valid' | 'expired' | 'invalid';

interface PendingCode extends ConsentRequest {
  issuedAtMs: number;
  used: boolean;
}

/** Codes, consents and tokens: everything behind `/authorize` and `/api/token`. */
export class Authorization {
  private readonly seed: string;
  private readonly clock: SandboxClock;
  private readonly rules: { accessTokenMs: number; refreshTokens: 'keep' | 'repeat' | 'rotate' };
  private readonly tokens: SignedTokens;
  private readonly codes = new Map<string, PendingCode>();
  private readonly consents = new Map<string, Consent>();
  /** Refresh tokens that a rotation has ended. */
  private readonly ended = new Set<string>();
  /** By consent, the number of the last token that a revocation has ended. */
  private readonly revokedSerial = new Map<string, number>();
  private serial = 0;

  constructor(
    seed: string,
    clock: SandboxClock,
    rules: { accessTokenMs: number; refreshTokens: 'keep' | 'repeat' | 'rotate' },
  ) {
    this.seed = seed;
    this.clock = clock;
    this.rules = rules;
    this.tokens = new SignedTokens(seed);
  }

  /** The person agrees; returns the code. A new consent covers all scopes ever granted to the app. */
  approve(request: ConsentRequest): string {
    const nowMs = this.clock.nowMs();
    const key = consentKey(request.app.clientId, request.personId);
    const before = this.consents.get(key);
    const scopes = [...new Set([...(before?.scopes ?? []), ...request.scopes])];
    this.consents.set(key, {
      clientId: request.app.clientId,
      personId: request.personId,
      scopes,
      consentedAtMs: nowMs,
      revokedAtMs: before?.revokedAtMs ?? null,
    });
    this.serial += 1;
    const code = `AQ${randomFor(this.seed, 'code', this.serial, nowMs, request.personId).hex(128)}`;
    this.codes.set(code, { ...request, scopes, issuedAtMs: nowMs, used: false });
    return code;
  }

  /** @throws OAuthError in Spotify's words. */
  exchangeCode(
    app: DeveloperApp,
    given: { code: string; redirectUri: string; codeVerifier: string | null; authenticated: boolean },
  ): TokenReply {
    const pending = this.codes.get(given.code);
    if (!pending || pending.used || pending.app !== app) {
      throw new OAuthError('invalid_grant', 'Invalid authorization code');
    }
    const nowMs = this.clock.nowMs();
    if (nowMs - pending.issuedAtMs > CODE_LIFE_MS) {
      throw new OAuthError('invalid_grant', 'Authorization code expired');
    }
    if (pending.redirectUri !== given.redirectUri)
      throw new OAuthError('invalid_grant', 'Invalid redirect URI');
    if (pending.codeChallenge !== null) {
      if (given.codeVerifier === null) throw new OAuthError('invalid_request', 'code_verifier required');
      const challenge = createHash('sha256').update(given.codeVerifier).digest('base64url');
      const wellFormed = /^[A-Za-z0-9._~-]{43,128}$/.test(given.codeVerifier);
      if (!wellFormed || challenge !== pending.codeChallenge) {
        throw new OAuthError('invalid_grant', 'code_verifier was incorrect');
      }
    } else if (!given.authenticated) {
      throw new OAuthError('invalid_client', 'Invalid client secret');
    }
    pending.used = true;
    const grant = {
      clientId: app.clientId,
      personId: pending.personId,
      scopes: pending.scopes,
      consentedAtMs: pending.issuedAtMs,
      pkce: pending.codeChallenge !== null,
    };
    return { ...this.accessToken(grant), refresh_token: this.refreshToken(grant) };
  }

  /** @throws OAuthError in Spotify's words. */
  refresh(app: DeveloperApp, refreshToken: string, authenticated: boolean): TokenReply {
    const claims = this.tokens.verify(refreshToken);
    if (claims?.kind !== 'refresh' || claims.clientId !== app.clientId || claims.personId === null) {
      throw new OAuthError('invalid_grant', 'Invalid refresh token');
    }
    if (!authenticated && !claims.pkce) throw new OAuthError('invalid_client', 'Invalid client secret');
    if (this.ended.has(refreshToken) || this.isRevoked(claims)) {
      throw new OAuthError('invalid_grant', 'Refresh token revoked');
    }
    if (this.clock.nowMs() >= monthsAfter(claims.consentedAtMs, REFRESH_LIFE_MONTHS)) {
      throw new OAuthError('invalid_grant', 'Refresh token expired');
    }
    const reply = this.accessToken(claims);
    if (this.rules.refreshTokens === 'repeat') return { ...reply, refresh_token: refreshToken };
    if (this.rules.refreshTokens === 'rotate') {
      this.ended.add(refreshToken);
      return { ...reply, refresh_token: this.refreshToken(claims) };
    }
    return reply;
  }

  clientCredentials(app: DeveloperApp): TokenReply {
    const reply = this.accessToken({
      clientId: app.clientId,
      personId: null,
      scopes: [],
      consentedAtMs: 0,
      pkce: false,
    });
    delete reply.scope;
    return reply;
  }

  /** What an access token stands for and whether it still holds. */
  examine(token: string): { state: TokenState; claims: TokenClaims | null } {
    const claims = this.tokens.verify(token);
    if (claims?.kind !== 'access') return { state: 'invalid', claims: null };
    const age = this.clock.nowMs() - claims.issuedAtMs;
    if (age >= this.rules.accessTokenMs) return { state: 'expired', claims };
    return { state: this.isRevoked(claims) ? 'invalid' : 'valid', claims };
  }

  /** As on spotify.com/account/apps: every token of the person for the app ends now. */
  revoke(clientId: string, personId: string): void {
    const key = consentKey(clientId, personId);
    const consent = this.consents.get(key);
    const nowMs = this.clock.nowMs();
    this.consents.set(key, {
      clientId,
      personId,
      scopes: [],
      consentedAtMs: consent?.consentedAtMs ?? 0,
      revokedAtMs: nowMs,
    });
    // Consents given in this very millisecond, before the revocation, end as well.
    this.revokedSerial.set(key, this.serial);
  }

  /** Consents given in this run, also those that have been revoked. */
  consentsGiven(): Consent[] {
    return [...this.consents.values()].filter(({ consentedAtMs }) => consentedAtMs > 0);
  }

  private isRevoked(claims: TokenClaims): boolean {
    if (claims.personId === null) return false;
    const key = consentKey(claims.clientId, claims.personId);
    const revokedAtMs = this.consents.get(key)?.revokedAtMs ?? null;
    if (revokedAtMs === null || claims.consentedAtMs > revokedAtMs) return false;
    return claims.consentedAtMs < revokedAtMs || claims.serial <= (this.revokedSerial.get(key) ?? 0);
  }

  private accessToken(grant: Grant): TokenReply {
    return {
      access_token: this.issue('access', grant),
      token_type: 'Bearer',
      expires_in: Math.floor(this.rules.accessTokenMs / 1000),
      scope: grant.scopes.join(' '),
    };
  }

  private refreshToken(grant: Grant): string {
    return this.issue('refresh', grant);
  }

  private issue(kind: TokenClaims['kind'], grant: Grant): string {
    this.serial += 1;
    const { clientId, personId, scopes, consentedAtMs, pkce } = grant;
    const issuedAtMs = this.clock.nowMs();
    return this.tokens.issue({
      kind,
      clientId,
      personId,
      scopes,
      issuedAtMs,
      consentedAtMs,
      pkce,
      serial: this.serial,
    });
  }
}

type Grant = Pick<TokenClaims, 'clientId' | 'personId' | 'scopes' | 'consentedAtMs' | 'pkce'>;

const consentKey = (clientId: string, personId: string): string => `${clientId}/${personId}`;

/** The same day and time of day that many months later (UTC); a day too many counts into the next month. */
function monthsAfter(instantMs: number, months: number): number {
  const date = new Date(instantMs);
  return date.setUTCMonth(date.getUTCMonth() + months);
}
