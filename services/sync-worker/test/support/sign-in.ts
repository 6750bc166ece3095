import { type Database, saveConsent, signInUser, startCapture } from '@spindle/db';
import type { SpotifyApp, TokenBox } from '@spindle/service-kit';
import { type OAuth, SCOPES } from '@spindle/spotify';
import { approveConsent, type Sandbox } from '@spindle/spotify-sandbox';

export const REDIRECT = 'http://127.0.0.1/auth/callback';

export interface SignIn {
  readonly sandbox: Sandbox;
  readonly db: Database;
  readonly oauth: OAuth;
  readonly box: TokenBox;
  readonly app: SpotifyApp;
  readonly now: () => Date;
  /** What the person consents to; everything unless told. */
  readonly scopes?: readonly string[];
}

/** Signs a person in through the sandbox's consent page, as the gateway does, and starts their capture; their user id. */
export async function signIn(personId: string, parts: SignIn): Promise<number> {
  const code = await approveConsent(parts.sandbox.accountsUrl, {
    clientId: parts.app.clientId,
    redirectUri: REDIRECT,
    scopes: parts.scopes ?? SCOPES,
    personId: personId,
  });
  const tokens = await parts.oauth.exchangeCode(parts.app, { code, redirectUri: REDIRECT });
  return parts.db.transaction(async (tx) => {
    const account = { accountId: personId, spotifyId: personId, displayName: personId, imageUrl: null };
    const outcome = await signInUser(tx, account, parts.now());
    if (!outcome.ok) throw new Error(`sign-in of ${personId}: ${outcome.reason}`);
    const consented = { appId: parts.app.id, tokens, authorizedAt: parts.now() };
    await saveConsent(tx, parts.box, outcome.userId, consented);
    await startCapture(tx, outcome.userId, parts.now());
    return outcome.userId;
  });
}
