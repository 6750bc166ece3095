import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';

/** Addresses of artwork end within days, and so does what is kept of them. */
const KEPT_S = 7 * 86_400;
/** An image that could not be had is not asked for again for this long. */
const REFUSED_S = 3_600;
/** Stands in the place of an image that could not be had. */
const REFUSED = '-';

/** Artwork as `data:` URIs, by the address where Spotify serves it; shared by all processes. */
export interface ArtworkCache {
  /** What is known: the image, or null where it could not be had lately. Addresses that are new are missing. */
  find(urls: readonly string[]): Promise<Map<string, string | null>>;
  store(url: string, dataUri: string): Promise<void>;
  refuse(url: string): Promise<void>;
}

export function createArtworkCache(redis: Redis, prefix: string): ArtworkCache {
  const keyOf = (url: string) => `${prefix}:artwork:${createHash('sha256').update(url).digest('base64url')}`;
  return {
    async find(urls) {
      const wanted = [...new Set(urls)];
      if (wanted.length === 0) return new Map();
      const found = await redis.mget(wanted.map(keyOf));
      return new Map(
        wanted.flatMap((url, place) => {
          const value = found[place];
          return value ? [[url, value === REFUSED ? null : value] as const] : [];
        }),
      );
    },
    async store(url, dataUri) {
      await redis.set(keyOf(url), dataUri, 'EX', KEPT_S);
    },
    async refuse(url) {
      await redis.set(keyOf(url), REFUSED, 'EX', REFUSED_S);
    },
  };
}
