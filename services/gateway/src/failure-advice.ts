import type { FailureKind } from '@spindle/contracts';

/** What a kind of failure means and what an operator does about it. */
interface Words {
  readonly what: string;
  readonly advice: string;
}

const KINDS: Readonly<Record<FailureKind, Words>> = {
  job: {
    what: 'A job failed',
    advice: 'Read the reason; when its cause is gone, run it again under Queues.',
  },
  sweep: {
    what: 'A sweep could not read this listener',
    advice: 'The next one tries again by itself. When it recurs, see how their consent stands.',
  },
  playlist: { what: 'A playlist could not be made', advice: 'The listener sees why and can try again.' },
  import: {
    what: 'An import failed',
    advice: 'The listener sees why. Uploading the same files again goes on where it stopped.',
  },
  consent: {
    what: 'Spotify ended the consent',
    advice: 'Ask the listener to sign in again; nothing of theirs is lost meanwhile but new plays.',
  },
  refusal: { what: 'Spotify refuses this listener', advice: 'Run the checks of the set-up on the overview.' },
  capture: {
    what: 'The last reading failed',
    advice: 'It is tried again by itself, ever more slowly. When it lasts, see the quota.',
  },
  gap: {
    what: 'Plays are missing between two readings',
    advice:
      'Spotify shows only the last fifty. An import of their extended history fills the gap; more quota keeps the next from coming.',
  },
  relay: {
    what: 'Plays could not be passed on',
    advice: 'The listener looks after the address and the token of the other server in their settings.',
  },
};

/** What is known better by its code. */
const CODES: Readonly<Record<string, Partial<Words>>> = {
  reauth_needed: {
    what: 'Spotify no longer accepts the consent',
    advice: 'Ask the listener to sign in again; nothing of theirs is lost meanwhile but new plays.',
  },
  account_disabled: {
    what: 'The account is disabled',
    advice: 'Enable it under Listeners, or drop the job.',
  },
  not_allow_listed: {
    what: 'Spotify does not know this listener as a user of the app',
    advice: 'Add their name and Spotify e-mail under User Management in the Spotify dashboard.',
  },
  owner_not_premium: {
    what: 'Spotify pauses the whole app: its owner has no Premium',
    advice:
      'Renew the subscription of the account that owns the app; Spotify answers again some hours later.',
  },
  missing_scope: {
    what: 'A permission is missing',
    advice: 'Ask the listener to sign in again and allow everything on the page.',
  },
  invalid_payload: {
    what: 'The job was made by another version',
    advice: 'Drop it; what it was for is done by the next one.',
  },
};

/** `isKnown`: the words are those of the code, not only of the kind. */
export function adviceFor(kind: FailureKind, code: string): Words & { readonly isKnown: boolean } {
  const isKnown = Object.hasOwn(CODES, code);
  return { ...KINDS[kind], ...(isKnown ? CODES[code] : {}), isKnown };
}
