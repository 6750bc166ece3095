import { defineConfig, type Environment, runService, type ServiceScope } from '@spindle/service-kit';
import { openWorker, runJobs, workerTopics } from '@spindle/worker-kit';
import { handlers } from './handlers.ts';

/** Recounts at the same time. Each keeps a connection and a core of PostgreSQL busy for seconds. */
const CONCURRENCY = 2;

export const readConfig = defineConfig(workerTopics);

async function start(scope: ServiceScope, environment: Environment): Promise<void> {
  const parts = await openWorker(scope, readConfig(environment));
  runJobs(scope, parts, { queue: 'stats', handlers, context: parts, concurrency: CONCURRENCY });
}

await runService('stats-worker', (scope) => start(scope, process.env));
