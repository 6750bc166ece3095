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
