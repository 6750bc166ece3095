import type { Clock } from '@spindle/service-kit';
import { jwtVerify, SignJWT } from 'jose';

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

/** Short-lived tokens, HS256 (RFC 7519). */
export function createJwtIssuer(options: { secret: string; issuer: string; clock: Clock }): JwtIssuer {
  const key = new TextEncoder().encode(options.secret);
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
        .sign(key);
    },
    async verify(token) {
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: ['HS256'],
          issuer: options.issuer,
          audience: AUDIENCE,
          currentDate: options.clock.now(),
        });
        if (payload.role === 'operator') return { kind: 'operator' };
        return payload.role === 'service' && payload.sub ? { kind: 'service', clientId: payload.sub } : null;
      } catch {
        return null;
      }
    },
  };
}
