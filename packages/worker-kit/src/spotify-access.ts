import { createCredentials, type Database, loadConnection } from '@spindle/db';
import { type LivePublisher, userRoom } from '@spindle/queues';
import type { Clock, Logger, SpotifyApp, TokenBox } from '@spindle/service-kit';
import { createSpotify, Governor, SCOPES, type Spotify } from '@spindle/spotify';
import type { Redis } from 'ioredis';
import type { Registry } from 'prom-client';

export interface SpotifyAccessParts {
  readonly db: Database;
  readonly redis: Redis;
  readonly prefix: string;
  readonly live: LivePublisher;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Opens the tokens of the listeners. */
  readonly box: TokenBox;
  readonly spotify: {
    readonly apps: readonly SpotifyApp[];
    readonly dailyAllowance: number;
    readonly accountsUrl: string;
    readonly apiUrl: string;
    readonly windowLimit?: number;
  };
  readonly metrics?: Registry;
}

/** Spotify for a worker: every call passes the governor, and a consent that ends is told to its listener. */
export function openSpotify(parts: SpotifyAccessParts): {
  readonly spotify: Spotify;
  readonly governor: Governor;
} {
  const { db, live, clock, logger, spotify: settings } = parts;
  const tokens = createCredentials({
    db,
    box: parts.box,
    now: () => clock.now(),
    async onReauthNeeded(userId) {
      logger.warn({ userId }, 'the consent has ended; the listener has to sign in again');
      const view = await loadConnection(db, userId, SCOPES, clock.now());
      await live.publish('connection', [userRoom(userId)], view);
    },
  });
  const governor = new Governor({
    redis: parts.redis,
    prefix: parts.prefix,
    clock,
    apps: settings.apps,
    dailyAllowance: settings.dailyAllowance,
    ...(settings.windowLimit === undefined ? {} : { windowLimit: settings.windowLimit }),
    ...(parts.metrics ? { metrics: parts.metrics } : {}),
  });
  const { apps, accountsUrl, apiUrl } = settings;
  const { metrics } = parts;
  const access = { apps, accountsUrl, apiUrl, tokens, governor, clock, logger, ...(metrics && { metrics }) };
  return { governor, spotify: createSpotify(access) };
}
