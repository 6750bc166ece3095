import { type AnalysisView, type LibraryAnalysisFigures, libraryAnalysisSchema } from '@spindle/contracts';
import { loadTrackSummaries, spotifyUrl } from './catalogue/views.ts';
import type { Database, Queryable } from './client.ts';
import { addMonths, type CalendarDay } from './statistics/calendar-day.ts';
import type { Listener } from './statistics/listener.ts';
import { ALL_TIME, GRAIN, KIND } from './statistics/series.ts';

/** Length of the lists of artists, albums and genres. */
const TOP = 20;
/** Analyses of one listener that are kept. */
const KEPT = 30;
const MINUTE_MS = 60_000;
/** Lengths are counted from each of these to the next, the last without an end, ms. */
const DURATION_STEPS = [0, 1, 2, 3, 4, 5, 6, 8, 10].map((minutes) => minutes * MINUTE_MS);

/** A song that stands out. */
interface Mark {
  readonly trackId: number;
  /** Epoch ms. */
  readonly addedAt: number;
  readonly releaseDate: string | null;
}

interface Counted {
  readonly id: number;
  readonly name: string;
  readonly spotifyId: string | null;
  readonly tracks: number;
}

interface YearRow {
  readonly year: number;
  readonly tracks: number;
}

interface AnalysisRow {
  readonly totals: Pick<
    LibraryAnalysisFigures,
    'tracks' | 'removed' | 'unplayable' | 'albums' | 'totalMs' | 'averageMs' | 'medianMs' | 'medianYear'
  >;
  readonly explicit: LibraryAnalysisFigures['explicit'];
  readonly artists: number;
  readonly durations: readonly { readonly step: number; readonly tracks: number }[];
  readonly years: readonly YearRow[];
  readonly months: readonly { readonly at: CalendarDay; readonly tracks: number }[];
  readonly top_artists: readonly Counted[];
  readonly top_albums: readonly Counted[];
  readonly genres: LibraryAnalysisFigures['genres'];
  readonly heard: LibraryAnalysisFigures['heard'];
  readonly shortest: Mark | null;
  readonly longest: Mark | null;
  readonly oldest_release: Mark | null;
  readonly newest_release: Mark | null;
  readonly first_added: Mark | null;
  readonly last_added: Mark | null;
}

/** One song of `l`; of equals the one that was liked first. */
function mark(name: string, column: string, direction: 'ASC' | 'DESC' = 'ASC'): string {
  return `(SELECT json_build_object('trackId', m.track_id, 'addedAt', (extract(epoch FROM m.added_at) * 1000)::float8,
                                    'releaseDate', m.released)
             FROM (SELECT track_id, added_at, released FROM l WHERE track_id IS NOT NULL AND ${column} IS NOT NULL
                    ORDER BY ${column} ${direction}, place, item_key LIMIT 1) m) AS ${name}`;
}

/** The rows of a subquery as a JSON array, in its order. */
const list = (rows: string) => `(SELECT coalesce(json_agg(r), '[]') FROM (${rows}) r)`;

/**
 * Everything from one snapshot, in one row. A release is what is known of its date, cut where Spotify's
 * precision ends; years before 1000, with which Spotify says that it does not know, are none.
 */
const ANALYSIS = `
  WITH l AS MATERIALIZED (
    SELECT k.item_key, k.track_id, k.added_at, k.place, k.unplayable, t.explicit, t.album_id,
           nullif(t.duration_ms, 0) AS duration_ms,
           CASE WHEN b.release_date ~ '^[1-9][0-9]{3}(-[0-9]{2}){0,2}$'
                THEN left(b.release_date, CASE b.release_date_precision WHEN 'year' THEN 4 WHEN 'month' THEN 7 ELSE 10 END)
           END AS released
      FROM liked_tracks k LEFT JOIN tracks t ON t.id = k.track_id LEFT JOIN albums b ON b.id = t.album_id
     WHERE k.user_id = $1),
  w AS MATERIALIZED (
    SELECT track_id, count(*)::int AS tracks FROM l WHERE track_id IS NOT NULL GROUP BY track_id),
  a AS MATERIALIZED (
    SELECT DISTINCT c.track_id, coalesce(s.root_id, c.artist_id) AS artist_id
      FROM (SELECT track_id, artist_id FROM track_artists
             WHERE track_id = ANY(ARRAY(SELECT track_id FROM w)) OFFSET 0) c
      LEFT JOIN artist_aliases s ON s.user_id = $1 AND s.artist_id = c.artist_id),
  x AS MATERIALIZED (
    SELECT a.artist_id, sum(w.tracks)::int AS tracks FROM a JOIN w USING (track_id) GROUP BY a.artist_id)
  SELECT
    (SELECT json_build_object(
              'tracks', count(*), 'removed', count(*) FILTER (WHERE track_id IS NULL),
              'unplayable', count(*) FILTER (WHERE unplayable), 'albums', count(DISTINCT album_id),
              'totalMs', coalesce(sum(duration_ms), 0), 'averageMs', round(avg(duration_ms)),
              'medianMs', round(percentile_cont(0.5) WITHIN GROUP (ORDER BY duration_ms)),
              'medianYear', percentile_disc(0.5) WITHIN GROUP (ORDER BY left(released, 4)::int)) FROM l) AS totals,
    (SELECT json_build_object('yes', count(*) FILTER (WHERE explicit), 'no', count(*) FILTER (WHERE NOT explicit),
                              'unknown', count(*) FILTER (WHERE explicit IS NULL))
       FROM l WHERE track_id IS NOT NULL) AS explicit,
    (SELECT count(*)::int FROM x) AS artists,
    ${list(`SELECT width_bucket(duration_ms, $3::int[]) - 1 AS step, count(*) AS tracks
              FROM l WHERE duration_ms IS NOT NULL GROUP BY 1`)} AS durations,
    ${list(`SELECT left(released, 4)::int AS year, count(*) AS tracks
              FROM l WHERE released IS NOT NULL GROUP BY 1 ORDER BY 1`)} AS years,
    ${list(`SELECT date_trunc('month', added_at AT TIME ZONE $2)::date AS at, count(*) AS tracks
              FROM l GROUP BY 1 ORDER BY 1`)} AS months,
    ${list(`SELECT i.id, i.name, i.spotify_id AS "spotifyId", s.tracks
              FROM (SELECT artist_id, tracks FROM x ORDER BY tracks DESC, artist_id LIMIT ${TOP}) s
              JOIN artists i ON i.id = s.artist_id ORDER BY s.tracks DESC, i.id`)} AS top_artists,
    ${list(`SELECT b.id, b.name, b.spotify_id AS "spotifyId", s.tracks
              FROM (SELECT album_id, count(*) AS tracks FROM l WHERE album_id IS NOT NULL
                     GROUP BY album_id ORDER BY tracks DESC, album_id LIMIT ${TOP}) s
              JOIN albums b ON b.id = s.album_id ORDER BY s.tracks DESC, b.id`)} AS top_albums,
    ${list(`SELECT g.name, sum(w.tracks) AS tracks
              FROM (SELECT DISTINCT a.track_id, n.name
                      FROM (SELECT id, genres FROM artists
                             WHERE id = ANY(ARRAY(SELECT artist_id FROM x)) AND genres <> '{}' OFFSET 0) i
                      JOIN a ON a.artist_id = i.id CROSS JOIN LATERAL unnest(i.genres) AS n (name)) g
              JOIN w USING (track_id) GROUP BY g.name ORDER BY tracks DESC, g.name COLLATE "C" LIMIT ${TOP}`)} AS genres,
    (SELECT json_build_object('played', coalesce(sum(h.tracks) FILTER (WHERE h.is_played), 0),
                              'never', coalesce(sum(h.tracks) FILTER (WHERE NOT h.is_played), 0))
       FROM (SELECT w.tracks, r.item_id IS NOT NULL AS is_played
               FROM w LEFT JOIN track_merges m ON m.user_id = $1 AND m.track_id = w.track_id
               LEFT JOIN play_periods r ON r.user_id = $1 AND r.grain = ${GRAIN.all} AND r.kind = ${KIND.track}
                                       AND r.period = DATE '${ALL_TIME}' AND r.plays > 0
                                       AND r.item_id = coalesce(m.root_id, w.track_id)) h) AS heard,
    ${mark('shortest', 'duration_ms')},
    ${mark('longest', 'duration_ms', 'DESC')},
    ${mark('oldest_release', 'released')},
    ${mark('newest_release', 'released', 'DESC')},
    ${mark('first_added', 'added_at')},
    ${mark('last_added', 'added_at', 'DESC')}`;

function yearsWithoutGaps(years: readonly YearRow[]): YearRow[] {
  const found = new Map(years.map((one) => [one.year, one.tracks]));
  const first = years[0]?.year ?? 0;
  const count = (years.at(-1)?.year ?? -1) - first + 1;
  return Array.from({ length: count }, (_, index) => ({
    year: first + index,
    tracks: found.get(first + index) ?? 0,
  }));
}

function decadesOf(years: readonly YearRow[]): YearRow[] {
  const decade = (year: number) => year - (year % 10);
  return [...Map.groupBy(years, (one) => decade(one.year))].map(([year, members]) => ({
    year,
    tracks: members.reduce((sum, one) => sum + one.tracks, 0),
  }));
}

function monthsWithoutGaps(months: AnalysisRow['months']): LibraryAnalysisFigures['months'] {
  const [first] = months;
  const last = months.at(-1);
  if (!first || !last) return [];
  const found = new Map(months.map((one) => [one.at, one.tracks]));
  const all = [];
  for (let at = first.at; at <= last.at; at = addMonths(at, 1)) all.push({ at, tracks: found.get(at) ?? 0 });
  return all;
}

/**
 * Liked Songs in figures, from what is stored of them. Merged tracks are played when any of them was, and
 * aliases count for the artist they stand for, as in the statistics.
 */
export async function analyseLiked(
  db: Queryable,
  listener: Pick<Listener, 'userId' | 'timeZone'>,
): Promise<LibraryAnalysisFigures> {
  const { rows } = await db.query<AnalysisRow>(ANALYSIS, [
    listener.userId,
    listener.timeZone,
    DURATION_STEPS,
  ]);
  const [row] = rows;
  if (!row) throw new Error('an analysis answers one row, always');
  const marks = [row.shortest, row.longest, row.oldest_release, row.newest_release];
  const tracks = await loadTrackSummaries(
    db,
    [...marks, row.first_added, row.last_added].flatMap((one) => (one ? [one.trackId] : [])),
  );
  const trackOf = (one: Mark | null) => (one && tracks.get(one.trackId)) ?? null;
  const markOf = (one: Mark | null) => {
    const track = trackOf(one);
    return one && track
      ? { addedAt: new Date(one.addedAt).toISOString(), releaseDate: one.releaseDate, track }
      : null;
  };
  const counted = (kind: 'artist' | 'album', items: readonly Counted[]) =>
    items.map(({ id, name, spotifyId, tracks: count }) => ({
      id: String(id),
      name,
      url: spotifyUrl(kind, spotifyId),
      tracks: count,
    }));
  const years = yearsWithoutGaps(row.years);
  const durations = new Map(row.durations.map((one) => [one.step, one.tracks]));
  return {
    ...row.totals,
    artists: row.artists,
    explicit: row.explicit,
    shortest: trackOf(row.shortest),
    longest: trackOf(row.longest),
    durations: DURATION_STEPS.map((fromMs, step) => ({
      fromMs,
      toMs: DURATION_STEPS[step + 1] ?? null,
      tracks: durations.get(step) ?? 0,
    })),
    years,
    decades: decadesOf(years),
    oldestRelease: markOf(row.oldest_release),
    newestRelease: markOf(row.newest_release),
    topArtists: counted('artist', row.top_artists),
    topAlbums: counted('album', row.top_albums),
    genres: row.genres,
    months: monthsWithoutGaps(row.months),
    firstAdded: markOf(row.first_added),
    lastAdded: markOf(row.last_added),
    heard: row.heard,
  };
}

/**
 * Stores an analysis as the newest of its listener, counts it, and forgets the oldest.
 *
 * @returns false when there is no such listener any more; then nothing was stored.
 */
export async function storeAnalysis(
  db: Database,
  userId: number,
  analysis: LibraryAnalysisFigures,
  now: Date,
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const { rowCount } = await tx.query(
      `INSERT INTO library_analyses (user_id, created_at, result)
       SELECT id, $2, $3 FROM users WHERE id = $1 AND erasing_at IS NULL`,
      [userId, now, JSON.stringify(analysis)],
    );
    if (rowCount !== 1) return false;
    await tx.query(
      `DELETE FROM library_analyses WHERE user_id = $1 AND id NOT IN
         (SELECT id FROM library_analyses WHERE user_id = $1 ORDER BY created_at DESC, id DESC LIMIT ${KEPT})`,
      [userId],
    );
    await tx.query(
      `INSERT INTO shuffle_counters AS c (name, value) VALUES ('analyses_made', 1)
       ON CONFLICT (name) DO UPDATE SET value = c.value + 1`,
    );
    return true;
  });
}

/**
 * The newest analysis of a listener; null before the first. One that an earlier version made and that
 * says less than it should counts as none.
 */
export async function loadAnalysis(
  db: Queryable,
  userId: number,
): Promise<Pick<AnalysisView, 'madeAt' | 'analysis'> | null> {
  const { rows } = await db.query<{ created_at: Date; result: unknown }>(
    `SELECT created_at, result FROM library_analyses WHERE user_id = $1
      ORDER BY created_at DESC, id DESC LIMIT 1`,
    [userId],
  );
  const [row] = rows;
  const analysis = libraryAnalysisSchema.safeParse(row?.result).data;
  return row && analysis ? { madeAt: row.created_at.toISOString(), analysis } : null;
}
