import type { Check } from '@spindle/contracts';
import type { Database } from '@spindle/db';
import type { LivePublisher, Producer } from '@spindle/queues';
import type { Clock, Health, Logger, Registry } from '@spindle/service-kit';
import type { ArtworkCache, Spotify } from '@spindle/spotify';
import type { Redis } from 'ioredis';
import type { Config } from './config.ts';
import type { InHand } from './in-hand.ts';
import type { LiveSockets } from './live/socket.ts';
import type { RateLimits } from './middleware/rate-limit.ts';
import type { Door } from './rooms/door.ts';
import type { Presence } from './rooms/presence.ts';
import type { Rooms } from './rooms/rooms.ts';
import type { RedisSessionStore } from './sessions/redis-session-store.ts';
import type { StatisticsReads } from './statistics-reads.ts';

/** What the gateway is built of; made once, in `main.ts`. */
export interface GatewayContext {
  readonly config: Config;
  readonly version: string;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly db: Database;
  /** Where statistics are read: at a replica, if there is one that knows enough. */
  readonly statisticsReads: StatisticsReads;
  /** Fails fast: a person waits for the answer. */
  readonly redis: Redis;
  readonly producer: Producer;
  readonly spotify: Spotify;
  readonly artworkCache: ArtworkCache;
  readonly health: Health;
  readonly metrics: Registry;
  readonly sessions: RedisSessionStore;
  readonly limits: RateLimits;
  readonly sockets: LiveSockets;
  /** Party rooms: what goes on in them here, who has one open anywhere, and who may come in. */
  readonly rooms: Rooms;
  readonly presence: Presence;
  readonly roomDoor: Door;
  /** To all sockets in one order, whichever process publishes. */
  readonly live: LivePublisher;
  /** What is being answered; without its end nothing that it works with may be closed. */
  readonly inHand: InHand;
  /** Checks of the set-up, for the operator. */
  readonly doctor: () => Promise<Check[]>;
}
