import { countedCondition, countedPlays } from './counted.ts';
import { startedWithin } from './day-window.ts';
import type { Listener } from './listener.ts';
import type { Segments } from './segments.ts';
import { GRAIN, type ItemKind, KIND } from './series.ts';
import type { SqlValues } from './sql-values.ts';

/**
 * SELECTs of the rows that a range is made of, as (item_id, plays, ms_played, ms_assumed); one item may
 * have several. `values` begins with the listener's id as `$1`. All of them answer nothing for a range
 * without segments.
 */

/** Whose rows, and what must be known of them. */
export type Reader = Pick<Listener, 'userId' | 'timeZone' | 'minPlayMs' | 'hasMerges' | 'hasAliases'>;

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

/** The counted plays of the stretches, as `countedPlays` has them. */
export function playsOfStretches(segments: Segments, timeZone: string, values: SqlValues): string {
  return `${countedPlays()} AND ${inStretches(segments, timeZone, values)}`;
}

/** Condition that a play `p` started in one of the stretches. */
function inStretches(segments: Segments, zone: string, values: SqlValues): string {
  return `(${segments.stretches.map((days) => startedWithin('p', { ...days, zone }, values)).join(' OR ')})`;
}

/**
 * WITH terms for the tracks of the stretches: `c` (track_id, plays, ms_played, ms_assumed), a row a track.
 * What `countedPlays` works out for each play is worked out here once a track, as far as it can be.
 */
function tracksOfStretches(segments: Segments, listener: Reader, values: SqlValues): string {
  const counted = countedCondition('p', values.add(listener.minPlayMs));
  const terms = `
    g AS MATERIALIZED (
      SELECT p.track_id, count(*)::int AS plays, coalesce(sum(p.ms_played), 0)::bigint AS ms_played,
             count(*) FILTER (WHERE p.ms_played IS NULL) AS unmeasured
        FROM plays p WHERE p.user_id = $1 AND ${counted} AND ${inStretches(segments, listener.timeZone, values)}
       GROUP BY p.track_id),
    o AS MATERIALIZED (
      SELECT g.track_id, g.plays, g.ms_played, g.unmeasured * coalesce(t.duration_ms, 0) AS ms_assumed
        FROM g LEFT JOIN (SELECT id, duration_ms FROM tracks
                           WHERE id = ANY(ARRAY(SELECT track_id FROM g WHERE unmeasured > 0)) OFFSET 0) t
                 ON t.id = g.track_id)`;
  if (!listener.hasMerges) return `${terms}, c AS (SELECT * FROM o)`;
  return `${terms}, c AS MATERIALIZED (
    SELECT coalesce(m.root_id, o.track_id) AS track_id, sum(o.plays)::int AS plays, sum(o.ms_played)::bigint AS ms_played,
           sum(o.ms_assumed)::bigint AS ms_assumed
      FROM o LEFT JOIN track_merges m ON m.user_id = $1 AND m.track_id = o.track_id GROUP BY 1)`;
}

/** The tracks of `c` as a list: an index finds those of a list far quicker than one after another. */
const TRACKS_OF_C = 'ANY(ARRAY(SELECT track_id FROM c))';

const OF_TRACKS = 'SELECT c.track_id AS item_id, c.plays, c.ms_played, c.ms_assumed FROM c';
const OF_ALBUMS = `SELECT t.album_id AS item_id, c.plays, c.ms_played, c.ms_assumed
    FROM (SELECT id, album_id FROM tracks WHERE id = ${TRACKS_OF_C} AND album_id IS NOT NULL OFFSET 0) t
    JOIN c ON c.track_id = t.id`;
const OF_ARTISTS = `SELECT l.artist_id AS item_id, c.plays, c.ms_played, c.ms_assumed
    FROM (SELECT track_id, artist_id FROM track_artists WHERE track_id = ${TRACKS_OF_C} OFFSET 0) l
    JOIN c ON c.track_id = l.track_id`;
// An artist gets a play once, even where the track names them and an alias of theirs, or two aliases.
const OF_ARTISTS_WITH_ALIASES = `SELECT l.artist_id AS item_id, c.plays, c.ms_played, c.ms_assumed
    FROM (SELECT DISTINCT a.track_id, coalesce(s.root_id, a.artist_id) AS artist_id
            FROM track_artists a LEFT JOIN artist_aliases s ON s.user_id = $1 AND s.artist_id = a.artist_id
           WHERE a.track_id = ${TRACKS_OF_C}) l
    JOIN c ON c.track_id = l.track_id`;

/** Items of the tracks `c`, each with all that its track came to. */
function itemsOfTracks(kind: ItemKind, listener: Reader): string {
  if (kind === KIND.track) return OF_TRACKS;
  if (kind === KIND.album) return OF_ALBUMS;
  return listener.hasAliases ? OF_ARTISTS_WITH_ALIASES : OF_ARTISTS;
}

/**
 * Rows of items of one kind.
 *
 * @param only place (`$n`) of an int[] with the only items that are wanted.
 */
export function itemRows(
  segments: Segments,
  kind: ItemKind,
  listener: Reader,
  values: SqlValues,
  only?: string,
): string {
  const parts: string[] = [];
  if (segments.periods.length > 0)
    parts.push(ofPeriods(segments, kind, values, only && `r.item_id = ANY(${only}::int[])`));
  if (segments.stretches.length > 0) {
    parts.push(`
    SELECT i.item_id, i.plays, i.ms_played, i.ms_assumed
      FROM (WITH ${tracksOfStretches(segments, listener, values)} ${itemsOfTracks(kind, listener)}) i
     ${only ? `WHERE i.item_id = ANY(${only}::int[])` : ''}`);
  }
  return parts.length > 0 ? parts.join(' UNION ALL ') : NO_ROWS;
}

/** SELECT of how many different tracks, artists and albums the parts of a range have, as columns. */
export function distinctItems(segments: Segments, listener: Reader, values: SqlValues): string {
  const byGrain = Map.groupBy(segments.periods, (one) => one.grain);
  const ofPeriod = (kind: ItemKind) =>
    [...byGrain].map(
      ([
        grain,
        periods,
      ]) => `SELECT item_id FROM play_periods WHERE user_id = $1 AND grain = ${grain} AND kind = ${kind}
          AND period = ANY(${values.add(periods.map((one) => one.period))}::date[])`,
    );
  const hasStretches = segments.stretches.length > 0;
  const count = (kind: ItemKind) => {
    const parts = ofPeriod(kind);
    if (hasStretches) parts.push(`SELECT i.item_id FROM (${itemsOfTracks(kind, listener)}) i`);
    return parts.length === 0
      ? '0'
      : `(SELECT count(*)::int FROM (SELECT DISTINCT item_id FROM (${parts.join(' UNION ALL ')}) r) d)`;
  };
  const counts = `SELECT ${count(KIND.track)} AS tracks, ${count(KIND.artist)} AS artists, ${count(KIND.album)} AS albums
     WHERE $1::int IS NOT NULL`;
  return hasStretches ? `WITH ${tracksOfStretches(segments, listener, values)} ${counts}` : counts;
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
