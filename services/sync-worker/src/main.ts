import { type Environment, runService, type ServiceScope } from '@spindle/service-kit';
import { createInstanceWatch, openWorker, runJobs } from '@spindle/worker-kit';
import { readConfig } from './config.ts';
import { createSyncContext } from './context.ts';
import { handlers } from './handlers.ts';

const CONCURRENCY = 16;

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
  const watch = createInstanceWatch({
    ...parts,
    governor: context.spotify.governor,
    alerts: config.alerts,
    publicUrl: config.links.publicUrl,
  });
  runJobs(scope, parts, {
    queue: 'sync',
    handlers,
    context: { ...context, watch },
    concurrency: CONCURRENCY,
  });
}

await runService('sync-worker', (scope) => start(scope, process.env));
