import type { Figures, Streaks } from '@spindle/contracts';
import { loadTrackSummaries } from '../catalogue/views.ts';
import type { Queryable } from '../client.ts';
import { addDays, type CalendarDay, daysBetween, localDay } from './calendar-day.ts';
import { countedCondition } from './counted.ts';
import { startedOnDays } from './day-window.ts';
import type { Listener } from './listener.ts';
import { GRAIN, KIND } from './series.ts';
import { type FigureRow, toFigures } from './totals.ts';

export interface Streak {
  readonly days: number;
  readonly from: CalendarDay;
  readonly to: CalendarDay;
}

export interface ActiveDay extends FigureRow {
  readonly day: CalendarDay;
}

const LONGEST = 10;
/** Round numbers of plays; from the last on, every 100,000. */
const MILESTONES = [1, 100, 1_000, 5_000, 10_000, 25_000, 50_000, 100_000];
const FURTHER = 100_000;

/** Days with counted plays, oldest first. */
export async function loadActiveDays(
  db: Queryable,
  userId: number,
  range?: { readonly from: CalendarDay; readonly to: CalendarDay },
): Promise<ActiveDay[]> {
  const { rows } = await db.query<ActiveDay>(
    `SELECT period::text AS day, plays, ms_played::float8, ms_assumed::float8 FROM play_periods
      WHERE user_id = $1 AND grain = ${GRAIN.day} AND kind = ${KIND.total} AND plays > 0
        AND period BETWEEN coalesce($2::date, '-infinity') AND coalesce($3::date, 'infinity') ORDER BY period`,
    [userId, range?.from ?? null, range?.to ?? null],
  );
  return rows;
}

/** Runs of days without a day between them, in order of time. */
export function streaksOf(days: readonly CalendarDay[]): Streak[] {
  const streaks: { days: number; from: CalendarDay; to: CalendarDay }[] = [];
  for (const day of days) {
    const last = streaks.at(-1);
    if (last && addDays(last.to, 1) === day) {
      last.to = day;
      last.days += 1;
    } else streaks.push({ days: 1, from: day, to: day });
  }
  return streaks;
}

/** Longest first, of equals the newest. */
export function longestFirst(streaks: readonly Streak[]): Streak[] {
  return [...streaks].sort((a, b) => b.days - a.days || (a.from < b.from ? 1 : -1));
}

/** The next round number above a number of plays. */
export function nextMilestone(plays: number): number {
  return MILESTONES.find((one) => one > plays) ?? (Math.floor(plays / FURTHER) + 1) * FURTHER;
}

function milestonesUpTo(plays: number): number[] {
  const reached: number[] = [];
  for (let next = nextMilestone(0); next <= plays; next = nextMilestone(next)) reached.push(next);
  return reached;
}

interface Place {
  readonly plays: number;
  readonly day: CalendarDay;
  /** Which play of the day, from 0. */
  readonly nth: number;
}

/** On which day each round number was reached. */
function placesOf(days: readonly ActiveDay[]): Place[] {
  const total = days.reduce((sum, day) => sum + day.plays, 0);
  const wanted = milestonesUpTo(total);
  const places: Place[] = [];
  let before = 0;
  for (const { day, plays } of days) {
    for (let next = wanted[places.length]; next !== undefined && next <= before + plays; ) {
      places.push({ plays: next, day, nth: next - before - 1 });
      next = wanted[places.length];
    }
    before += plays;
  }
  return places;
}

async function loadMilestones(
  db: Queryable,
  listener: Listener,
  places: readonly Place[],
): Promise<Streaks['milestones']> {
  if (places.length === 0) return [];
  const { rows } = await db.query<{ plays: number; played_at: Date; track_id: number }>(
    `SELECT k.plays, x.played_at, coalesce(m.root_id, x.track_id) AS track_id
       FROM unnest($3::int[], $4::date[], $5::int[]) AS k (plays, day, nth)
      CROSS JOIN LATERAL (
        SELECT p.played_at, p.track_id FROM plays p
         WHERE p.user_id = $1 AND ${countedCondition('p', '$2')}
           AND ${startedOnDays('p', 'k.day', 'k.day', '$6')}
         ORDER BY p.played_at, p.track_id LIMIT 1 OFFSET k.nth) x
       LEFT JOIN track_merges m ON m.user_id = $1 AND m.track_id = x.track_id
      ORDER BY k.plays`,
    [
      listener.userId,
      listener.minPlayMs,
      places.map((place) => place.plays),
      places.map((place) => place.day),
      places.map((place) => place.nth),
      listener.timeZone,
    ],
  );
  const tracks = await loadTrackSummaries(
    db,
    rows.map((row) => row.track_id),
  );
  return rows.flatMap(({ plays, played_at, track_id }) => {
    const track = tracks.get(track_id);
    return track ? [{ plays, at: played_at.toISOString(), track }] : [];
  });
}

/** The day with most of something; of equals the first. Null without days. */
export function busiestOf(
  days: readonly ActiveDay[],
  measure: (day: ActiveDay) => number,
): (Figures & { day: CalendarDay }) | null {
  let most: ActiveDay | null = null;
  for (const day of days) if (!most || measure(day) > measure(most)) most = day;
  return most && { day: most.day, ...toFigures(most) };
}

/** Days in a row, round numbers and the busiest days, of the whole history. */
export async function loadStreaks(db: Queryable, listener: Listener, now: Date): Promise<Streaks> {
  const days = await loadActiveDays(db, listener.userId);
  const streaks = streaksOf(days.map(({ day }) => day));
  const today = localDay(now, listener.timeZone);
  const last = streaks.at(-1);
  // Until the day is over, yesterday's streak is not broken.
  const runs = last !== undefined && (last.to >= today || daysBetween(last.to, today) === 2);
  const plays = days.reduce((sum, day) => sum + day.plays, 0);
  const next = nextMilestone(plays);
  return {
    timeZone: listener.timeZone,
    current: runs ? last : null,
    longest: longestFirst(streaks).slice(0, LONGEST),
    activeDays: days.length,
    milestones: await loadMilestones(db, listener, placesOf(days)),
    next: { plays: next, left: next - plays },
    busiest: {
      byPlays: busiestOf(days, (day) => day.plays),
      byTime: busiestOf(days, (day) => day.ms_played + day.ms_assumed),
    },
  };
}
