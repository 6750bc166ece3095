import { type Database, listConnected } from '@spindle/db';
import type { LivePublisher, Producer } from '@spindle/queues';
import {
  type Clock,
  createTokenBox,
  type Logger,
  type SpotifyApp,
  type TokenBox,
  type TokenKey,
} from '@spindle/service-kit';
import {
  type ArtworkCache,
  createArtworkCache,
  type Governor,
  type Spotify,
  standInOrigin,
} from '@spindle/spotify';
import {
  createNoticeSender,
  type InstanceWatch,
  type NoticeSender,
  openSpotify,
  type SpotifyAccessParts,
} from '@spindle/worker-kit';
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
  readonly sendNotice: NoticeSender;
  /** Absent where there is no operator to be told of anything: in simulations. */
  readonly watch?: InstanceWatch;
  /** The address in people's browsers, without a path. */
  readonly publicUrl: string;
  readonly artworkCache: ArtworkCache;
  /** Origin from which a stand-in for Spotify serves artwork; null for Spotify itself. */
  readonly artworkOrigin: string | null;
  /** Somebody whose consent may be used for what is nobody's own; null when nobody is connected. */
  anyConnectedUser(): Promise<number | null>;
}

export interface SyncContextParts extends Omit<SpotifyAccessParts, 'box'> {
  readonly producer: Pick<Producer, 'add'>;
  readonly tokenKeys: readonly TokenKey[];
  readonly publicUrl: string;
  /** Plays and notices may go into private networks too; unless told they may not. */
  readonly relayAllowPrivate?: boolean;
}

/** Builds the context in the order of its dependencies; also what the benchmark drives. */
export function createSyncContext(parts: SyncContextParts): SyncContext {
  const { db, live, clock, logger, producer } = parts;
  const box = createTokenBox(parts.tokenKeys);
  return {
    ...openSpotify({ ...parts, box }),
    db,
    live,
    clock,
    logger,
    box,
    producer,
    submitListens: createListenSubmitter({
      allowPrivate: parts.relayAllowPrivate ?? false,
      nowMs: () => clock.nowMs(),
    }),
    sendNotice: createNoticeSender({ allowPrivate: parts.relayAllowPrivate ?? false }),
    publicUrl: parts.publicUrl,
    artworkCache: createArtworkCache(parts.redis, parts.prefix),
    artworkOrigin: standInOrigin(parts.spotify.apiUrl),
    apps: parts.spotify.apps,
    anyConnectedUser: async () => (await listConnected(db))[0] ?? null,
  };
}
