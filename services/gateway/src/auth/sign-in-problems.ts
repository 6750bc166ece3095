import { AppError, problems, RetryLater } from '@spindle/service-kit';
import { ReauthRequired, SpotifyRefusal } from '@spindle/spotify';

/** Everything that can go wrong on the way back from Spotify, each with what to do about it. */

export const declined = () =>
  problems.forbidden(
    'You did not allow the access on the page of Spotify, so nothing was stored. Sign in again whenever you like.',
    { code: 'consent-declined' },
  );

export const unknownState = () =>
  problems.forbidden(
    'This sign-in was not started in this browser, took longer than ten minutes, or was finished already. Start it again.',
    { code: 'sign-in-state' },
  );

export const registrationClosed = () =>
  problems.forbidden(
    'This instance takes nobody new at the moment. Ask the person who runs it to let you in.',
    {
      code: 'registration-closed',
    },
  );

export const invitationNeeded = () =>
  problems.forbidden(
    'This instance takes new people by invitation. Ask the person who runs it for a link, and open it first.',
    { code: 'invitation-needed' },
  );

export const invitationOver = () =>
  problems.forbidden(
    'Your invitation is good no more: it was used, has run out, or was taken back. Ask for another.',
    { code: 'invitation-over' },
  );

/** For somebody who would sign in to an account that an admin has shut. */
export const accountDisabled = () =>
  problems.forbidden(
    'An admin of this instance has disabled your account. Nothing of yours was deleted; ask the person who runs it to open it again.',
    { code: 'account-disabled' },
  );

/** For somebody whose sign-in ended because an admin has shut their account. */
export const accountShut = () =>
  problems.unauthenticated(
    'An admin of this instance has disabled your account, so you were signed out. Nothing of yours was deleted; ask the person who runs it to open it again.',
    { code: 'account-disabled' },
  );

export const beingErased = () =>
  problems.conflict('Your data is being erased, as you asked. Sign in again in a minute, as somebody new.', {
    code: 'being-erased',
  });

/** What Spotify itself said in the address (`error=…`), apart from a refusal by the person. */
export const refusedBySpotify = (error: string) =>
  problems.upstream(
    `Spotify ended the sign-in (${/^[a-z_]{1,60}$/.test(error) ? error : 'unknown error'}). Start it again; if that does not help, the operator should check the app in the Spotify dashboard.`,
    { code: 'spotify-refused' },
  );

/** Turns what the exchange of the code or the reading of the profile threw into a problem with a way out. */
export function toSignInProblem(thrown: unknown): unknown {
  // passport-oauth2 wraps what the token endpoint gave.
  const error =
    thrown instanceof Error && 'oauthError' in thrown && thrown.oauthError !== undefined
      ? thrown.oauthError
      : thrown;
  if (error instanceof AppError || error instanceof RetryLater) return error;
  if (error instanceof ReauthRequired) {
    return problems.forbidden(
      'Spotify does not accept the code of this sign-in: it was used or is too old. Start again.',
      {
        code: 'sign-in-code',
        cause: error,
      },
    );
  }
  if (error instanceof SpotifyRefusal) {
    return problems.forbidden(error.message, { code: error.code.replaceAll('_', '-'), cause: error });
  }
  if (error instanceof Error && ['UpstreamFailure', 'BadResponse'].includes(error.name)) {
    return problems.upstream('Spotify does not answer at the moment. Try to sign in again in a minute.', {
      retryAfterMs: 60_000,
      cause: error,
    });
  }
  return error;
}
