import { addDays, type CalendarDay } from './calendar-day.ts';
import type { SqlValues } from './sql-values.ts';

/**
 * SQL that holds for plays that started on the days `from` to `to` (places of dates, both included) of
 * a zone.
 *
 * A day is not always one stretch of time. Where clocks go back over midnight, as in Havana from 1:00 to
 * 0:00, PostgreSQL takes the later of two midnights for the start of the day; in St John's they once went
 * back from 0:01 to 23:01, and the day before went on after the new one had begun. So the window opens
 * a little early – clocks go back by three hours at most – and days next to the ones wanted are told
 * by name: two before, since Apia has skipped one. Inequality, unlike a range of days, leaves the planner its
 * idea of how many plays there are.
 *
 * @param play alias of `plays`.
 */
export function startedOnDays(play: string, from: string, to: string, zone: string): string {
  return `(${play}.played_at >= (${from}::date)::timestamp AT TIME ZONE ${zone} - interval '4 hours'
         AND ${play}.played_at < (${to}::date + 1)::timestamp AT TIME ZONE ${zone}
         AND (${play}.played_at AT TIME ZONE ${zone})::date <> ALL (ARRAY[${from}::date - 2, ${from}::date - 1, ${to}::date + 1]))`;
}

const HOUR_MS = 3_600_000;
/** How far around a midnight the clocks must stand still for a day to begin and end there and nowhere else. */
const STILL_MS = 60 * HOUR_MS;

/** Minutes between the clocks of a zone and UTC at a moment; NaN where Node cannot tell. */
function offsetAt(zone: string, moment: number): number {
  const name = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' })
    .formatToParts(moment)
    .find((part) => part.type === 'timeZoneName')?.value;
  if (name === 'GMT') return 0;
  const [, sign, hours, minutes] = /^GMT([+-])(\d\d):(\d\d)/.exec(name ?? '') ?? [];
  return sign === undefined ? Number.NaN : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

function standsStill(zone: string, day: CalendarDay): boolean {
  const midnight = Date.parse(`${day}T00:00:00Z`);
  const before = offsetAt(zone, midnight - STILL_MS);
  // Twice a year at most, and back again no sooner than after weeks.
  return before === offsetAt(zone, midnight) && before === offsetAt(zone, midnight + STILL_MS);
}

/**
 * As {@link startedOnDays}, for days that are known: where no clock changes near either end, the days are
 * one stretch of time, and no play need be asked for its local day.
 */
export function startedWithin(
  play: string,
  days: { readonly from: CalendarDay; readonly to: CalendarDay; readonly zone: string },
  values: SqlValues,
): string {
  const { from, to, zone } = days;
  const [first, last, at] = [values.add(from), values.add(to), values.add(zone)];
  if (!standsStill(zone, from) || !standsStill(zone, addDays(to, 1)))
    return startedOnDays(play, first, last, at);
  return `(${play}.played_at >= (${first}::date)::timestamp AT TIME ZONE ${at}
         AND ${play}.played_at < (${last}::date + 1)::timestamp AT TIME ZONE ${at})`;
}
