import type { TrackerPointView, TrackerView } from '@spindle/contracts';
import { ACTIVE } from './active-users.ts';
import type { Database, Queryable } from './client.ts';
import type { CalendarDay } from './statistics/calendar-day.ts';
import { GRAIN, KIND } from './statistics/series.ts';

/** Plays of a day become known later, too: for this many days its datapoint follows them. */
const FOLLOWED_DAYS = 7;

/** The day that `at` (a place) is in the calendar of a listener `u`. */
const dayOf = (at: string) => `(${at}::timestamptz AT TIME ZONE u.time_zone)::date`;

/** Listeners whose tracker is on and whom Spotify lets: `u`. */
const TRACKED = `users u JOIN spotify_credentials c ON c.user_id = u.id AND c.reauth_needed_at IS NULL
                   AND u.trackers AND ${ACTIVE}`;

const HAS_TODAY = `EXISTS (SELECT 1 FROM tracker_points p WHERE p.user_id = u.id AND p.day = ${dayOf('$1')})`;

/** The rollup `r` of all that the listener of a datapoint `p` played on its day. */
const PLAYS_OF_DAY = `play_periods r ON r.user_id = p.user_id AND r.grain = ${GRAIN.day} AND r.kind = ${KIND.total}
                        AND r.period = p.day AND r.item_id = 0`;

/** Listeners whose tracker lacks the datapoint of their today. */
export async function dueTrackers(db: Database, now: Date): Promise<number[]> {
  const { rows } = await db.pool.query<{ id: number }>(
    `SELECT u.id FROM ${TRACKED} WHERE NOT ${HAS_TODAY} ORDER BY u.id`,
    [now],
  );
  return rows.map((row) => row.id);
}

/** How many trackers have the datapoint of today, those of the given listeners not counted. */
export async function countUpToDate(db: Database, except: readonly number[], now: Date): Promise<number> {
  const { rows } = await db.pool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM ${TRACKED} WHERE ${HAS_TODAY} AND u.id <> ALL($2::int[])`,
    [now, except],
  );
  return rows[0]?.count ?? 0;
}

/** What a listener's library came to on a day. */
export interface TrackerReading {
  readonly likedTracks: number;
  readonly playlists: number;
}

/** A listener's datapoint of today; null when it is still to be taken. */
export async function findTodaysPoint(
  db: Queryable,
  userId: number,
  now: Date,
): Promise<TrackerReading | null> {
  const { rows } = await db.query<{ liked_tracks: number; playlists: number }>(
    `SELECT p.liked_tracks, p.playlists FROM users u
       JOIN tracker_points p ON p.user_id = u.id AND p.day = ${dayOf('$2')} WHERE u.id = $1`,
    [userId, now],
  );
  const [row] = rows;
  return row ? { likedTracks: row.liked_tracks, playlists: row.playlists } : null;
}

/** Stores a listener's datapoint of today, with what they have played so far; again, it says the latest. */
export async function storeTrackerPoint(
  db: Queryable,
  userId: number,
  reading: TrackerReading,
  now: Date,
): Promise<void> {
  await db.query(
    `INSERT INTO tracker_points (user_id, day, liked_tracks, playlists, plays, ms_played)
     SELECT p.user_id, p.day, $3, $4, coalesce(r.plays, 0), coalesce(r.ms_played + r.ms_assumed, 0)
       FROM (SELECT u.id AS user_id, ${dayOf('$2')} AS day FROM users u WHERE u.id = $1) p
       LEFT JOIN ${PLAYS_OF_DAY}
     ON CONFLICT (user_id, day) DO UPDATE
        SET liked_tracks = excluded.liked_tracks, playlists = excluded.playlists, plays = excluded.plays,
            ms_played = excluded.ms_played`,
    [userId, now, reading.likedTracks, reading.playlists],
  );
}

/** Brings plays and listening time of everybody's last datapoints into step. Answers how many changed. */
export async function refreshTrackerPlays(db: Queryable, now: Date): Promise<number> {
  const { rowCount } = await db.query(
    `UPDATE tracker_points t SET plays = n.plays, ms_played = n.ms_played
       FROM (SELECT p.user_id, p.day, coalesce(r.plays, 0) AS plays,
                    coalesce(r.ms_played + r.ms_assumed, 0) AS ms_played
               FROM users u JOIN tracker_points p ON p.user_id = u.id AND p.day > ${dayOf('$1')} - ${FOLLOWED_DAYS}
               LEFT JOIN ${PLAYS_OF_DAY}) n
      WHERE t.user_id = n.user_id AND t.day = n.day AND (t.plays, t.ms_played) <> (n.plays, n.ms_played)`,
    [now],
  );
  return rowCount ?? 0;
}

interface Days {
  readonly from?: CalendarDay | undefined;
  readonly to?: CalendarDay | undefined;
}

/** A listener's datapoints, oldest first; changes are since the one before, however long ago. */
export async function listTrackerPoints(
  db: Queryable,
  userId: number,
  days: Days = {},
): Promise<TrackerPointView[]> {
  const { rows } = await db.query<TrackerPointView>(
    `SELECT * FROM (
       SELECT day::text, liked_tracks AS "likedTracks", playlists, plays, ms_played::float8 AS "msPlayed",
              liked_tracks - lag(liked_tracks) OVER w AS "likedChange",
              playlists - lag(playlists) OVER w AS "playlistsChange"
         FROM tracker_points WHERE user_id = $1 WINDOW w AS (ORDER BY day)) p
      WHERE day BETWEEN coalesce($2, '') AND coalesce($3, '9999') ORDER BY day`,
    [userId, days.from ?? null, days.to ?? null],
  );
  return rows;
}

/** A listener's tracker with the datapoints of these days; null when there is no such listener any more. */
export async function loadTracker(db: Queryable, userId: number, days: Days): Promise<TrackerView | null> {
  const [{ rows }, points] = await Promise.all([
    db.query<{ trackers: boolean }>('SELECT trackers FROM users WHERE id = $1', [userId]),
    listTrackerPoints(db, userId, days),
  ]);
  const [row] = rows;
  return row ? { enabled: row.trackers, points } : null;
}
