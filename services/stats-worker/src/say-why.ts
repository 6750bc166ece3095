import type { RunningJob } from '@spindle/queues';
import { GiveUp } from '@spindle/service-kit';
import { BadResponse, UpstreamFailure } from '@spindle/spotify';

/** Why nothing came of it, in words for the listener; null when the error says nothing that they may read. */
function inWords(error: unknown): GiveUp | null {
  // A refusal that was not believed until now, such as that of a consent.
  if (error instanceof Error && error.cause instanceof GiveUp) return error.cause;
  if (error instanceof UpstreamFailure || error instanceof BadResponse) {
    return new GiveUp({
      code: 'upstream',
      message: 'Spotify did not answer as it should, several times over minutes. Try again later.',
      cause: error,
    });
  }
  return null;
}

/** Does `work`; what might have healed and did not, up to the last attempt, ends the job in words. */
export async function sayWhy<T>(
  job: Pick<RunningJob<'stats'>, 'attempt' | 'maxAttempts'>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw (job.attempt >= job.maxAttempts && inWords(error)) || error;
  }
}
