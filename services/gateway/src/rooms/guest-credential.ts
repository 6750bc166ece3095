import { GUEST_TOKEN_PREFIX } from '@spindle/db';
import type { Response } from 'express';
import type { Config } from '../config.ts';

const COOKIE = 'spindle_room_';
const COOKIE_LIFE_MS = 86_400_000;
/** Rooms of which one browser may show that it is a guest. */
const MOST_COOKIES = 20;

/** The token of a guest in the header `Authorization`; undefined when there is another, or none. */
export function bearerGuestToken(authorization: string | undefined): string | undefined {
  const [, token] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
  return token?.startsWith(GUEST_TOKEN_PREFIX) ? token : undefined;
}

/** Tokens of guests in the cookies of a request, by the code of their room. */
export function cookieGuestTokens(cookies: string | undefined): ReadonlyMap<string, string> {
  const tokens = new Map<string, string>();
  for (const pair of (cookies ?? '').split(';')) {
    const [, code, token] =
      /^\s*(?:__Host-)?spindle_room_([A-Z0-9]{1,12})=([\w-]{1,100})\s*$/.exec(pair) ?? [];
    if (code && token && tokens.size < MOST_COOKIES) tokens.set(code, token);
  }
  return tokens;
}

/** Behind TLS the name binds the cookie to this very host, as that of sessions does. */
export function setGuestCookie(response: Response, config: Config, code: string, token: string): void {
  const secure = config.web.publicUrl.startsWith('https:');
  response.cookie(`${secure ? '__Host-' : ''}${COOKIE}${code}`, token, {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure,
    maxAge: COOKIE_LIFE_MS,
  });
}
