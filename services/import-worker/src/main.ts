import { type Environment, runService, type ServiceScope } from '@spindle/service-kit';
import { openWorker, runJobs } from '@spindle/worker-kit';
import { readConfig } from './config.ts';
import { handlers, MAX_STALLS } from './handlers.ts';
import { takeUpImports } from './take-up.ts';

/** How often imports are looked for whose job is lost or has failed for good, ms. */
const TAKE_UP_EVERY_MS = 60_000;
/** Imports at the same time: while one waits for PostgreSQL another reads. */
const CONCURRENCY = 2;

async function start(scope: ServiceScope, environment: Environment): Promise<void> {
  const config = readConfig(environment);
  const parts = await openWorker(scope, config);
  const { db, live, clock, producer, logger } = parts;
  const takeUp = () => takeUpImports({ db, producer, clock, logger });
  await takeUp();
  runJobs(scope, parts, {
    queue: 'imports',
    handlers,
    context: { db, live, clock, limits: config.limits },
    concurrency: CONCURRENCY,
    maxStalls: MAX_STALLS,
  });
  const lookAgain = () => {
    takeUp().catch((error) => logger.warn({ err: error }, 'unfinished imports could not be looked for'));
  };
  scope.own('take-up', setInterval(lookAgain, TAKE_UP_EVERY_MS), clearInterval);
}

await runService('import-worker', (scope) => start(scope, process.env));
