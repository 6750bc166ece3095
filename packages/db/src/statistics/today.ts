import type { Figures, TopItem } from '@spindle/contracts';
import type { Queryable } from '../client.ts';
import { type CalendarDay, localDay } from './calendar-day.ts';
import { countedPlays } from './counted.ts';
import { startedOnDays } from './day-window.ts';
import { type Listener, spanOf } from './listener.ts';
import { segmentsOf } from './segments.ts';
import { topItems } from './top.ts';
import { type Distinct, type FigureRow, loadDistinct, loadFigures, toFigures } from './totals.ts';

export interface Today {
  readonly day: CalendarDay;
  readonly timeZone: string;
  readonly figures: Figures;
  readonly distinct: Distinct;
  readonly topTrack: TopItem | null;
  readonly topArtist: TopItem | null;
  /** Yesterday until the same time of day. */
  readonly yesterday: Figures;
}

const YESTERDAY = '(($2::timestamptz AT TIME ZONE $3)::date - 1)';

/** Yesterday's plays that had begun by the time of day that it is now; clocks may have changed since. */
async function yesterdaySoFar(db: Queryable, listener: Listener, now: Date): Promise<Figures> {
  const { rows } = await db.query<FigureRow>(
    `SELECT count(*)::int AS plays, coalesce(sum(c.ms_played), 0)::float8 AS ms_played,
            coalesce(sum(c.ms_assumed), 0)::float8 AS ms_assumed
       FROM (${countedPlays()}
         AND ${startedOnDays('p', YESTERDAY, YESTERDAY, '$3')}
         AND p.played_at < (($2::timestamptz AT TIME ZONE $3) - interval '1 day') AT TIME ZONE $3) c`,
    [listener.userId, now, listener.timeZone],
  );
  return toFigures(rows[0]);
}

/** The listener's day so far, beside the day before. */
export async function loadToday(db: Queryable, listener: Listener, now: Date): Promise<Today> {
  const { timeZone } = listener;
  const day = localDay(now, timeZone);
  const range = { range: 'day', from: day, to: day, timeZone } as const;
  const segments = segmentsOf(range, spanOf(listener));
  const most = { by: 'plays', limit: 1, offset: 0 } as const;
  const [figures, distinct, tracks, artists, yesterday] = await Promise.all([
    loadFigures(db, listener.userId, segments),
    loadDistinct(db, listener, segments),
    topItems(db, listener, range, { ...most, kind: 'tracks' }),
    topItems(db, listener, range, { ...most, kind: 'artists' }),
    yesterdaySoFar(db, listener, now),
  ]);
  return {
    day,
    timeZone,
    figures,
    distinct,
    topTrack: tracks.items[0] ?? null,
    topArtist: artists.items[0] ?? null,
    yesterday,
  };
}
