import { createQueueMetrics, createWorker } from '@spindle/queues';
import { type Environment, runService, type ServiceScope } from '@spindle/service-kit';
import { openWorker } from '@spindle/worker-kit';
import { readConfig } from './config.ts';
import { createPartyContext } from './context.ts';
import { handlers } from './handlers.ts';

/** Each look at a room holds one connection to PostgreSQL while it lasts. */
const CONCURRENCY = 5;
/** A room whose worker vanished is silent until the next takes its look over: sooner than elsewhere. */
const LOCK_MS = 8_000;

async function start(scope: ServiceScope, environment: Environment): Promise<void> {
  const config = readConfig(environment);
  const parts = await openWorker(scope, config);
  const context = createPartyContext({
    ...parts,
    tokenKeys: config.vault.tokenKeys,
    spotify: config.spotify,
  });
  const worker = scope.own(
    'party worker',
    createWorker('party', handlers, context, {
      ...parts,
      metrics: createQueueMetrics(parts.metrics),
      concurrency: CONCURRENCY,
      lockDurationMs: LOCK_MS,
    }),
    (one) => one.close(),
  );
  parts.health.check('party worker', () => worker.check());
}

await runService('party-worker', (scope) => start(scope, process.env));
