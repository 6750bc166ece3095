import type { Wrapped } from '@spindle/contracts';
import { loadTrackSummaries } from '../catalogue/views.ts';
import type { Queryable } from '../client.ts';
import { loadClock } from './clock.ts';
import { countedPlays } from './counted.ts';
import { startedOnDays } from './day-window.ts';
import { loadDiscoveredItems } from './discoveries.ts';
import type { Listener } from './listener.ts';
import type { ResolvedRange } from './range.ts';
import { GRAIN, KIND } from './series.ts';
import { loadLongestSession } from './sessions.ts';
import { busiestOf, loadActiveDays, longestFirst, streaksOf } from './streaks.ts';
import { summarize } from './summary.ts';
import { loadTimeline } from './timeline.ts';
import { topItems } from './top.ts';

async function loadYears(db: Queryable, userId: number): Promise<number[]> {
  const { rows } = await db.query<{ year: number }>(
    `SELECT extract(year FROM period)::int AS year FROM play_periods
      WHERE user_id = $1 AND grain = ${GRAIN.year} AND kind = ${KIND.total} AND plays > 0 ORDER BY period`,
    [userId],
  );
  return rows.map((row) => row.year);
}

async function loadFirstPlay(db: Queryable, userId: number, range: ResolvedRange): Promise<Wrapped['first']> {
  const { rows } = await db.query<{ played_at: Date; track_id: number }>(
    `SELECT c.played_at, c.track_id FROM (${countedPlays()}
        AND ${startedOnDays('p', '$2', '$3', '$4')}
        ORDER BY p.played_at, p.track_id LIMIT 1) c`,
    [userId, range.from, range.to, range.timeZone],
  );
  const [play] = rows;
  const track = play && (await loadTrackSummaries(db, [play.track_id])).get(play.track_id);
  return play && track ? { at: play.played_at.toISOString(), track } : null;
}

/** A listener's year, whole even while it lasts. */
export async function reviewYear(
  db: Queryable,
  listener: Listener,
  year: number,
  now: Date,
): Promise<Wrapped> {
  const { timeZone, userId } = listener;
  const range: ResolvedRange = { range: 'year', from: `${year}-01-01`, to: `${year}-12-31`, timeZone };
  const most = { by: 'plays', offset: 0 } as const;
  const top = async (kind: 'tracks' | 'artists' | 'albums' | 'genres', limit: number) =>
    (await topItems(db, listener, range, { ...most, kind, limit })).items;
  const [{ counting: _counting, ...summary }, tracks, artists, albums, genres, months, clock] =
    await Promise.all([
      summarize(db, listener, range, now),
      top('tracks', 10),
      top('artists', 10),
      top('albums', 5),
      top('genres', 5),
      loadTimeline(db, listener, range, 'month'),
      loadClock(db, listener, range),
    ]);
  const [days, longestSession, discovered, first, years] = await Promise.all([
    loadActiveDays(db, userId, range),
    loadLongestSession(db, userId, range),
    loadDiscoveredItems(db, userId, range, 'artists', 1),
    loadFirstPlay(db, userId, range),
    loadYears(db, userId),
  ]);
  return {
    year,
    timeZone,
    summary,
    topTracks: tracks,
    topArtists: artists,
    topAlbums: albums,
    topGenres: genres,
    months: months.points,
    clock: clock.cells,
    longestStreak: longestFirst(streaksOf(days.map(({ day }) => day)))[0] ?? null,
    longestSession,
    busiestDay: busiestOf(days, (day) => day.ms_played + day.ms_assumed),
    topDiscovery: discovered[0] ?? null,
    first,
    years,
  };
}
