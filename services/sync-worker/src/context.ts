import { createCredentials, type Database, listConnected, loadConnection } from '@spindle/db';
import { type LivePublisher, type Producer, userRoom } from '@spindle/queues';
import {
  type Clock,
  createTokenBox,
  type Logger,
  type SpotifyApp,
  type TokenBox,
  type TokenKey,
} from '@spindle/service-kit';
import { createSpotify, Governor, SCOPES, type Spotify } from '@spindle/spotify';
import type { Redis } from 'ioredis';
import type { Registry } from 'prom-client';
import { createListenSubmitter, type ListenSubmitter } from './relay/listen-submitter.ts';

/** What the processors of this worker work with. */
export interface SyncContext {
  readonly db: Database;
  readonly spotify: Spotify;
  readonly governor: Governor;
  readonly apps: readonly SpotifyApp[];
  readonly producer: Pick<Producer, 'add'>;
  readonly live: LivePublisher;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Opens the tokens of relays. */
  readonly box: TokenBox;
  readonly submitListens: ListenSubmitter;
  /** Somebody whose consent may be used for what is nobody's own; null when nobody is connected. */
  anyConnectedUser(): Promise<number | null>;
}

export interface SyncContextParts {
  readonly db: Database;
  readonly redis: Redis;
  readonly prefix: string;
  readonly producer: Pick<Producer, 'add'>;
  readonly live: LivePublisher;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly tokenKeys: readonly TokenKey[];
  readonly spotify: {
    readonly apps: readonly SpotifyApp[];
    readonly dailyAllowance: number;
    readonly accountsUrl: string;
    readonly apiUrl: string;
    readonly windowLimit?: number;
  };
  readonly metrics?: Registry;
  /** Plays may be passed on into private networks too; unless told they may not. */
  readonly relayAllowPrivate?: boolean;
}

/** Builds the context in the order of its dependencies; also what the benchmark drives. */
export function createSyncContext(parts: SyncContextParts): SyncContext {
  const { db, live, clock, logger, spotify: settings } = parts;
  const box = createTokenBox(parts.tokenKeys);
  const tokens = createCredentials({
    db,
    box,
    now: () => clock.now(),
    async onReauthNeeded(userId) {
      const view = await loadConnection(db, userId, SCOPES, clock.now());
      logger.warn({ userId }, 'the consent has ended; the listener has to sign in again');
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
  return {
    db,
    governor,
    live,
    clock,
    logger,
    box,
    submitListens: createListenSubmitter({
      allowPrivate: parts.relayAllowPrivate ?? false,
      nowMs: () => clock.nowMs(),
    }),
    apps: settings.apps,
    producer: parts.producer,
    spotify: createSpotify({
      apps: settings.apps,
      accountsUrl: settings.accountsUrl,
      apiUrl: settings.apiUrl,
      tokens,
      governor,
      clock,
      logger,
    }),
    anyConnectedUser: async () => (await listConnected(db))[0] ?? null,
  };
}
