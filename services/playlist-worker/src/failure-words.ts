import { GiveUp } from '@spindle/service-kit';
import { SpotifyRefusal } from '@spindle/spotify';
import { lastFailure } from '@spindle/worker-kit';

/** Refusals that mean something more exact here than in general. */
const WORDS: Readonly<Partial<Record<string, string>>> = {
  forbidden: 'Spotify does not let this playlist be made or changed for your account.',
  not_found: 'The playlist is gone from Spotify. Ask for it once more to get a new one.',
  bad_request: 'Spotify did not accept the list.',
};

/** The same refusals while the source is read. */
const SOURCE_WORDS: Readonly<Partial<Record<string, readonly [code: string, message: string]>>> = {
  forbidden: [
    'foreign_playlist',
    'Spotify lets only the owner of a playlist and those who edit it see what is in it. Copy its songs into a playlist of your own, and shuffle that one.',
  ],
  not_found: ['source_gone', 'The playlist that was to be read is gone from Spotify.'],
};

/** What is told of a fault of ours, which the log has. */
export const OWN_FAULT = {
  code: 'internal',
  message: 'Something went wrong here. It was recorded for the operator.',
} as const;

/** A refusal to read a source, in the words for it; anything else as it is. */
export function sourceFailure(error: unknown): unknown {
  const words = error instanceof SpotifyRefusal ? SOURCE_WORDS[error.code] : undefined;
  return words ? new GiveUp({ code: words[0], message: words[1], cause: error }) : error;
}

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
  return isLast ? lastFailure(error) : null;
}
