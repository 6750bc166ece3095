import { defineConfig, type Environment, runService, type ServiceScope, topics } from '@spindle/service-kit';
import { openWorker, runJobs, workerTopics } from '@spindle/worker-kit';
import { createPlaylistContext } from './context.ts';
import { handlers } from './handlers.ts';

/** Jobs at the same time: nearly all of their time is Spotify's. */
const CONCURRENCY = 24;

export const readConfig = defineConfig({ ...workerTopics, vault: topics.vault, spotify: topics.spotify });

async function start(scope: ServiceScope, environment: Environment): Promise<void> {
  const config = readConfig(environment);
  const parts = await openWorker(scope, config);
  const context = createPlaylistContext({
    ...parts,
    tokenKeys: config.vault.tokenKeys,
    spotify: config.spotify,
  });
  // Operations go on from their checkpoints, however often a worker vanishes.
  runJobs(scope, parts, {
    queue: 'shuffle-playlist',
    handlers,
    context,
    concurrency: CONCURRENCY,
    maxStalls: 20,
  });
}

await runService('playlist-worker', (scope) => start(scope, process.env));
