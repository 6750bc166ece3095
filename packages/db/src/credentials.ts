import { GiveUp, type TokenBox } from '@spindle/service-kit';
import type { Database, Queryable, Transaction } from './client.ts';

/** What Spotify answered at a code exchange or a refresh. */
export interface GrantedTokens {
  readonly accessToken: string;
  /** Seconds. */
  readonly expiresInS: number;
  /** Null when the old one stays in force. */
  readonly refreshToken: string | null;
  readonly scope: string;
}

export interface StoredAccessToken {
  readonly appId: string;
  readonly accessToken: string;
  readonly expiresAt: Date;
}

export interface CredentialsOptions {
  readonly db: Database;
  readonly box: TokenBox;
  /** The time, for expiry and notes. */
  readonly now: () => Date;
  /** Told when a listener has to sign in again. */
  readonly onReauthNeeded?: (userId: number) => Promise<void>;
}

interface CredentialRow {
  app_id: string;
  access_token: Uint8Array | null;
  refresh_token: Uint8Array | null;
  access_token_expires_at: Date | null;
  scope: string;
  authorized_at: Date;
  refused_at: Date | null;
  reauth_needed_at: Date | null;
  disabled: boolean;
}

/**
 * A refusal counts only when it is repeated after this long: in an outage Spotify once answered
 * `invalid_grant` for tokens that were good (listenbrainz-server#1921).
 */
export const CONFIRM_REFUSAL_MS = 10 * 60_000;
const CONSENT_MS = 180 * 86_400_000;

const COLUMNS = `app_id, access_token, refresh_token, access_token_expires_at, scope, authorized_at, refused_at,
  reauth_needed_at, (SELECT u.disabled_at IS NOT NULL FROM users u WHERE u.id = user_id) AS disabled`;

function reauthNeeded(): GiveUp {
  return new GiveUp({
    code: 'reauth_needed',
    message: 'Spotify no longer accepts the consent. Sign in again to reconnect.',
  });
}

/** @throws GiveUp `reauth_needed`, or `account_disabled` */
function requireUsable(row: CredentialRow | undefined): asserts row is CredentialRow {
  if (!row || row.reauth_needed_at) throw reauthNeeded();
  if (row.disabled) {
    throw new GiveUp({
      code: 'account_disabled',
      message: 'An admin of this instance has disabled the account.',
    });
  }
}

const isRefusal = (error: unknown): boolean => error instanceof GiveUp && error.code === 'reauth_needed';

/** What the tokens of a listener are sealed for (see `TokenBox`). */
export const credentialContext = (userId: number): string => `user:${userId}`;

/** Stores what a consent gave, inside the transaction of the sign-in. All earlier notes are over. */
export async function saveConsent(
  tx: Transaction,
  box: TokenBox,
  userId: number,
  consent: { readonly appId: string; readonly tokens: GrantedTokens; readonly authorizedAt: Date },
): Promise<void> {
  const { tokens, authorizedAt } = consent;
  const seal = (token: string) => Buffer.from(box.seal(token, credentialContext(userId)));
  await tx.query(
    `INSERT INTO spotify_credentials (user_id, app_id, access_token, refresh_token, access_token_expires_at, scope,
                                      authorized_at, updated_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
     ON CONFLICT (user_id) DO UPDATE
        SET app_id = excluded.app_id, access_token = excluded.access_token,
            refresh_token = coalesce(excluded.refresh_token, spotify_credentials.refresh_token),
            access_token_expires_at = excluded.access_token_expires_at, scope = excluded.scope,
            authorized_at = excluded.authorized_at, refused_at = NULL, reauth_needed_at = NULL,
            reauth_reason = NULL, refusal = NULL, refusal_at = NULL, updated_at = excluded.updated_at`,
    [
      userId,
      consent.appId,
      seal(tokens.accessToken),
      tokens.refreshToken === null ? null : seal(tokens.refreshToken),
      new Date(authorizedAt.getTime() + tokens.expiresInS * 1000),
      tokens.scope,
      authorizedAt,
    ],
  );
}

/**
 * The tokens of all listeners, sealed at rest. Refreshing holds the row's lock while Spotify is asked,
 * so that all processes together ask once. Nothing here ever deletes a token: a refused consent is
 * noted, believed when it is repeated, and then waits for the person.
 */
export function createCredentials({ db, box, now, onReauthNeeded }: CredentialsOptions) {
  const open = (sealed: Uint8Array | null, userId: number): string => {
    if (!sealed) throw reauthNeeded();
    return box.open(sealed, credentialContext(userId));
  };
  const toToken = (row: CredentialRow, userId: number): StoredAccessToken => ({
    appId: row.app_id,
    accessToken: open(row.access_token, userId),
    expiresAt: row.access_token_expires_at ?? new Date(0),
  });

  async function noteReauth(
    tx: Transaction,
    userId: number,
    row: CredentialRow,
    cause: string,
  ): Promise<boolean> {
    const at = now();
    const old = at.getTime() - row.authorized_at.getTime() > CONSENT_MS;
    const repeated = row.refused_at !== null && at.getTime() - row.refused_at.getTime() >= CONFIRM_REFUSAL_MS;
    if (!old && !repeated) {
      await tx.query(
        'UPDATE spotify_credentials SET refused_at = coalesce(refused_at, $2) WHERE user_id = $1',
        [userId, at],
      );
      return false;
    }
    await tx.query(
      'UPDATE spotify_credentials SET reauth_needed_at = coalesce(reauth_needed_at, $2), reauth_reason = $3 WHERE user_id = $1',
      [userId, at, cause],
    );
    return true;
  }

  return {
    /** @throws GiveUp `reauth_needed` when there is no usable consent, `account_disabled` when an admin shut the account. */
    async current(userId: number): Promise<StoredAccessToken> {
      const { rows } = await db.pool.query<CredentialRow>(
        `SELECT ${COLUMNS} FROM spotify_credentials WHERE user_id = $1`,
        [userId],
      );
      const [row] = rows;
      requireUsable(row);
      return toToken(row, userId);
    },

    /** See `TokenStore` of packages/spotify. A first, unconfirmed refusal is thrown as something that may heal. */
    async refresh(
      userId: number,
      stale: string,
      exchange: (refreshToken: string, appId: string) => Promise<GrantedTokens>,
    ): Promise<StoredAccessToken> {
      let failure: { error: unknown; final: boolean } | null = null;
      const token = await db.transaction(async (tx) => {
        const { rows } = await tx.query<CredentialRow>(
          `SELECT ${COLUMNS} FROM spotify_credentials WHERE user_id = $1 FOR UPDATE`,
          [userId],
        );
        const [row] = rows;
        requireUsable(row);
        if (open(row.access_token, userId) !== stale) return toToken(row, userId);
        try {
          const granted = await exchange(open(row.refresh_token, userId), row.app_id);
          const expiresAt = new Date(now().getTime() + granted.expiresInS * 1000);
          const seal = (text: string) => Buffer.from(box.seal(text, credentialContext(userId)));
          await tx.query(
            `UPDATE spotify_credentials
                SET access_token = $2, access_token_expires_at = $3, refresh_token = coalesce($4, refresh_token),
                    scope = coalesce(nullif($5, ''), scope), refused_at = NULL, updated_at = $6
              WHERE user_id = $1`,
            [
              userId,
              seal(granted.accessToken),
              expiresAt,
              granted.refreshToken === null ? null : seal(granted.refreshToken),
              granted.scope,
              now(),
            ],
          );
          return { appId: row.app_id, accessToken: granted.accessToken, expiresAt };
        } catch (error) {
          if (!isRefusal(error)) throw error;
          // The note must be committed, so the refusal is thrown after the transaction.
          failure = { error, final: await noteReauth(tx, userId, row, (error as GiveUp).message) };
          return null;
        }
      });
      if (token) return token;
      const { error, final } = failure ?? { error: reauthNeeded(), final: true };
      if (!final)
        throw new Error('Spotify refused the refresh; it is tried again before it is believed', {
          cause: error,
        });
      await onReauthNeeded?.(userId);
      throw error;
    },

    async noteRefusal(userId: number, code: string): Promise<void> {
      await db.pool.query('UPDATE spotify_credentials SET refusal = $2, refusal_at = $3 WHERE user_id = $1', [
        userId,
        code,
        now(),
      ]);
    },
  };
}
export type Credentials = ReturnType<typeof createCredentials>;

/** The Spotify app that a listener consented to; null when they never did. */
export async function findAppOf(db: Queryable, userId: number): Promise<string | null> {
  const { rows } = await db.query<{ app_id: string }>(
    'SELECT app_id FROM spotify_credentials WHERE user_id = $1',
    [userId],
  );
  return rows[0]?.app_id ?? null;
}

/** Spotify answered this listener: an earlier refusal is over. */
export async function clearRefusal(tx: Transaction, userId: number): Promise<void> {
  await tx.query(
    'UPDATE spotify_credentials SET refusal = NULL, refusal_at = NULL WHERE user_id = $1 AND refusal IS NOT NULL',
    [userId],
  );
}

/** How many listeners Spotify refuses, by code. */
export async function countRefusals(db: Database): Promise<{ code: string; users: number }[]> {
  const { rows } = await db.pool.query<{ code: string; users: number }>(
    'SELECT refusal AS code, count(*)::int AS users FROM spotify_credentials WHERE refusal IS NOT NULL GROUP BY 1',
  );
  return rows;
}
