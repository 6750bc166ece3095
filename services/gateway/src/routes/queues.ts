import {
  type AdminActionName,
  changeQueue,
  dropFailedJobs,
  listFailedJobs,
  listQueues,
  type QueueView,
  retryFailedJobs,
} from '@spindle/contracts';
import { loadPeople, noteAdminAction } from '@spindle/db';
import { QueueAdministration, type QueueDepth } from '@spindle/queues';
import { problems } from '@spindle/service-kit';
import { adminActor } from '../caller.ts';
import type { GatewayContext } from '../context.ts';
import type { Call, Mount } from '../mount.ts';
import { decodeOffset, encodeOffset } from '../offset-cursor.ts';

const toView = ({ queue, counts, oldestMs, paused }: QueueDepth): QueueView => ({
  queue,
  ...counts,
  oldestMs: Math.round(oldestMs),
  paused,
});

const noSuchQueue = () => problems.notFound('There is no such queue.');
const noSuchJob = () => problems.notFound('No such job of this queue has failed.');

/** Queues, as operators look after them. */
export function mountQueues(mount: Mount, context: GatewayContext): void {
  const { db, clock, producer } = context;
  const queues = new QueueAdministration(producer, clock);

  const note = (call: Call, action: AdminActionName, target: string, details: object = {}) =>
    noteAdminAction(
      db.pool,
      { actor: adminActor(call.caller), action, target, details: { ...details }, requestId: call.requestId },
      clock.now(),
    );

  mount.route(listQueues, async () => ({ items: (await producer.counts()).map(toView) }));

  mount.route(changeQueue, async ({ params, body }, call) => {
    if (!(await queues.setPaused(params.queue, body.paused))) throw noSuchQueue();
    await note(call, body.paused ? 'queue-paused' : 'queue-resumed', params.queue);
    const depth = (await producer.counts()).find((one) => one.queue === params.queue);
    if (!depth) throw noSuchQueue();
    return toView(depth);
  });

  mount.route(listFailedJobs, async ({ params, query }) => {
    const offset = decodeOffset(query.cursor);
    const page = await queues.failed(params.queue, { offset, limit: query.limit });
    if (!page) throw noSuchQueue();
    const people = await loadPeople(
      db.pool,
      page.jobs.flatMap((job) => job.ownerId ?? []),
    );
    const end = offset + query.limit;
    return {
      items: page.jobs.map(({ ownerId, queue: _, ...job }) => ({
        ...job,
        user: (ownerId === null ? undefined : people.get(ownerId)) ?? null,
      })),
      nextCursor: encodeOffset(end < page.total ? end : null),
    };
  });

  const some =
    (action: 'jobs-retried' | 'jobs-dropped', does: 'retry' | 'drop') =>
    async (
      { params, body }: { params: { queue: string }; body: { jobId?: string | undefined } },
      call: Call,
    ) => {
      const jobs = await queues[does](params.queue, body.jobId);
      if (jobs === undefined) throw noSuchQueue();
      if (body.jobId !== undefined && jobs === 0) throw noSuchJob();
      await note(call, action, params.queue, body.jobId === undefined ? { jobs } : { job: body.jobId });
      return { jobs };
    };
  mount.route(retryFailedJobs, some('jobs-retried', 'retry'));
  mount.route(dropFailedJobs, some('jobs-dropped', 'drop'));
}
