import type { Processor } from '@spindle/queues';
import { GiveUp } from '@spindle/service-kit';
import type { SyncContext } from '../context.ts';
import { notify } from './notify.ts';

/** Sends a notice to try the address; what went wrong is the job's failure, in words. */
export const testNotice: Processor<SyncContext, 'sync', 'test-notice'> = async (context, { userId }, job) => {
  const error = await notify(
    context,
    userId,
    {
      event: 'test',
      title: 'Spindle can reach you',
      message: 'You are told here 30, 7 and 1 days before Spotify ends the connection.',
      link: `${context.publicUrl}/settings`,
    },
    job.signal,
  );
  if (error !== null) throw new GiveUp({ code: 'notice_failed', message: error });
  return { sent: true };
};
