import type { RunningJob } from '@spindle/queues';
import { lastFailure } from '@spindle/worker-kit';

/** Does `work`; what might have healed and did not, up to the last attempt, ends the job in words. */
export async function sayWhy<T>(
  job: Pick<RunningJob<'stats'>, 'attempt' | 'maxAttempts'>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw (job.attempt >= job.maxAttempts && lastFailure(error)) || error;
  }
}
