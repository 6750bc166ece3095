import { createDatabase, type Database, requireMigrations } from '@spindle/db';
import {
  createLivePublisher,
  createProducer,
  createQueueMetrics,
  createQueueTelemetry,
  createWorker,
  type Handlers,
  type LivePublisher,
  type Producer,
  type QueueName,
  type QueueTelemetry,
} from '@spindle/queues';
import {
  type Clock,
  type ConfigOf,
  closeRedis,
  createHealth,
  createLogger,
  createMetrics,
  createRedis,
  defineConfig,
  type Logger,
  observeRedis,
  type ServiceScope,
  scaledClock,
  startOpsServer,
  startTracing,
  systemClock,
  topics,
  wantsPretty,
} from '@spindle/service-kit';
import type { Redis } from 'ioredis';
import type { Registry as MetricsRegistry } from 'prom-client';

/** The configuration that every worker has; a worker's own topics come beside it. */
export const workerTopics = {
  base: topics.base,
  ops: topics.ops,
  database: topics.database,
  redis: topics.redis,
  tracing: topics.tracing,
} as const;

const readWorkerConfig = defineConfig(workerTopics);
export type WorkerConfig = ConfigOf<typeof readWorkerConfig>;

/** What every worker works with, opened and watched over. */
export interface WorkerParts {
  readonly logger: Logger;
  /** The process's clock; scaled when `CLOCK_SCALE` says so. */
  readonly clock: Clock;
  readonly db: Database;
  readonly redis: Redis;
  readonly redisUrl: string;
  readonly prefix: string;
  readonly health: ReturnType<typeof createHealth>;
  readonly metrics: MetricsRegistry;
  readonly producer: Producer;
  readonly live: LivePublisher;
  /** Carries traces through the queues, when there are any. */
  readonly telemetry?: QueueTelemetry;
}

/**
 * Opens what a worker needs, health and metrics included. Everything belongs to the scope, which closes
 * it in the reverse order; jobs do not run before {@link runJobs}.
 */
export async function openWorker(scope: ServiceScope, config: WorkerConfig): Promise<WorkerParts> {
  const logger = createLogger({
    service: scope.name,
    level: config.base.logLevel,
    pretty: wantsPretty(config.base.environment, process.stdout.isTTY),
  });
  scope.useLogger(logger);
  const clock = config.base.clockScale ? scaledClock(config.base.clockScale) : systemClock;
  const telemetry = (await startTracing(scope, config.tracing)) ? await createQueueTelemetry() : undefined;
  const metrics = createMetrics(scope.name);
  const db = scope.own(
    'postgres',
    createDatabase({
      ...config.database,
      metrics,
      logger,
      onIdleError: (error) => logger.warn({ err: error }, 'a connection to PostgreSQL was lost'),
    }),
    (one) => one.close(),
  );
  const { url: redisUrl, prefix } = config.redis;
  const redis = scope.own('redis', createRedis(redisUrl, 'general', logger), closeRedis);
  observeRedis(metrics, 'general', redis);
  const health = createHealth({ stopping: scope.stopping });
  health.check('postgres', () => db.ping());
  health.check('migrations', () => requireMigrations(db));
  health.check('redis', () => redis.ping());
  scope.own('ops', await startOpsServer({ ...config.ops, health, metrics, logger }), (one) => one.close());
  const producer = scope.own(
    'producer',
    createProducer({ redisUrl, prefix, clock, logger, ...(telemetry && { telemetry }) }),
    (one) => one.close(),
  );
  const live = createLivePublisher({ redis, prefix, logger });
  return {
    logger,
    clock,
    db,
    redis,
    redisUrl,
    prefix,
    health,
    metrics,
    producer,
    live,
    ...(telemetry && { telemetry }),
  };
}

/** Takes jobs of a queue until the scope ends; a worker that cannot makes the health check fail. */
export function runJobs<Context, Queue extends QueueName>(
  scope: ServiceScope,
  parts: WorkerParts,
  jobs: {
    readonly queue: Queue;
    readonly handlers: Handlers<Context, Queue>;
    readonly context: Context;
    /** Jobs at the same time. */
    readonly concurrency: number;
    /** As in `WorkerOptions`. */
    readonly maxStalls?: number;
  },
): void {
  const { redisUrl, prefix, logger, clock, metrics, live, health, telemetry } = parts;
  const worker = scope.own(
    `${jobs.queue} worker`,
    createWorker(jobs.queue, jobs.handlers, jobs.context, {
      redisUrl,
      prefix,
      concurrency: jobs.concurrency,
      ...(jobs.maxStalls !== undefined && { maxStalls: jobs.maxStalls }),
      logger,
      clock,
      metrics: createQueueMetrics(metrics),
      live,
      ...(telemetry && { telemetry }),
    }),
    (one) => one.close(),
  );
  health.check(`${jobs.queue} worker`, () => worker.check());
}
