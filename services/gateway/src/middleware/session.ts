import type { RequestHandler } from 'express';
import session from 'express-session';
import type { Config } from '../config.ts';
import type { RedisSessionStore } from '../sessions/redis-session-store.ts';

/** A session ends when it was not used for this long. */
export const SESSION_LIFE_MS = 30 * 86_400_000;

/** Behind TLS the name binds the cookie to this very host and to `Secure` (RFC 6265bis, `__Host-`). */
export function sessionCookieName(config: Config): string {
  return config.web.publicUrl.startsWith('https:') ? '__Host-spindle.sid' : 'spindle.sid';
}

/** Browser sessions: a random id in a signed cookie, everything else in Redis. */
export function sessionMiddleware(config: Config, store: RedisSessionStore): RequestHandler {
  return session({
    name: sessionCookieName(config),
    secret: [...config.secrets.sessionSecrets],
    store,
    resave: false,
    // Nobody gets a cookie before there is something to remember.
    saveUninitialized: false,
    rolling: true,
    cookie: {
      path: '/',
      httpOnly: true,
      sameSite: 'lax',
      secure: config.web.publicUrl.startsWith('https:'),
      maxAge: SESSION_LIFE_MS,
    },
  });
}
