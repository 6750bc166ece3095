import { GiveUp } from '@spindle/service-kit';
import { BadResponse, UpstreamFailure } from '@spindle/spotify';

/**
 * What might have healed and did not, up to the last attempt of a job, in words for the listener; null when
 * the error says nothing that they may read.
 */
export function lastFailure(error: unknown): GiveUp | null {
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
