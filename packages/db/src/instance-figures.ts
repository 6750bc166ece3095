import { LONGEST_HISTORY_PLAN_MS } from './capture.ts';
import type { Database } from './client.ts';

/** How far the readings of listeners are behind their plan. */
export interface CaptureLag {
  /** Listeners whose history can be read. */
  readonly listeners: number;
  /** Of them, those that are more than {@link BEHIND_MS} behind. */
  readonly behind: number;
  /** Seconds of which half, 90 %, 99 % and all of the listeners are at most behind. */
  readonly quantiles: Readonly<Record<'0.5' | '0.9' | '0.99' | '1', number>>;
  /** For how long (s) a reading has been due that nobody has taken up; 0 when none is. */
  readonly untakenSeconds: number;
}

/** Consents by how long they are good for. */
export const CONSENT_BANDS = ['ended', 'within_1d', 'within_7d', 'within_30d', 'good'] as const;
export type ConsentBand = (typeof CONSENT_BANDS)[number];

/** What concerns the whole instance and is read from PostgreSQL; the same whichever process asks. */
export interface InstanceState {
  readonly capture: CaptureLag;
  readonly consents: Readonly<Record<ConsentBand, number>>;
  readonly users: number;
  readonly sharing: number;
  readonly rooms: number;
  readonly participants: number;
  readonly imports: Readonly<Record<'queued' | 'running', number>>;
  readonly server: {
    readonly connections: number;
    readonly connectionLimit: number;
    readonly bytes: number;
  };
}

/** One listener, for those who watch few. */
export interface ListenerState {
  readonly userId: number;
  /** Seconds that the reading of the history is behind its plan; null while it cannot be read. */
  readonly lagSeconds: number | null;
  /** Seconds until the consent ends; 0: it has ended. */
  readonly consentSeconds: number;
}

/** Later than this is behind: a reading that is due waits for its turn for a moment. */
export const BEHIND_MS = 10 * 60_000;

/**
 * Seconds behind the plan: since the moment for which the reading was planned, or, for one that was put off
 * again and again, since the latest for which any is.
 */
const LAG = `greatest(0, extract(epoch FROM $1::timestamptz - s.next_history_at),
                      extract(epoch FROM $1::timestamptz - s.history_read_at) - ${LONGEST_HISTORY_PLAN_MS / 1_000})`;

const CONNECTED = `capture_states s
       JOIN spotify_credentials c ON c.user_id = s.user_id AND c.reauth_needed_at IS NULL
       JOIN users u ON u.id = s.user_id AND u.erasing_at IS NULL AND u.disabled_at IS NULL`;

async function loadCaptureLag(db: Database, now: Date): Promise<CaptureLag> {
  const { rows } = await db.pool.query<{
    listeners: number;
    behind: number;
    quantiles: [number, number, number, number] | null;
    untaken: number;
  }>(
    `WITH lags AS MATERIALIZED (
       SELECT ${LAG}::float8 AS lag,
              greatest(0, extract(epoch FROM $1::timestamptz - least(
                greatest(s.next_history_at, s.history_lease_until),
                greatest(s.next_playback_at, s.playback_lease_until))))::float8 AS untaken
         FROM ${CONNECTED})
     SELECT count(*)::int AS listeners, count(*) FILTER (WHERE lag > $2)::int AS behind,
            percentile_cont(ARRAY[0.5, 0.9, 0.99, 1]) WITHIN GROUP (ORDER BY lag) AS quantiles,
            coalesce(max(untaken), 0) AS untaken
       FROM lags`,
    [now, BEHIND_MS / 1_000],
  );
  const [row] = rows;
  const [half = 0, most = 0, nearly = 0, all = 0] = row?.quantiles ?? [];
  return {
    listeners: row?.listeners ?? 0,
    behind: row?.behind ?? 0,
    quantiles: { '0.5': half, '0.9': most, '0.99': nearly, '1': all },
    untakenSeconds: row?.untaken ?? 0,
  };
}

async function loadConsents(db: Database, now: Date): Promise<InstanceState['consents']> {
  const { rows } = await db.pool.query<{ band: ConsentBand; count: number }>(
    `SELECT CASE WHEN c.reauth_needed_at IS NOT NULL OR ends.at <= $1 THEN 'ended'
                 WHEN ends.at <= $1::timestamptz + interval '1 day' THEN 'within_1d'
                 WHEN ends.at <= $1::timestamptz + interval '7 days' THEN 'within_7d'
                 WHEN ends.at <= $1::timestamptz + interval '30 days' THEN 'within_30d'
                 ELSE 'good' END AS band, count(*)::int AS count
       FROM spotify_credentials c, LATERAL (SELECT c.authorized_at + interval '6 months' AS at) ends
      GROUP BY 1`,
    [now],
  );
  const counts = new Map(rows.map((row) => [row.band, row.count]));
  const of = (band: ConsentBand) => counts.get(band) ?? 0;
  return {
    ended: of('ended'),
    within_1d: of('within_1d'),
    within_7d: of('within_7d'),
    within_30d: of('within_30d'),
    good: of('good'),
  };
}

type Counts = Record<'users' | 'sharing' | 'rooms' | 'participants' | 'queued' | 'running', number> &
  Record<'connections' | 'connection_limit' | 'bytes', string>;

async function loadCounts(db: Database, now: Date): Promise<Omit<InstanceState, 'capture' | 'consents'>> {
  const { rows } = await db.pool.query<Counts>(
    `SELECT (SELECT count(*) FROM users)::int AS users,
            (SELECT count(*) FROM shares WHERE ended_at IS NULL AND (expires_at IS NULL OR expires_at > $1))::int AS sharing,
            (SELECT count(*) FROM rooms WHERE ended_at IS NULL)::int AS rooms,
            (SELECT count(*) FROM rooms r JOIN room_participants p ON p.room_id = r.id
              WHERE r.ended_at IS NULL AND p.left_at IS NULL AND p.banned_at IS NULL)::int AS participants,
            (SELECT count(*) FROM imports WHERE status = 'queued')::int AS queued,
            (SELECT count(*) FROM imports WHERE status = 'running')::int AS running,
            (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections,
            current_setting('max_connections') AS connection_limit,
            pg_database_size(current_database()) AS bytes`,
    [now],
  );
  const [row] = rows;
  return {
    users: row?.users ?? 0,
    sharing: row?.sharing ?? 0,
    rooms: row?.rooms ?? 0,
    participants: row?.participants ?? 0,
    imports: { queued: row?.queued ?? 0, running: row?.running ?? 0 },
    server: {
      connections: Number(row?.connections ?? 0),
      connectionLimit: Number(row?.connection_limit ?? 0),
      bytes: Number(row?.bytes ?? 0),
    },
  };
}

/** The state of the instance. Some passes over the listeners: less than 0.1 s for 10 000 of them. */
export async function loadInstanceState(db: Database, now: Date): Promise<InstanceState> {
  // One after another: a scrape must not take the connections that people wait for.
  const capture = await loadCaptureLag(db, now);
  const consents = await loadConsents(db, now);
  return { capture, consents, ...(await loadCounts(db, now)) };
}

/** The state of the `limit` listeners who have been here for longest, so that they stay the same ones. */
export async function loadListenerStates(db: Database, now: Date, limit: number): Promise<ListenerState[]> {
  if (limit === 0) return [];
  const { rows } = await db.pool.query<{ user_id: number; lag: number | null; consent: number }>(
    `SELECT c.user_id, CASE WHEN c.reauth_needed_at IS NULL THEN ${LAG}::float8 END AS lag,
            CASE WHEN c.reauth_needed_at IS NOT NULL THEN 0
                 ELSE greatest(0, extract(epoch FROM c.authorized_at + interval '6 months' - $1::timestamptz)) END::float8 AS consent
       FROM spotify_credentials c JOIN capture_states s ON s.user_id = c.user_id
      ORDER BY c.user_id LIMIT $2`,
    [now, limit],
  );
  return rows.map((row) => ({ userId: row.user_id, lagSeconds: row.lag, consentSeconds: row.consent }));
}
