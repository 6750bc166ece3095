import type { AdminUserView, UserFilter, UserSort } from '@spindle/contracts';
import { ACTIVE } from '../active-users.ts';
import type { Database, Queryable, Transaction } from '../client.ts';
import { consentEndsAt } from '../connection-view.ts';
import { GRAIN, KIND } from '../statistics/series.ts';
import { type AdminActor, noteAdminAction } from './actions.ts';

const DAY_MS = 86_400_000;
/** A consent that ends within so many days is worth renewing. */
const ENDING_DAYS = 30;
/** A reading that has been due for longer is late: a listener's turn may take a few minutes. */
const LATE_MS = 15 * 60_000;

interface Row {
  id: number;
  handle: string;
  display_name: string;
  is_admin: boolean;
  created_at: Date;
  last_sign_in_at: Date | null;
  disabled_at: Date | null;
  erasing: boolean;
  app_id: string | null;
  authorized_at: Date | null;
  reauth_needed: boolean;
  refusal: string | null;
  sharing: boolean;
  plays: number;
  last_play_at: Date | null;
  read_at: Date | null;
  late_ms: number;
  gaps: number;
  last_error: string | null;
  sort_key: string;
}

const IS_READ = `${ACTIVE} AND c.user_id IS NOT NULL AND c.reauth_needed_at IS NULL`;
/** `$1` is now. */
const LATE = `CASE WHEN ${IS_READ} AND s.next_history_at < $1
    THEN extract(epoch FROM $1::timestamptz - s.next_history_at) * 1000 ELSE 0 END`;

const TABLES = `users u LEFT JOIN spotify_credentials c ON c.user_id = u.id
    LEFT JOIN capture_states s ON s.user_id = u.id
    LEFT JOIN play_periods p ON p.user_id = u.id AND p.grain = ${GRAIN.all} AND p.kind = ${KIND.total}
                            AND p.period = '1970-01-01' AND p.item_id = 0`;

const COLUMNS = `u.id, u.handle, u.display_name, u.is_admin, u.created_at, u.last_sign_in_at, u.disabled_at,
    u.erasing_at IS NOT NULL AS erasing, c.app_id, c.authorized_at, c.reauth_needed_at IS NOT NULL AS reauth_needed,
    c.refusal, EXISTS (SELECT 1 FROM shares h WHERE h.user_id = u.id AND h.ended_at IS NULL
                          AND (h.expires_at IS NULL OR h.expires_at > $1)) AS sharing,
    coalesce(p.plays, 0) AS plays, s.history_newest_at AS last_play_at, s.history_read_at AS read_at,
    (${LATE})::float8 AS late_ms,
    (SELECT count(*)::int FROM capture_gaps g WHERE g.user_id = u.id) AS gaps, s.last_error_code AS last_error`;

/** By what a list is in order, never null, and which way; the id decides between equals. */
const SORTS: Readonly<
  Record<UserSort, { readonly key: string; readonly type: string; readonly way: 'ASC' | 'DESC' }>
> = {
  created: { key: 'u.created_at', type: 'timestamptz', way: 'DESC' },
  name: { key: 'lower(u.display_name)', type: 'text', way: 'ASC' },
  plays: { key: 'coalesce(p.plays, 0)', type: 'bigint', way: 'DESC' },
  lastPlay: { key: "coalesce(s.history_newest_at, '-infinity')", type: 'timestamptz', way: 'DESC' },
  /** Who has to renew first comes first. */
  consent: { key: "coalesce(c.authorized_at, 'infinity')", type: 'timestamptz', way: 'ASC' },
};

const FILTERS: Readonly<Record<UserFilter, string>> = {
  admins: 'u.is_admin',
  disabled: 'u.disabled_at IS NOT NULL',
  reconnect: 'u.erasing_at IS NULL AND (c.user_id IS NULL OR c.reauth_needed_at IS NOT NULL)',
  late: `(${LATE}) > ${LATE_MS}`,
};

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

function consentOf(row: Row, now: Date): Pick<AdminUserView, 'consent' | 'daysLeft'> {
  if (!row.authorized_at) return { consent: 'none', daysLeft: null };
  if (row.reauth_needed) return { consent: 'ended', daysLeft: 0 };
  const leftMs = consentEndsAt(row.authorized_at).getTime() - now.getTime();
  const daysLeft = Math.max(0, Math.floor(leftMs / DAY_MS));
  return { consent: daysLeft <= ENDING_DAYS ? 'ending' : 'good', daysLeft };
}

const toView = (row: Row, now: Date): AdminUserView => ({
  id: String(row.id),
  handle: row.handle,
  displayName: row.display_name,
  isAdmin: row.is_admin,
  createdAt: row.created_at.toISOString(),
  lastSignInAt: iso(row.last_sign_in_at),
  disabledAt: iso(row.disabled_at),
  erasing: row.erasing,
  app: row.app_id,
  ...consentOf(row, now),
  refusal: row.refusal,
  sharing: row.sharing,
  plays: Number(row.plays),
  capture: {
    lastPlayAt: iso(row.last_play_at),
    readAt: iso(row.read_at),
    lateMs: Math.round(row.late_ms),
    gaps: row.gaps,
    lastError: row.last_error,
  },
});

/** Where a page of listeners goes on: the key of the last one shown, as text, and their id. */
export interface ListenersCursor {
  readonly key: string;
  readonly id: number;
}

export interface ListenersPage {
  readonly q?: string | undefined;
  readonly filter?: UserFilter | undefined;
  readonly sort: UserSort;
  readonly limit: number;
  readonly after?: ListenersCursor | undefined;
}

/** For LIKE: what somebody typed stands for itself. */
const contains = (text: string) => `%${text.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;

/** Listeners as admins see them. */
export async function listListeners(
  db: Queryable,
  page: ListenersPage,
  now: Date,
): Promise<{ readonly items: AdminUserView[]; readonly next: ListenersCursor | null }> {
  const { key, type, way } = SORTS[page.sort];
  const { rows } = await db.query<Row>(
    `SELECT ${COLUMNS}, (${key})::text AS sort_key FROM ${TABLES}
      WHERE ($2::text IS NULL OR lower(u.display_name) LIKE $2 OR u.handle LIKE $2)
        AND (${page.filter ? FILTERS[page.filter] : 'true'})
        AND ($3::text IS NULL OR (${key}, u.id) ${way === 'ASC' ? '>' : '<'} ($3::${type}, $4::int))
      ORDER BY ${key} ${way}, u.id ${way} LIMIT $5`,
    [now, page.q ? contains(page.q) : null, page.after?.key ?? null, page.after?.id ?? null, page.limit + 1],
  );
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  return {
    items: shown.map((row) => toView(row, now)),
    next: rows.length > page.limit && last ? { key: last.sort_key, id: last.id } : null,
  };
}

/** One listener as admins see them; null when there is none. */
export async function loadListenerForAdmin(
  db: Queryable,
  userId: number,
  now: Date,
): Promise<AdminUserView | null> {
  const { rows } = await db.query<Row>(`SELECT ${COLUMNS} FROM ${TABLES} WHERE u.id = $2`, [now, userId]);
  return rows[0] ? toView(rows[0], now) : null;
}

/** An instance without an admin would be nobody's. */
export class LastAdmin extends Error {
  override readonly name = 'LastAdmin';
}

/**
 * Refuses to go on when nobody but this listener could administer the instance while others are in it. Holds
 * a lock until the end of the transaction, so that two admins cannot each be the other's last hope.
 *
 * @throws LastAdmin
 */
export async function requireOtherAdmin(tx: Transaction, userId: number): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock(hashtext($1))', ['users']);
  const { rows } = await tx.query<{ is_last: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM users u WHERE u.id = $1 AND u.is_admin AND ${ACTIVE})
        AND NOT EXISTS (SELECT 1 FROM users u WHERE u.id <> $1 AND u.is_admin AND ${ACTIVE})
        AND EXISTS (SELECT 1 FROM users u WHERE u.id <> $1 AND u.erasing_at IS NULL) AS is_last`,
    [userId],
  );
  if (rows[0]?.is_last) throw new LastAdmin('no other admin is left');
}

export interface ListenerChange {
  readonly isAdmin?: boolean | undefined;
  readonly disabled?: boolean | undefined;
}

/**
 * Makes or unmakes an admin, shuts an account or opens it again, and notes who did. A shut account has
 * neither API tokens nor shares nor open rooms any more; everything else of it stays.
 *
 * @returns what really changed; null when there is no such listener.
 * @throws LastAdmin
 */
export async function changeListener(
  db: Database,
  userId: number,
  change: ListenerChange,
  by: { readonly actor: AdminActor; readonly requestId: string },
  now: Date,
): Promise<{ readonly disabled: boolean; readonly enabled: boolean } | null> {
  return db.transaction(async (tx) => {
    if (change.isAdmin === false || change.disabled) await requireOtherAdmin(tx, userId);
    const { rows } = await tx.query<{ is_admin: boolean; is_disabled: boolean }>(
      'SELECT is_admin, disabled_at IS NOT NULL AS is_disabled FROM users WHERE id = $1 AND erasing_at IS NULL FOR UPDATE',
      [userId],
    );
    const [before] = rows;
    if (!before) return null;
    const note = (action: Parameters<typeof noteAdminAction>[1]['action']) =>
      noteAdminAction(tx, { ...by, action, userId }, now);
    if (change.isAdmin !== undefined && change.isAdmin !== before.is_admin) {
      await tx.query('UPDATE users SET is_admin = $2 WHERE id = $1', [userId, change.isAdmin]);
      await note(change.isAdmin ? 'admin-made' : 'admin-unmade');
    }
    const disabled = change.disabled === true && !before.is_disabled;
    const enabled = change.disabled === false && before.is_disabled;
    if (disabled) {
      await tx.query('UPDATE users SET disabled_at = $2 WHERE id = $1', [userId, now]);
      await tx.query('DELETE FROM api_tokens WHERE user_id = $1', [userId]);
      await tx.query(
        'UPDATE shares SET ended_at = greatest($2, started_at) WHERE user_id = $1 AND ended_at IS NULL',
        [userId, now],
      );
      await note('user-disabled');
    }
    if (enabled) {
      await tx.query('UPDATE users SET disabled_at = NULL WHERE id = $1', [userId]);
      // What Spotify has kept of the time in between is read at once.
      await tx.query(
        `UPDATE capture_states SET next_history_at = $2, next_playback_at = least(next_playback_at, $2), failures = 0
          WHERE user_id = $1`,
        [userId, now],
      );
      await note('user-enabled');
    }
    return { disabled, enabled };
  });
}
