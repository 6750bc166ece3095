import { getJob } from '@spindle/contracts';
import { problems } from '@spindle/service-kit';
import { listenerId } from '../caller.ts';
import type { GatewayContext } from '../context.ts';
import { jobDocument } from '../job-answer.ts';
import type { Mount } from '../mount.ts';

export function mountJobs(mount: Mount, context: GatewayContext): void {
  mount.route(getJob, async ({ params }, { caller }) => {
    const userId = listenerId(caller);
    const job = await context.producer.get(params.id);
    // Somebody else's job does not exist for this caller.
    if (!job || job.ownerId !== userId) throw problems.notFound('You have no such job.');
    return jobDocument(job);
  });
}
