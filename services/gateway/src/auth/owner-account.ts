import { createHash } from 'node:crypto';
import {
  type Database,
  listConnected,
  loadSettings,
  saveConsent,
  saveSettings,
  signInUser,
  startCapture,
} from '@spindle/db';
import type { Clock, Logger, SpotifyApp, TokenBox } from '@spindle/service-kit';
import { ReauthRequired, type Spotify, SpotifyRefusal, type TokenGrant } from '@spindle/spotify';
import { toAccount } from './sign-in.ts';

export interface OwnerAccountParts {
  readonly db: Database;
  readonly spotify: Spotify;
  readonly apps: readonly SpotifyApp[];
  readonly box: TokenBox;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A refresh token belongs to one app, but does not say to which. */
async function refreshWithAny(
  parts: OwnerAccountParts,
  refreshToken: string,
): Promise<{ appId: string; tokens: TokenGrant }> {
  const { governor, oauth } = parts.spotify;
  let refusal: unknown = new Error('no Spotify app is configured');
  for (const app of parts.apps) {
    const grant = await governor.acquire({ appId: app.id, bucket: 'accounts', lane: 'sign-in' });
    try {
      const tokens = await oauth.refresh(app, refreshToken);
      await governor.report(grant, {});
      return { appId: app.id, tokens };
    } catch (error) {
      refusal = await governor.report(grant, { error });
      if (!(refusal instanceof ReauthRequired || refusal instanceof SpotifyRefusal)) throw refusal;
    }
  }
  throw refusal;
}

/**
 * Makes the account of `MY_SPOTIFY_REFRESH_TOKEN` the one that the instance shows as its owner's. Asks
 * Spotify once a token, not once a start. Without a token, what an earlier one had set is undone.
 *
 * @returns the owner's user id; null when no token is set.
 * @throws what Spotify or the governor said.
 */
export async function adoptOwner(
  parts: OwnerAccountParts,
  refreshToken: string | undefined,
): Promise<number | null> {
  const { db, spotify, box, clock } = parts;
  const settings = await loadSettings(db.pool);
  if (refreshToken === undefined) {
    if (settings.ownerTokenHash !== null) {
      await saveSettings(db, { ownerUserId: null, ownerTokenHash: null }, clock.now());
    }
    return null;
  }
  const ownerTokenHash = createHash('sha256').update(refreshToken).digest('base64url');
  if (settings.ownerTokenHash === ownerTokenHash && settings.ownerUserId !== null)
    return settings.ownerUserId;

  const { appId, tokens } = await refreshWithAny(parts, refreshToken);
  const profile = await spotify.withToken(appId, tokens.accessToken, { lane: 'sign-in' }).me();
  if (!profile) throw new Error('Spotify told nothing of the account of MY_SPOTIFY_REFRESH_TOKEN');
  const now = clock.now();
  const connected = await listConnected(db);
  const userId = await db.transaction(async (tx) => {
    const outcome = await signInUser(tx, toAccount(profile), now);
    if (!outcome.ok)
      throw new Error(`the account of MY_SPOTIFY_REFRESH_TOKEN cannot be the owner: ${outcome.reason}`);
    // A consent that was given here in the browser is newer and says when it ends.
    if (outcome.isNew || !connected.includes(outcome.userId)) {
      const kept = { ...tokens, refreshToken: tokens.refreshToken ?? refreshToken };
      await saveConsent(tx, box, outcome.userId, { appId, tokens: kept, authorizedAt: now });
      await startCapture(tx, outcome.userId, now);
    }
    return outcome.userId;
  });
  await saveSettings(db, { ownerUserId: userId, ownerTokenHash }, now);
  return userId;
}
