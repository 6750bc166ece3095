import {
  type AnalysisView,
  getAggregate,
  getAnalysis,
  getTracker,
  makeAnalysis,
  updateTrackers,
} from '@spindle/contracts';
import { loadAnalysis, loadTracker } from '@spindle/db';
import { isFinished } from '@spindle/queues';
import { AppError, problems } from '@spindle/service-kit';
import { listenerId } from '../caller.ts';
import type { GatewayContext } from '../context.ts';
import type { Mount } from '../mount.ts';
import { connectedListener } from '../playlist-operations.ts';
import { problemCode } from '../problem-answer.ts';

/** Whoever asks for an analysis before there is one waits this long for the first, ms. */
const FIRST_WAIT_MS = 8_000;

/** Liked Songs in figures, and the library from day to day. */
export function mountTrackers(mount: Mount, context: GatewayContext): void {
  const { db, clock, producer } = context;

  /** Has the first analysis made, and answers how far that got in the time that somebody waits for a page. */
  async function firstAnalysis(userId: number, requestId: string): Promise<AnalysisView> {
    const nothing = { madeAt: null, analysis: null, refreshing: null, failure: null };
    try {
      await connectedListener(context, userId, clock.now());
    } catch (error) {
      if (!(error instanceof AppError) || error.status !== 422) throw error;
      return { ...nothing, failure: { code: error.code, message: error.detail } };
    }
    const { id } = await producer.add('stats', 'analysis', { userId }, { requestId, ownerId: userId });
    const job = await producer.waitFor(id, FIRST_WAIT_MS);
    return {
      ...nothing,
      ...(await loadAnalysis(db.pool, userId)),
      refreshing: job && !isFinished(job) ? id : null,
      failure: job?.failure ? { ...job.failure, code: problemCode(job.failure.code) } : null,
    };
  }

  async function analysisOf(userId: number, requestId: string): Promise<AnalysisView> {
    const stored = await loadAnalysis(db.pool, userId);
    return stored ? { ...stored, refreshing: null, failure: null } : firstAnalysis(userId, requestId);
  }

  async function trackerOf(userId: number, days: Parameters<typeof loadTracker>[2]) {
    const tracker = await loadTracker(db.pool, userId, days);
    if (!tracker) throw problems.notFound('There is no such user any more.');
    return tracker;
  }

  mount.route(getAnalysis, (_input, { caller, requestId }) => analysisOf(listenerId(caller), requestId));

  mount.job(makeAnalysis, async (_input, { caller }, options) => {
    const { userId } = await connectedListener(context, listenerId(caller), clock.now());
    return producer.add('stats', 'analysis', { userId }, options);
  });

  mount.route(getTracker, ({ query }, { caller }) => trackerOf(listenerId(caller), query));

  mount.route(getAggregate, async ({ query }, { caller, requestId }) => {
    const userId = listenerId(caller);
    const [analysis, tracker] = await Promise.all([analysisOf(userId, requestId), trackerOf(userId, query)]);
    return { analysis, tracker };
  });

  mount.job(updateTrackers, (_input, _call, options) =>
    producer.add('stats', 'update-trackers', {}, options),
  );
}
