import { createDatabase } from '@spindle/db';
import { createLivePublisher, createProducer, createQueueMetrics, createWorker } from '@spindle/queues';
import {
  type ClockScale,
  createMetrics,
  createRedis,
  type SpotifyApp,
  scaledClock,
  silentLogger,
} from '@spindle/service-kit';
import { createPlaylistContext } from '../../src/context.ts';
import { handlers } from '../../src/handlers.ts';

/** How a worker in a process of its own reaches what the test has started. */
export interface MortalSettings {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly prefix: string;
  readonly scale: ClockScale;
  /** Keys as base64. */
  readonly tokenKeys: readonly { readonly id: string; readonly key: string }[];
  readonly spotify: {
    readonly apps: readonly SpotifyApp[];
    readonly dailyAllowance: number;
    readonly accountsUrl: string;
    readonly apiUrl: string;
  };
}

/** The playlist worker in a process of its own, to be killed. */
function live(settings: MortalSettings): void {
  const { redisUrl, prefix, spotify } = settings;
  const logger = silentLogger();
  const clock = scaledClock(settings.scale);
  const redis = createRedis(redisUrl, 'general', logger);
  const publisher = createLivePublisher({ redis, prefix, logger });
  const context = createPlaylistContext({
    db: createDatabase({ url: settings.databaseUrl, poolSize: 4 }),
    redis,
    prefix,
    live: publisher,
    clock,
    logger,
    producer: createProducer({ redisUrl, prefix, clock, logger }),
    tokenKeys: settings.tokenKeys.map(({ id, key }) => ({ id, key: Buffer.from(key, 'base64') })),
    spotify,
  });
  createWorker('shuffle-playlist', handlers, context, {
    redisUrl,
    prefix,
    concurrency: 2,
    logger,
    clock,
    metrics: createQueueMetrics(createMetrics('mortal')),
    live: publisher,
  });
}

if (process.env.MORTAL_SETTINGS) live(JSON.parse(process.env.MORTAL_SETTINGS) as MortalSettings);
