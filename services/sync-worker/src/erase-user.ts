import { eraseUser as erase } from '@spindle/db';
import type { Processor } from '@spindle/queues';
import type { SyncContext } from './context.ts';

/** Removes everything of a listener who asked for it; their tokens went when they asked. */
export const eraseUser: Processor<SyncContext, 'sync', 'erase-user'> = async (context, { userId }) => ({
  erased: await erase(context.db, userId),
});
