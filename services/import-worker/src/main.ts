import { createDatabase } from '@spindle/db';
import { createLivePublisher, createProducer, createQueueMetrics, createWorker } from '@spindle/queues';
import {
  closeRedis,
  createHealth,
  createLogger,
  createMetrics,
  createRedis,
  defineConfig,
  type Environment,
  runService,
  type ServiceScope,
  scaledClock,
  startOpsServer,
  systemClock,
  topics,
  wantsPretty,
} from '@spindle/service-kit';
import { limitsTopic } from './config.ts';
import { handlers } from './handlers.ts';
import { takeUpImports } from './take-up.ts';

/** How often imports are looked for whose job is lost or has failed for good, ms. */
const TAKE_UP_EVERY_MS = 60_000;
/** Imports at the same time: while one waits for PostgreSQL another reads. */
const CONCURRENCY = 2;

export const readConfig = defineConfig({
  base: topics.base,
  ops: topics.ops,
  database: topics.database,
  redis: topics.redis,
  limits: limitsTopic,
});

async function start(scope: ServiceScope, environment: Environment): Promise<void> {
  const config = readConfig(environment);
  const logger = createLogger({
    service: scope.name,
    level: config.base.logLevel,
    pretty: wantsPretty(config.base.environment, process.stdout.isTTY),
  });
  scope.useLogger(logger);
  const clock = config.base.clockScale ? scaledClock(config.base.clockScale) : systemClock;
  const db = scope.own(
    'postgres',
    createDatabase({
      ...config.database,
      onIdleError: (error) => logger.warn({ err: error }, 'a connection to PostgreSQL was lost'),
    }),
    (one) => one.close(),
  );
  const redis = scope.own('redis', createRedis(config.redis.url, 'general', logger), closeRedis);
  const health = createHealth({ stopping: scope.stopping });
  health.check('postgres', () => db.ping());
  health.check('redis', () => redis.ping());
  const metrics = createMetrics(scope.name);
  scope.own('ops', await startOpsServer({ ...config.ops, health, metrics, logger }), (one) => one.close());
  const { url: redisUrl, prefix } = config.redis;
  const producer = scope.own('producer', createProducer({ redisUrl, prefix, clock, logger }), (one) =>
    one.close(),
  );
  const live = createLivePublisher({ redis, prefix, logger });
  const takeUp = () => takeUpImports({ db, producer, clock, logger });
  await takeUp();
  const worker = scope.own(
    'worker',
    createWorker(
      'imports',
      handlers,
      { db, live, clock, limits: config.limits },
      {
        redisUrl,
        prefix,
        concurrency: CONCURRENCY,
        logger,
        clock,
        metrics: createQueueMetrics(metrics),
        live,
      },
    ),
    (one) => one.close(),
  );
  health.check('worker', () => worker.check());
  const lookAgain = () => {
    takeUp().catch((error) => logger.warn({ err: error }, 'unfinished imports could not be looked for'));
  };
  scope.own('take-up', setInterval(lookAgain, TAKE_UP_EVERY_MS), clearInterval);
}

await runService('import-worker', (scope) => start(scope, process.env));
