import { type Environment, runService, type ServiceScope } from '@spindle/service-kit';
import { createInstanceWatch, openWorker, runJobs } from '@spindle/worker-kit';
import { readConfig } from './config.ts';
import { createStatsContext } from './context.ts';
import { handlers } from './handlers.ts';

/**
 * Jobs at the same time. A recount keeps a connection and a core of PostgreSQL busy for seconds; one that
 * waits for Spotify, page after page, must not keep it from its turn.
 */
const CONCURRENCY = 4;

async function start(scope: ServiceScope, environment: Environment): Promise<void> {
  const config = readConfig(environment);
  const parts = await openWorker(scope, config);
  const context = createStatsContext({
    ...parts,
    tokenKeys: config.vault.tokenKeys,
    spotify: config.spotify,
  });
  // With few connections, recounts must leave one for the questions of the others.
  const concurrency = Math.max(1, Math.min(CONCURRENCY, config.database.poolSize - 1));
  const watch = createInstanceWatch({
    ...parts,
    governor: context.spotify.governor,
    alerts: config.alerts,
    publicUrl: config.links.publicUrl,
  });
  runJobs(scope, parts, { queue: 'stats', handlers, context: { ...context, watch }, concurrency });
}

await runService('stats-worker', (scope) => start(scope, process.env));
