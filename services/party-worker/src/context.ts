import type { Database } from '@spindle/db';
import type { LibraryAccess } from '@spindle/library';
import type { LivePublisher, Producer } from '@spindle/queues';
import { type Clock, createTokenBox, cryptoRandom, type Random, type TokenKey } from '@spindle/service-kit';
import type { Governor, Spotify } from '@spindle/spotify';
import { openSpotify, type SpotifyAccessParts } from '@spindle/worker-kit';
import type { Redis } from 'ioredis';

/** What the processors of this worker work with. */
export interface PartyContext extends LibraryAccess {
  readonly db: Database;
  readonly redis: Redis;
  /** What all keys in Redis start with. */
  readonly prefix: string;
  readonly spotify: Spotify;
  readonly governor: Governor;
  readonly clock: Clock;
  readonly random: Random;
  readonly live: LivePublisher;
  readonly producer: Pick<Producer, 'add' | 'waitFor'>;
}

export interface PartyContextParts extends Omit<SpotifyAccessParts, 'box'> {
  readonly tokenKeys: readonly TokenKey[];
  readonly producer: Pick<Producer, 'add' | 'waitFor'>;
  readonly random?: Random;
}

/** Builds the context in the order of its dependencies. */
export function createPartyContext(parts: PartyContextParts): PartyContext {
  const { db, redis, prefix, clock, live, producer } = parts;
  const { spotify, governor } = openSpotify({ ...parts, box: createTokenBox(parts.tokenKeys) });
  return {
    db,
    redis,
    prefix,
    clock,
    live,
    producer,
    spotify,
    governor,
    random: parts.random ?? cryptoRandom,
  };
}
