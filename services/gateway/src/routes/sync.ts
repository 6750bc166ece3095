import {
  cronSync,
  pollPlayback,
  pollRecentlyPlayed,
  type SweepResult,
  sweepResultSchema,
  syncMetadata,
  updatePlaying,
} from '@spindle/contracts';
import { openSyncRun } from '@spindle/db';
import { isFinished } from '@spindle/queues';
import { authorize } from '../auth/authorize.ts';
import { listenerId } from '../caller.ts';
import type { GatewayContext } from '../context.ts';
import type { Call, Mount } from '../mount.ts';

/** Reading for everybody is an admin's, in a browser: as all that admins do. */
const FOR_ALL = { auth: 'admin' } as const;

/** A cron caller waits this long for its sweep, in ms. */
const SWEEP_WAIT_MS = 300_000;

export function mountSync(mount: Mount, context: GatewayContext): void {
  const { db, clock, producer } = context;

  mount.job(pollPlayback, async ({ query }, { caller }, options) => {
    if (query.scope === 'me') {
      return producer.add('sync', 'playback', { userId: listenerId(caller), reason: 'request' }, options);
    }
    authorize(caller, FOR_ALL);
    return producer.add('sync', 'update-playing', { runId: await openSyncRun(db, clock.now()) }, options);
  });

  mount.job(pollRecentlyPlayed, async ({ query }, { caller }, options) => {
    if (query.scope === 'me') {
      return producer.add('sync', 'history', { userId: listenerId(caller), reason: 'request' }, options);
    }
    authorize(caller, FOR_ALL);
    return producer.add('sync', 'sync-all', { runId: await openSyncRun(db, clock.now()) }, options);
  });

  mount.job(syncMetadata, (_input, _call, options) => producer.add('sync', 'metadata', {}, options));

  mount.job(updatePlaying, async (_input, _call, options) =>
    producer.add('sync', 'update-playing', { runId: await openSyncRun(db, clock.now()) }, options),
  );

  async function sweep(requestId: string): Promise<SweepResult> {
    const runId = await openSyncRun(db, clock.now());
    const { id } = await producer.add('sync', 'sync-all', { runId }, { requestId });
    const job = await producer.waitFor(id, SWEEP_WAIT_MS);
    if (!job || !isFinished(job)) throw new Error('The sweep goes on; it took longer than 300 seconds.');
    if (job.state === 'failed') throw new Error(job.failure?.message ?? 'The sweep failed.');
    return sweepResultSchema.parse(job.result);
  }

  /** The names in these two answers are fixed by the callers of this endpoint. */
  async function answerSweep({ requestId, request, response }: Call): Promise<void> {
    const startedAt = performance.now();
    response.setHeader('cache-control', 'no-store');
    try {
      const result = await sweep(requestId);
      const duration_ms = Math.round(performance.now() - startedAt);
      response.status(200).json({ success: true, duration_ms, result });
    } catch (error) {
      request.log.error({ err: error }, 'a sweep asked for by a scheduler failed');
      const message = error instanceof Error && error.name === 'Error' ? error.message : 'The sweep failed.';
      response.status(500).json({ success: false, error: message });
    }
  }

  mount.raw(cronSync, (_input, call) => answerSweep(call));
}
