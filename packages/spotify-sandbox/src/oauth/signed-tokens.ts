import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a token says. Times: ms since the epoch. */
export interface TokenClaims {
  kind: 'access' | 'refresh';
  clientId: string;
  /** Null for a token of the app itself (client credentials). */
  personId: string | null;
  scopes: string[];
  issuedAtMs: number;
  /** When the person consented; a refresh token lives six months from then. */
  consentedAtMs: number;
  /** Issued to a client that proved itself by PKCE. */
  pkce: boolean;
  /** Makes tokens of one instant different. */
  serial: number;
}

/**
 * Tokens that carry their own claims under a signature made with the seed, so that a sandbox that was started again
 * still knows the tokens it gave out before.
 */
export class SignedTokens {
  private readonly key: string;
  private readonly read = new Map<string, TokenClaims>();

  constructor(seed: string) {
    this.key = `spotify-sandbox/${seed}`;
  }

  issue(claims: TokenClaims): string {
    const body = Buffer.from(
      JSON.stringify([
        claims.kind === 'access' ? 'a' : 'r',
        claims.clientId,
        claims.personId,
        claims.scopes.join(' '),
        claims.issuedAtMs,
        claims.consentedAtMs,
        claims.pkce ? 1 : 0,
        claims.serial,
      ]),
    ).toString('base64url');
    const prefix = claims.kind === 'access' ? 'BQ' : 'AQ';
    return `${prefix}${body}.${this.sign(body)}`;
  }

  /** The claims of a token of this sandbox, else null. Says nothing of its age. */
  verify(token: string): TokenClaims | null {
    const known = this.read.get(token);
    if (known) return known;
    const [body, signature] = token.slice(2).split('.');
    if (!body || !signature) return null;
    const [given, right] = [Buffer.from(signature), Buffer.from(this.sign(body))];
    if (given.length !== right.length || !timingSafeEqual(given, right)) return null;
    const [kind, clientId, personId, scope, issuedAtMs, consentedAtMs, pkce, serial] = JSON.parse(
      Buffer.from(body, 'base64url').toString(),
    ) as [string, string, string | null, string, number, number, number, number];
    const claims: TokenClaims = {
      kind: kind === 'a' ? 'access' : 'refresh',
      clientId,
      personId,
      scopes: scope === '' ? [] : scope.split(' '),
      issuedAtMs,
      consentedAtMs,
      pkce: pkce === 1,
      serial,
    };
    if (this.read.size > 5000) this.read.clear();
    this.read.set(token, claims);
    return claims;
  }

  private sign(body: string): string {
    return createHmac('sha256', this.key).update(body).digest('base64url');
  }
}
