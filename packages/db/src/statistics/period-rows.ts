import { countedPlays } from './counted.ts';
import { startedOnDays } from './day-window.ts';
import type { Segments } from './segments.ts';
import { GRAIN, type ItemKind, KIND } from './series.ts';
import type { SqlValues } from './sql-values.ts';

/**
 * SELECTs of the rows that a range is made of, as (item_id, plays, ms_played, ms_assumed); one item may
 * have several. `values` begins with the listener's id as `$1`. All of them answer nothing for a range
 * without segments.
 */

const NO_ROWS =
  'SELECT 0 AS item_id, 0 AS plays, 0::bigint AS ms_played, 0::bigint AS ms_assumed WHERE false';

function ofPeriods(segments: Segments, kind: number, values: SqlValues, condition = ''): string {
  const grains = values.add(segments.periods.map((one) => one.grain));
  const periods = values.add(segments.periods.map((one) => one.period));
  return `
    SELECT r.item_id, r.plays, r.ms_played, r.ms_assumed
      FROM unnest(${grains}::int[], ${periods}::date[]) AS k (grain, period)
      JOIN play_periods r ON r.user_id = $1 AND r.grain = k.grain AND r.kind = ${kind} AND r.period = k.period
     ${condition && `WHERE ${condition}`}`;
}

/** Condition that a play of `countedPlays` started in one of the stretches. */
function inStretches(segments: Segments, timeZone: string, values: SqlValues): string {
  const zone = values.add(timeZone);
  const parts = segments.stretches.map(({ from, to }) => {
    const first = values.add(from);
    // Constants to the planner, so that the key of `plays` finds the stretch.
    return startedOnDays('p', first, values.add(to), zone);
  });
  return `(${parts.join(' OR ')})`;
}

/** The counted plays of the stretches, as `countedPlays` has them. */
export function playsOfStretches(segments: Segments, timeZone: string, values: SqlValues): string {
  return `${countedPlays()} AND ${inStretches(segments, timeZone, values)}`;
}

/** Items of the tracks `c` that were played, each with all that its track came to. */
const ITEMS_OF_TRACKS: Readonly<Record<ItemKind, string>> = {
  [KIND.track]: 'SELECT c.track_id AS item_id, c.plays, c.ms_played, c.ms_assumed FROM c',
  [KIND.album]: `SELECT t.album_id AS item_id, c.plays, c.ms_played, c.ms_assumed FROM c
                   JOIN tracks t ON t.id = c.track_id AND t.album_id IS NOT NULL`,
  // An artist gets a play once, even where the track names them and an alias of theirs, or two aliases.
  [KIND.artist]: `SELECT coalesce(s.root_id, l.artist_id) AS item_id, c.plays, c.ms_played, c.ms_assumed FROM c
                   JOIN track_artists l ON l.track_id = c.track_id
                   LEFT JOIN artist_aliases s ON s.user_id = $1 AND s.artist_id = l.artist_id
                  WHERE s.root_id IS NULL OR NOT EXISTS (
                    SELECT 1 FROM track_artists o
                      LEFT JOIN artist_aliases os ON os.user_id = $1 AND os.artist_id = o.artist_id
                     WHERE o.track_id = l.track_id AND coalesce(os.root_id, o.artist_id) = s.root_id
                       AND (os.root_id IS NULL OR o.artist_id < l.artist_id))`,
};

/**
 * Rows of items of one kind.
 *
 * @param only place (`$n`) of an int[] with the only items that are wanted.
 */
export function itemRows(
  segments: Segments,
  kind: ItemKind,
  timeZone: string,
  values: SqlValues,
  only?: string,
): string {
  const parts: string[] = [];
  if (segments.periods.length > 0)
    parts.push(ofPeriods(segments, kind, values, only && `r.item_id = ANY(${only}::int[])`));
  if (segments.stretches.length > 0) {
    parts.push(`
    SELECT i.item_id, i.plays, i.ms_played, i.ms_assumed
      FROM (WITH c AS (
              SELECT p.track_id, count(*)::int AS plays, sum(p.ms_played)::bigint AS ms_played,
                     sum(p.ms_assumed)::bigint AS ms_assumed
                FROM (${playsOfStretches(segments, timeZone, values)}) p GROUP BY p.track_id)
            ${ITEMS_OF_TRACKS[kind]}) i
     ${only ? `WHERE i.item_id = ANY(${only}::int[])` : ''}`);
  }
  return parts.length > 0 ? parts.join(' UNION ALL ') : NO_ROWS;
}

/** Rows of totals (`item_id` 0) or of hours of the week. Days hold both, so no play is looked at. */
export function countRows(
  segments: Segments,
  kind: typeof KIND.total | typeof KIND.hour,
  values: SqlValues,
): string {
  const parts: string[] = [];
  if (segments.periods.length > 0) parts.push(ofPeriods(segments, kind, values));
  for (const { from, to } of segments.stretches) {
    parts.push(`
    SELECT item_id, plays, ms_played, ms_assumed FROM play_periods
     WHERE user_id = $1 AND grain = ${GRAIN.day} AND kind = ${kind}
       AND period BETWEEN ${values.add(from)}::date AND ${values.add(to)}::date`);
  }
  return parts.length > 0 ? parts.join(' UNION ALL ') : NO_ROWS;
}
