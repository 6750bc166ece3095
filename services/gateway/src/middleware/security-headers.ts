import type { RequestHandler } from 'express';
import helmet from 'helmet';
import type { Config } from '../config.ts';

/** Where Spotify serves artwork and profile pictures from. */
const IMAGE_HOSTS = [
  'https://i.scdn.co',
  'https://*.scdn.co',
  'https://*.spotifycdn.com',
  'https://*.fbsbx.com',
];

/** True when a stand-in takes Spotify's place. */
export function isSandbox(config: Config): boolean {
  return config.spotify.apiUrl !== 'https://api.spotify.com';
}

/**
 * Strict headers for everything: scripts and connections only of our own. Styles may be inline, since
 * the component library writes its variables that way.
 */
export function securityHeaders(config: Config): RequestHandler {
  const secure = config.web.publicUrl.startsWith('https:');
  const socket = config.web.publicUrl.replace(/^http/, 'ws');
  const images = isSandbox(config) ? [...IMAGE_HOSTS, new URL(config.spotify.apiUrl).origin] : IMAGE_HOSTS;
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:', ...images],
        fontSrc: ["'self'", 'data:'],
        connectSrc: ["'self'", socket],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        ...(secure && { upgradeInsecureRequests: [] }),
      },
    },
    strictTransportSecurity: secure ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    referrerPolicy: { policy: 'strict-origin-when-cross-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    crossOriginEmbedderPolicy: false,
  });
}
