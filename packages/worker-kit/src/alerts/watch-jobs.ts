import type { Processor } from '@spindle/queues';
import type { InstanceWatch } from './instance-watch.ts';

/** What a worker that watches has in its context. */
interface Watching {
  readonly watch?: InstanceWatch;
}

/** Looks whether anything goes wrong; both workers that watch do it, and one look in a while is enough. */
export const watchInstance: Processor<Watching, 'sync', 'watch-instance'> &
  Processor<Watching, 'stats', 'watch-instance'> = async (context, _payload, job) =>
  (await context.watch?.look(job.signal)) ?? { active: 0, sent: 0, failed: 0 };

/** Sends a message to try where alerts go; what went wrong is the job's failure, in words. */
export const testAlert: Processor<Watching, 'stats', 'test-alert'> = async (context, _payload, job) =>
  (await context.watch?.test(job.signal)) ?? { sent: 0 };
