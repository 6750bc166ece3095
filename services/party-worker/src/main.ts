import { defineConfig, type Environment, runService, type ServiceScope, topics } from '@spindle/service-kit';
import { openWorker, runJobs, workerTopics } from '@spindle/worker-kit';
import { createPartyContext } from './context.ts';
import { handlers } from './handlers.ts';

/** Each look at a room holds one connection to PostgreSQL while it lasts. */
const CONCURRENCY = 5;

export const readConfig = defineConfig({
  ...workerTopics,
  vault: topics.vault,
  spotify: topics.spotify,
});

async function start(scope: ServiceScope, environment: Environment): Promise<void> {
  const config = readConfig(environment);
  const parts = await openWorker(scope, config);
  const context = createPartyContext({
    ...parts,
    tokenKeys: config.vault.tokenKeys,
    spotify: config.spotify,
  });
  runJobs(scope, parts, { queue: 'party', handlers, context, concurrency: CONCURRENCY });
}

await runService('party-worker', (scope) => start(scope, process.env));
