import { type Environment, runService, type ServiceScope } from '@spindle/service-kit';
import { openWorker, runJobs } from '@spindle/worker-kit';
import { readConfig } from './config.ts';
import { createPlaylistContext } from './context.ts';
import { handlers } from './handlers.ts';

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
    concurrency: config.playlists.atOnce,
    maxStalls: 20,
  });
}

await runService('playlist-worker', (scope) => start(scope, process.env));
