import type { RelayView } from '@spindle/contracts';
import { ACTIVE } from './active-users.ts';
import type { Database, Queryable } from './client.ts';
import {
  EXPORT_COLUMNS,
  EXPORT_TABLES,
  type ExportedPlay,
  type ExportRow,
  toExportedPlays,
} from './play-export.ts';
import { sourceCode } from './play-source.ts';
import { countedCondition } from './statistics/counted.ts';

/** Plays that are read, and passed on, at once. */
export const RELAY_BATCH = 100;

/** A play is left alone this long after its end, ms: other sources may still tell it, and better. */
const SETTLE_MS = 2 * 60_000;
/** After this long, ms, nothing is expected of Spotify any more. */
const GIVE_UP_WAITING_MS = 60 * 60_000;

/** What a listener's sealed token is sealed for (see `TokenBox`). */
export const relayTokenContext = (userId: number): string => `relay:${userId}`;

interface RelayRow {
  readonly url: string;
  readonly token: Uint8Array;
  readonly enabled: boolean;
  readonly relayed: number;
  readonly relayed_to: Date;
  readonly last_error: string | null;
  readonly last_error_at: Date | null;
  readonly next_at: Date | null;
}

const COLUMNS = 'url, token, enabled, relayed, relayed_to, last_error, last_error_at, next_at';

function toView(row: RelayRow): RelayView {
  const { last_error: message, last_error_at: at } = row;
  return {
    url: row.url,
    enabled: row.enabled,
    relayed: row.relayed,
    relayedTo: row.relayed_to.toISOString(),
    lastError: message === null || at === null ? null : { message, at: at.toISOString() },
  };
}

async function loadRow(
  db: Queryable,
  userId: number,
  lock: '' | 'FOR UPDATE' = '',
): Promise<RelayRow | null> {
  const { rows } = await db.query<RelayRow>(`SELECT ${COLUMNS} FROM relays WHERE user_id = $1 ${lock}`, [
    userId,
  ]);
  return rows[0] ?? null;
}

/** Where a listener's new plays go, without the token; null when nowhere. */
export async function loadRelay(db: Queryable, userId: number): Promise<RelayView | null> {
  const row = await loadRow(db, userId);
  return row && toView(row);
}

export interface RelaySettings {
  readonly url: string;
  /** Sealed; undefined keeps the one given before. */
  readonly token: Uint8Array | undefined;
  readonly enabled: boolean;
  readonly now: Date;
}

/**
 * Sets where new plays go. They go there from now on; where a failure had interrupted them, from where it
 * did. Another server needs a token with it: one that was given for one server is never shown to another.
 *
 * @returns null when a token is missing.
 */
export async function saveRelay(
  db: Database,
  userId: number,
  { url, token, enabled, now }: RelaySettings,
): Promise<RelayView | null> {
  return db.transaction(async (tx) => {
    const before = await loadRow(tx, userId, 'FOR UPDATE');
    const isSameServer = before?.url === url;
    const sealed = token ?? (isSameServer ? before.token : undefined);
    if (sealed === undefined) return null;
    // Who switched it off by hand does not want what was played meanwhile to follow.
    const goesOn = isSameServer && (before.enabled || before.last_error !== null);
    // An error stays until it is seen to be over; whoever changes the token or switches has reacted to it.
    const isAnswered = token !== undefined || !isSameServer || before.enabled !== enabled;
    const { rows } = await tx.query<RelayRow>(
      `INSERT INTO relays (user_id, url, token, enabled, relayed_to) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (user_id) DO UPDATE
          SET url = excluded.url, token = excluded.token, enabled = excluded.enabled,
              relayed_to = CASE WHEN $6 THEN relays.relayed_to ELSE excluded.relayed_to END,
              relayed = CASE WHEN $7 THEN relays.relayed ELSE 0 END,
              last_error = CASE WHEN $8 THEN NULL ELSE relays.last_error END,
              last_error_at = CASE WHEN $8 THEN NULL ELSE relays.last_error_at END,
              next_at = CASE WHEN $8 THEN NULL ELSE relays.next_at END
       RETURNING ${COLUMNS}`,
      [userId, url, Buffer.from(sealed), enabled, now, goesOn, isSameServer, isAnswered],
    );
    const [row] = rows;
    if (!row) throw new Error('a relay that was just saved is not there');
    return toView(row);
  });
}

/** Forgets a relay and its token. False when there was none. */
export async function deleteRelay(db: Database, userId: number): Promise<boolean> {
  const { rowCount } = await db.pool.query('DELETE FROM relays WHERE user_id = $1', [userId]);
  return (rowCount ?? 0) > 0;
}

/**
 * Plays that are passed on: they count, and neither an import nor ListenBrainz itself told them.
 * Aliases as in {@link EXPORT_TABLES}.
 */
const WANTED = `${countedCondition('p', 'u.min_play_ms')} AND p.import_id IS NULL
  AND p.source <> ${sourceCode('listenbrainz')}`;

/**
 * Plays (`p`) of which nothing new is expected at `now`: they ended a while ago, and Spotify's list of
 * recent plays was read since, so that no play before them is still to come. `s` is the state of capture.
 */
function settled(now: string): string {
  const after = (ms: number) => `p.ended_at <= ${now}::timestamptz - interval '${ms} ms'`;
  return `(${after(SETTLE_MS)} AND (s.history_read_at IS NULL OR s.next_history_at IS NULL
    OR s.history_read_at >= p.ended_at + interval '${SETTLE_MS} ms' OR ${after(GIVE_UP_WAITING_MS)}))`;
}

/** Listeners whose relay has something to do now. */
export async function listDueRelays(db: Database, now: Date): Promise<number[]> {
  const { rows } = await db.pool.query<{ user_id: number }>(
    `SELECT r.user_id FROM relays r JOIN users u ON u.id = r.user_id AND ${ACTIVE}
       LEFT JOIN capture_states s ON s.user_id = r.user_id
      WHERE r.enabled AND (r.next_at IS NULL OR r.next_at <= $1)
        AND EXISTS (SELECT 1 FROM plays p WHERE p.user_id = r.user_id AND p.played_at > r.relayed_to
                                            AND ${WANTED} AND ${settled('$1')})
      ORDER BY r.next_at NULLS FIRST, r.user_id`,
    [now],
  );
  return rows.map((row) => row.user_id);
}

/** A relay as the one who passes plays on needs it. */
export interface RelayTarget {
  readonly url: string;
  /** Sealed. */
  readonly token: Uint8Array;
  readonly relayedTo: Date;
  /** The failure that the last try ended with; null when it went well. */
  readonly failed: { readonly at: Date; readonly nextAt: Date } | null;
}

/** Null when there is no relay, it is switched off, or it is not its time yet. */
export async function loadRelayTarget(db: Queryable, userId: number, now: Date): Promise<RelayTarget | null> {
  const row = await loadRow(db, userId);
  if (!row?.enabled || (row.next_at !== null && row.next_at > now)) return null;
  const { last_error_at: at, next_at: nextAt } = row;
  return {
    url: row.url,
    token: row.token,
    relayedTo: row.relayed_to,
    failed: at === null || nextAt === null ? null : { at, nextAt },
  };
}

/** The next plays to pass on, oldest first: some {@link RELAY_BATCH}, never only some of one moment. */
export async function playsToRelay(
  db: Queryable,
  userId: number,
  after: Date,
  now: Date,
): Promise<ExportedPlay[]> {
  const { rows } = await db.query<ExportRow & { settled: boolean }>(
    `SELECT ${EXPORT_COLUMNS}, ${settled('$3')} AS settled
       FROM ${EXPORT_TABLES} LEFT JOIN capture_states s ON s.user_id = p.user_id
      WHERE p.user_id = $1 AND p.played_at > $2 AND ${WANTED}
      ORDER BY p.played_at FETCH FIRST ${RELAY_BATCH} ROWS WITH TIES`,
    [userId, after, now],
  );
  // Whatever started after a play that is not settled waits with it, or that one would be passed over.
  const waiting = rows.find((row) => !row.settled)?.played_at ?? Number.POSITIVE_INFINITY;
  return toExportedPlays(
    db,
    rows.filter((row) => row.played_at < waiting),
  );
}

/**
 * Notes that all plays up to `to` were passed on, `count` of them taken by the server, and that an
 * earlier failure is over. False when the relay was changed meanwhile: then nothing is noted.
 */
export async function noteRelayed(
  db: Queryable,
  userId: number,
  target: RelayTarget,
  { to, count }: { readonly to: Date; readonly count: number },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE relays SET relayed_to = $4, relayed = relayed + $5, last_error = NULL, last_error_at = NULL, next_at = NULL
      WHERE user_id = $1 AND url = $2 AND relayed_to = $3 AND enabled`,
    [userId, target.url, target.relayedTo, to, count],
  );
  return (rowCount ?? 0) > 0;
}

/**
 * Notes why plays could not be passed on, in words for the listener. Without `nextAt` the relay is
 * switched off until they have done something about it.
 */
export async function noteRelayFailure(
  db: Queryable,
  userId: number,
  target: RelayTarget,
  failure: { readonly message: string; readonly at: Date; readonly nextAt: Date | null },
): Promise<void> {
  await db.query(
    `UPDATE relays SET last_error = $3, last_error_at = $4, next_at = $5, enabled = enabled AND $5::timestamptz IS NOT NULL
      WHERE user_id = $1 AND url = $2 AND token = $6`,
    [userId, target.url, failure.message, failure.at, failure.nextAt, Buffer.from(target.token)],
  );
}
