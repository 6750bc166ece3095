import { defineConfig, type Environment, runService, type ServiceScope, topics } from '@spindle/service-kit';
import { openWorker, runJobs, workerTopics } from '@spindle/worker-kit';
import { createPlaylistContext } from './context.ts';
import { handlers } from './handlers.ts';

/** Each holds a connection to PostgreSQL while it writes, and needs a second now and then. */
const CONCURRENCY = 4;

export const readConfig = defineConfig({ ...workerTopics, vault: topics.vault, spotify: topics.spotify });

async function start(scope: ServiceScope, environment: Environment): Promise<void> {
  const config = readConfig(environment);
  const parts = await openWorker(scope, config);
  const context = createPlaylistContext({
    ...parts,
    tokenKeys: config.vault.tokenKeys,
    spotify: config.spotify,
  });
  // With few connections, operations must leave one for their own questions.
  const concurrency = Math.max(1, Math.min(CONCURRENCY, config.database.poolSize - 1));
  runJobs(scope, parts, { queue: 'shuffle-playlist', handlers, context, concurrency });
}

await runService('playlist-worker', (scope) => start(scope, process.env));
