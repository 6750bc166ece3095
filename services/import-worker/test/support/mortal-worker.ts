import { createDatabase } from '@spindle/db';
import { createLivePublisher, createProducer, createQueueMetrics, createWorker } from '@spindle/queues';
import { createMetrics, createRedis, silentLogger, systemClock } from '@spindle/service-kit';
import { DEFAULT_LIMITS } from '../../src/archive/limits.ts';
import { handlers, MAX_STALLS } from '../../src/handlers.ts';
import { takeUpImports } from '../../src/take-up.ts';

/** The import worker in a process of its own, to be killed: `LOCK_DURATION_MS` says when its job is taken over. */
const { DATABASE_URL: url = '', REDIS_URL: redisUrl = '', QUEUE_PREFIX: prefix = '' } = process.env;
const lockDurationMs = Number(process.env.LOCK_DURATION_MS ?? 30_000);
const logger = silentLogger();
const clock = systemClock;
const db = createDatabase({ url, poolSize: 4 });
const live = createLivePublisher({ redis: createRedis(redisUrl, 'general', logger), prefix, logger });
await takeUpImports({ db, producer: createProducer({ redisUrl, prefix, clock, logger }), clock, logger });
createWorker(
  'imports',
  handlers,
  { db, live, clock, limits: DEFAULT_LIMITS },
  {
    redisUrl,
    prefix,
    concurrency: 2,
    logger,
    clock,
    metrics: createQueueMetrics(createMetrics('mortal')),
    live,
    lockDurationMs,
    maxStalls: MAX_STALLS,
  },
);
