import { defineConfig, type Environment, runService, type ServiceScope, topics } from '@spindle/service-kit';
import { openWorker, runJobs, workerTopics } from '@spindle/worker-kit';
import { createSyncContext } from './context.ts';
import { handlers } from './handlers.ts';

const CONCURRENCY = 16;

export const readConfig = defineConfig({
  ...workerTopics,
  vault: topics.vault,
  spotify: topics.spotify,
  relay: topics.relay,
  links: topics.links,
});

async function start(scope: ServiceScope, environment: Environment): Promise<void> {
  const config = readConfig(environment);
  const parts = await openWorker(scope, config);
  const context = createSyncContext({
    ...parts,
    tokenKeys: config.vault.tokenKeys,
    spotify: config.spotify,
    relayAllowPrivate: config.relay.allowPrivate,
    publicUrl: config.links.publicUrl,
  });
  runJobs(scope, parts, { queue: 'sync', handlers, context, concurrency: CONCURRENCY });
}

await runService('sync-worker', (scope) => start(scope, process.env));
