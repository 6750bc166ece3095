import { createCredentials, type Database, loadConnection } from '@spindle/db';
import { type LivePublisher, userRoom } from '@spindle/queues';
import {
  type Clock,
  createTokenBox,
  type Logger,
  type SpotifyApp,
  type TokenKey,
} from '@spindle/service-kit';
import { createSpotify, Governor, SCOPES, type Spotify } from '@spindle/spotify';
import type { Redis } from 'ioredis';
import type { Registry } from 'prom-client';

/** What the processors of this worker work with. */
export interface PlaylistContext {
  readonly db: Database;
  readonly spotify: Spotify;
  readonly clock: Clock;
}

export interface PlaylistContextParts {
  readonly db: Database;
  readonly redis: Redis;
  readonly prefix: string;
  readonly live: LivePublisher;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly tokenKeys: readonly TokenKey[];
  readonly spotify: {
    readonly apps: readonly SpotifyApp[];
    readonly dailyAllowance: number;
    readonly accountsUrl: string;
    readonly apiUrl: string;
  };
  readonly metrics?: Registry;
}

/** Builds the context in the order of its dependencies. */
export function createPlaylistContext(parts: PlaylistContextParts): PlaylistContext {
  const { db, live, clock, logger, spotify: settings } = parts;
  const tokens = createCredentials({
    db,
    box: createTokenBox(parts.tokenKeys),
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
    ...(parts.metrics ? { metrics: parts.metrics } : {}),
  });
  return {
    db,
    clock,
    spotify: createSpotify({
      apps: settings.apps,
      accountsUrl: settings.accountsUrl,
      apiUrl: settings.apiUrl,
      tokens,
      governor,
      clock,
      logger,
    }),
  };
}
