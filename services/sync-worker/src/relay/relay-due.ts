import { listDueRelays } from '@spindle/db';
import type { Processor } from '@spindle/queues';
import type { SyncContext } from '../context.ts';

/** Enqueues everybody who has plays to pass on; those whose job still waits or runs keep that one. */
export const relayDue: Processor<SyncContext, 'sync', 'relay-due'> = async (context, _payload, job) => {
  const due = await listDueRelays(context.db, context.clock.now());
  await Promise.all(
    due.map((userId) =>
      context.producer.add('sync', 'relay', { userId }, { requestId: `${job.requestId}.${userId}` }),
    ),
  );
  return { enqueued: due.length };
};
