import { ACTIVE } from './active-users.ts';
import { noteInvited, useInvitation } from './administration/invitations.ts';
import { shownTo } from './catalogue/shown-to.ts';
import type { Database, Queryable, Transaction } from './client.ts';
import { freeHandle, handleFrom } from './handle.ts';
import { lockHistory } from './plays/ingest.ts';
import { loadSettings } from './settings.ts';
import { markStale, STALE } from './statistics/state.ts';
import { isUniqueViolation } from './unique-violation.ts';

/** A Spotify account as `GET /v1/me` tells it. */
export interface SpotifyAccount {
  /** Immutable; absent where Spotify does not tell it (yet). */
  readonly accountId: string | null;
  readonly spotifyId: string;
  readonly displayName: string | null;
  readonly imageUrl: string | null;
}

export type SignInOutcome =
  | { readonly ok: true; readonly userId: number; readonly isNew: boolean; readonly isAdmin: boolean }
  | { readonly ok: false; readonly reason: SignInRefusal };

/**
 * `erasing`: the person asked to be erased, and that is not done yet. `disabled`: an admin shut the account.
 * `invitation-needed`: the person is new and came without one; `invitation-over`: theirs is good no more.
 */
export type SignInRefusal =
  | 'registration-closed'
  | 'invitation-needed'
  | 'invitation-over'
  | 'erasing'
  | 'disabled';

interface KnownUser {
  id: number;
  is_admin: boolean;
  erasing_at: Date | null;
  disabled_at: Date | null;
}

/** Accounts seen before `account_id` existed are known by `id` in its place, and learn the real one. */
async function findUser(tx: Transaction, account: SpotifyAccount): Promise<KnownUser | undefined> {
  const { rows } = await tx.query<KnownUser>(
    `SELECT id, is_admin, erasing_at, disabled_at FROM users
      WHERE account_id = $1 OR (account_id = spotify_id AND spotify_id = $2)
      ORDER BY (account_id = $1) DESC LIMIT 1`,
    [account.accountId ?? account.spotifyId, account.spotifyId],
  );
  return rows[0];
}

async function insertUser(tx: Transaction, account: SpotifyAccount, now: Date): Promise<KnownUser> {
  const displayName = account.displayName?.trim() || account.spotifyId;
  const base = handleFrom(displayName);
  const { rows: taken } = await tx.query<{ handle: string }>(
    `SELECT handle FROM users WHERE handle = $1 OR handle LIKE $2`,
    [base, `${base}-%`],
  );
  const { rows } = await tx.query<KnownUser>(
    `INSERT INTO users (account_id, spotify_id, handle, display_name, image_url, is_admin, created_at, last_sign_in_at)
     SELECT $1, $2, $3, $4, $5, NOT EXISTS (SELECT 1 FROM users WHERE is_admin), $6, $6
     RETURNING id, is_admin, erasing_at, disabled_at`,
    [
      account.accountId ?? account.spotifyId,
      account.spotifyId,
      freeHandle(base, new Set(taken.map((row) => row.handle))),
      displayName.slice(0, 60),
      account.imageUrl,
      now,
    ],
  );
  const [created] = rows;
  if (!created) throw new Error('the new user was not stored');
  return created;
}

type Admission =
  | { readonly ok: true; readonly invitationId: number | null }
  | { readonly ok: false; readonly reason: SignInRefusal };

/** Whether somebody new may register. An invitation that is good is used once by this. */
async function admitNewcomer(tx: Transaction, invitationId: number | null, now: Date): Promise<Admission> {
  const { rows } = await tx.query('SELECT 1 FROM users LIMIT 1');
  // Whoever comes first is the admin, and was invited by setting the instance up.
  if (rows.length === 0) return { ok: true, invitationId: null };
  const { registration } = await loadSettings(tx);
  if (registration === 'closed') return { ok: false, reason: 'registration-closed' };
  if (invitationId !== null && (await useInvitation(tx, invitationId, now)))
    return { ok: true, invitationId };
  if (registration === 'open') return { ok: true, invitationId: null };
  return { ok: false, reason: invitationId === null ? 'invitation-needed' : 'invitation-over' };
}

/**
 * Finds or makes the user of a Spotify account that has just signed in. Whoever comes first is the
 * admin. A known user keeps the name and settings that were chosen here.
 *
 * @param invitationId by which the person came; whom the instance knows needs none, and uses none up.
 */
export async function signInUser(
  tx: Transaction,
  account: SpotifyAccount,
  now: Date,
  invitationId: number | null = null,
): Promise<SignInOutcome> {
  // One newcomer after another: two at once would both be the first, or take the same handle.
  await tx.query('SELECT pg_advisory_xact_lock(hashtext($1))', ['users']);
  const known = await findUser(tx, account);
  if (known?.erasing_at) return { ok: false, reason: 'erasing' };
  if (known?.disabled_at) return { ok: false, reason: 'disabled' };
  if (known) {
    await tx.query(
      `UPDATE users SET account_id = coalesce($2, account_id), spotify_id = $3, image_url = $4, last_sign_in_at = $5
        WHERE id = $1`,
      [known.id, account.accountId, account.spotifyId, account.imageUrl, now],
    );
    return { ok: true, userId: known.id, isNew: false, isAdmin: known.is_admin };
  }
  const admission = await admitNewcomer(tx, invitationId, now);
  if (!admission.ok) return admission;
  const created = await insertUser(tx, account, now);
  if (admission.invitationId !== null) await noteInvited(tx, admission.invitationId, created.id, now);
  return { ok: true, userId: created.id, isNew: true, isAdmin: created.is_admin };
}

/** Takes over what Spotify tells of an account that is known: name (where none was chosen) and picture. */
export async function refreshUserProfile(
  db: Database,
  userId: number,
  account: SpotifyAccount,
): Promise<{ displayName: string; imageUrl: string | null }> {
  const user = await db.prisma.user.update({
    where: { id: userId },
    data: {
      imageUrl: account.imageUrl,
      ...(account.displayName?.trim() && { displayName: account.displayName.trim().slice(0, 60) }),
    },
    select: { displayName: true, imageUrl: true },
  });
  return user;
}

/** What decides what a signed-in caller may do, and their handle; null when the user is gone. */
export async function loadCaller(
  db: Database,
  userId: number,
): Promise<{ isAdmin: boolean; erasing: boolean; disabled: boolean; handle: string } | null> {
  const { rows } = await db.pool.query<{
    is_admin: boolean;
    erasing: boolean;
    disabled: boolean;
    handle: string;
  }>(
    `SELECT is_admin, erasing_at IS NOT NULL AS erasing, disabled_at IS NOT NULL AS disabled, handle
       FROM users WHERE id = $1`,
    [userId],
  );
  const [row] = rows;
  return row
    ? { isAdmin: row.is_admin, erasing: row.erasing, disabled: row.disabled, handle: row.handle }
    : null;
}

/** The name a listener goes by; empty when they are gone. */
export async function loadUserName(db: Queryable, userId: number): Promise<string> {
  const { rows } = await db.query<{ name: string }>('SELECT display_name AS name FROM users WHERE id = $1', [
    userId,
  ]);
  return rows[0]?.name ?? '';
}

/** The user whose player the instance shows: as chosen in the settings, else the first admin. */
export async function findOwner(db: Database): Promise<number | null> {
  const { ownerUserId } = await loadSettings(db.pool);
  const { rows } = await db.pool.query<{ id: number }>(
    `SELECT u.id FROM users u WHERE ${ACTIVE} AND (u.id = $1::int OR u.is_admin)
      ORDER BY (u.id = $1::int) DESC NULLS LAST, u.id LIMIT 1`,
    [ownerUserId],
  );
  return rows[0]?.id ?? null;
}

/** Somebody whose player anybody may see at this moment; null for everybody else, existing or not. */
export async function findSharing(db: Database, handle: string, now: Date): Promise<number | null> {
  const { rows } = await db.pool.query<{ id: number }>(
    `SELECT u.id FROM users u JOIN shares s ON s.user_id = u.id
      WHERE u.handle = $1 AND ${ACTIVE} AND s.ended_at IS NULL
        AND (s.expires_at IS NULL OR s.expires_at > $2)`,
    [handle, now],
  );
  return rows[0]?.id ?? null;
}

export interface UserSettingsChange {
  readonly handle?: string | undefined;
  readonly displayName?: string | undefined;
  readonly timeZone?: string | undefined;
  readonly publicProfile?: boolean | undefined;
  readonly publicHistory?: boolean | undefined;
  readonly publicStats?: boolean | undefined;
  readonly comparable?: boolean | undefined;
  /** ms; measured plays shorter than this do not count. */
  readonly minPlayMs?: number | undefined;
  readonly trackers?: boolean | undefined;
  readonly liveCapture?: boolean | undefined;
  /** Row ids, the whole set. */
  readonly hiddenArtists?: readonly number[] | undefined;
}

const COLUMNS = {
  handle: 'handle',
  displayName: 'display_name',
  timeZone: 'time_zone',
  publicProfile: 'public_profile',
  publicHistory: 'public_history',
  publicStats: 'public_stats',
  comparable: 'comparable',
  minPlayMs: 'min_play_ms',
  trackers: 'trackers',
  liveCapture: 'live_capture',
} as const;

/**
 * Makes the rules of kind artist be those of `artistIds`. Rules that stay are left as they are.
 *
 * @returns `unknown`: an id that names no artist; then nothing was written.
 */
async function replaceHiddenArtists(
  tx: Transaction,
  userId: number,
  artistIds: readonly number[],
): Promise<{ readonly changed: boolean } | { readonly unknown: number }> {
  const { rows: missing } = await tx.query<{ id: number }>(
    `SELECT id FROM unnest($1::int[]) AS wanted (id)
      WHERE NOT EXISTS (SELECT 1 FROM artists a WHERE a.id = wanted.id AND ${shownTo('artist', 'a', '$2')}) LIMIT 1`,
    [artistIds, userId],
  );
  if (missing[0]) return { unknown: missing[0].id };
  const gone = await tx.query(
    `DELETE FROM exclusion_rules WHERE user_id = $1 AND kind = 'artist' AND artist_id <> ALL($2::int[])`,
    [userId, artistIds],
  );
  const added = await tx.query(
    `INSERT INTO exclusion_rules (user_id, kind, artist_id) SELECT $1, 'artist', unnest($2::int[])
     ON CONFLICT DO NOTHING`,
    [userId, artistIds],
  );
  return { changed: (gone.rowCount ?? 0) + (added.rowCount ?? 0) > 0 };
}

export type SettingsOutcome =
  /** `recount`: figures have to be counted anew. */
  | { readonly ok: true; readonly recount: boolean }
  | { readonly ok: false; readonly reason: 'handle-taken' }
  | { readonly ok: false; readonly reason: 'unknown-artist'; readonly artistId: number };

class SettingsRefused extends Error {
  readonly outcome: SettingsOutcome;

  constructor(outcome: SettingsOutcome) {
    super('settings refused');
    this.outcome = outcome;
  }
}

interface Counting {
  time_zone: string;
  min_play_ms: number;
}

/**
 * Changes a listener's settings, all or none. A new time zone, shortest play or set of hidden artists
 * asks for a recount.
 */
export async function changeUserSettings(
  db: Database,
  userId: number,
  change: UserSettingsChange,
): Promise<SettingsOutcome> {
  const columns = Object.entries(COLUMNS).flatMap(([key, column]) => {
    const value = change[key as keyof typeof COLUMNS];
    return value === undefined ? [] : [{ column, value }];
  });
  try {
    const recount = await db.transaction(async (tx) => {
      await lockHistory(tx, userId);
      const { rows } = await tx.query<Counting>('SELECT time_zone, min_play_ms FROM users WHERE id = $1', [
        userId,
      ]);
      if (columns.length > 0) {
        const assignments = columns.map(({ column }, index) => `${column} = $${index + 2}`).join(', ');
        await tx.query(`UPDATE users SET ${assignments} WHERE id = $1`, [
          userId,
          ...columns.map(({ value }) => value),
        ]);
      }
      let hidesOthers = false;
      if (change.hiddenArtists) {
        const outcome = await replaceHiddenArtists(tx, userId, change.hiddenArtists);
        if ('unknown' in outcome) {
          throw new SettingsRefused({ ok: false, reason: 'unknown-artist', artistId: outcome.unknown });
        }
        hidesOthers = outcome.changed;
      }
      const differs =
        (change.timeZone !== undefined && change.timeZone !== rows[0]?.time_zone) ||
        (change.minPlayMs !== undefined && change.minPlayMs !== rows[0]?.min_play_ms) ||
        hidesOthers;
      if (differs) await markStale(tx, userId, STALE.all);
      return differs;
    });
    return { ok: true, recount };
  } catch (error) {
    if (error instanceof SettingsRefused) return error.outcome;
    if (isUniqueViolation(error, 'users_handle_key')) return { ok: false, reason: 'handle-taken' };
    throw error;
  }
}

/**
 * First step of an erasure: from now on nothing can act for this user any more. Tokens of Spotify and
 * of this API are gone when it returns, shares are over; the job removes the rest.
 *
 * @param before done in the same transaction, first; what it throws stops the erasure.
 */
export async function beginErasure(
  db: Database,
  userId: number,
  now: Date,
  before?: (tx: Transaction) => Promise<void>,
): Promise<void> {
  await db.transaction(async (tx) => {
    await before?.(tx);
    await tx.query('UPDATE users SET erasing_at = coalesce(erasing_at, $2) WHERE id = $1', [userId, now]);
    await tx.query('DELETE FROM spotify_credentials WHERE user_id = $1', [userId]);
    await tx.query('DELETE FROM api_tokens WHERE user_id = $1', [userId]);
    await tx.query('DELETE FROM relays WHERE user_id = $1', [userId]);
    await tx.query(
      'UPDATE shares SET ended_at = greatest($2, started_at) WHERE user_id = $1 AND ended_at IS NULL',
      [userId, now],
    );
  });
}
