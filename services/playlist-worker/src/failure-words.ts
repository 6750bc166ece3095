import { GiveUp } from '@spindle/service-kit';
import { BadResponse, SpotifyRefusal, UpstreamFailure } from '@spindle/spotify';

/** Refusals that mean something more exact here than in general. */
const WORDS: Readonly<Partial<Record<string, string>>> = {
  forbidden: 'Spotify does not let this playlist be made or changed for your account.',
  not_found: 'The playlist is gone from Spotify. Ask for it once more to get a new one.',
  bad_request: 'Spotify did not accept the list.',
};

/**
 * What ends an operation for good, in words for the listener; null when it may heal.
 *
 * @param isLast nothing will be tried after this.
 */
export function finalFailure(error: unknown, isLast: boolean): GiveUp | null {
  if (error instanceof SpotifyRefusal) {
    const message = WORDS[error.code];
    return message === undefined ? error : new GiveUp({ code: error.code, message, cause: error });
  }
  if (error instanceof GiveUp) return error;
  // A refusal that was not believed until now, such as that of a consent.
  if (isLast && error instanceof Error && error.cause instanceof GiveUp) return error.cause;
  if (isLast && (error instanceof UpstreamFailure || error instanceof BadResponse)) {
    return new GiveUp({
      code: 'upstream',
      message: 'Spotify did not answer as it should, several times over minutes. Try again later.',
      cause: error,
    });
  }
  return null;
}
