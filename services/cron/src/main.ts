import { createProducer } from '@spindle/queues';
import {
  createHealth,
  createLogger,
  createMetrics,
  type Environment,
  runService,
  type ServiceScope,
  scaledClock,
  startOpsServer,
  systemClock,
  wantsPretty,
} from '@spindle/service-kit';
import { readConfig } from './config.ts';
import { SCHEDULES } from './schedules.ts';

/** The table is written again now and then, so that a Redis that lost it gets it back. */
const REPEAT_MS = 60_000;
/** Until it is tried again after Redis did not answer. */
const AGAIN_MS = 2_000;

async function start(scope: ServiceScope, environment: Environment): Promise<void> {
  const config = readConfig(environment);
  const logger = createLogger({
    service: scope.name,
    level: config.base.logLevel,
    pretty: wantsPretty(config.base.environment, process.stdout.isTTY),
  });
  scope.useLogger(logger);
  const clock = config.base.clockScale ? scaledClock(config.base.clockScale) : systemClock;
  const { url: redisUrl, prefix } = config.redis;
  const producer = scope.own('producer', createProducer({ redisUrl, prefix, clock, logger }), (one) =>
    one.close(),
  );
  const health = createHealth({ stopping: scope.stopping });
  health.check('redis', () => producer.ping());
  const metrics = createMetrics(scope.name);
  scope.own('ops', await startOpsServer({ ...config.ops, health, metrics, logger }), (one) => one.close());
  let timer: NodeJS.Timeout;
  const write = async (): Promise<void> => {
    let next = REPEAT_MS;
    try {
      await producer.schedule(SCHEDULES);
    } catch (error) {
      // Redis may come later than this process, or go for a while.
      logger.warn({ err: error }, 'the schedules could not be written; they are soon');
      next = AGAIN_MS;
    }
    if (!scope.stopping.aborted) timer = setTimeout(write, next);
  };
  await write();
  scope.own('schedules', null, () => clearTimeout(timer));
}

await runService('cron', (scope) => start(scope, process.env));
