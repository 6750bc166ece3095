import type { Clock } from '@spindle/service-kit';
import { type JWTPayload, jwtVerify, SignJWT } from 'jose';

/** How long a token of `POST /token` is good for, in seconds. */
export const JWT_LIFE_S = 900;

/** Whom a token stands for: the operator (admin password) or a program (client id and secret). */
export type JwtSubject =
  | { readonly kind: 'operator' }
  | { readonly kind: 'service'; readonly clientId: string };

export interface JwtIssuer {
  issue(subject: JwtSubject): Promise<string>;
  /** Null when the token is not one of ours, was changed, or has expired. */
  verify(token: string): Promise<JwtSubject | null>;
}

const AUDIENCE = 'spindle-api';

/**
 * Short-lived tokens, HS256 (RFC 7519).
 *
 * @param options.secrets the first signs, all verify
 */
export function createJwtIssuer(options: {
  readonly secrets: readonly string[];
  readonly issuer: string;
  readonly clock: Clock;
}): JwtIssuer {
  const keys = options.secrets.map((secret) => new TextEncoder().encode(secret));
  const [signing] = keys;
  if (!signing) throw new Error('there is no secret to sign tokens with');

  /** What a token claims that this key has signed; null for all others. */
  async function claimsBy(key: Uint8Array, token: string): Promise<JWTPayload | null> {
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: ['HS256'],
        issuer: options.issuer,
        audience: AUDIENCE,
        currentDate: options.clock.now(),
      });
      return payload;
    } catch {
      return null;
    }
  }

  return {
    issue(subject) {
      const nowS = Math.floor(options.clock.nowMs() / 1_000);
      return new SignJWT({ role: subject.kind })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setIssuer(options.issuer)
        .setAudience(AUDIENCE)
        .setSubject(subject.kind === 'service' ? subject.clientId : 'operator')
        .setIssuedAt(nowS)
        .setExpirationTime(nowS + JWT_LIFE_S)
        .sign(signing);
    },
    async verify(token) {
      for (const key of keys) {
        const claims = await claimsBy(key, token);
        if (claims?.role === 'operator') return { kind: 'operator' };
        if (claims?.role === 'service' && claims.sub) return { kind: 'service', clientId: claims.sub };
      }
      return null;
    },
  };
}
