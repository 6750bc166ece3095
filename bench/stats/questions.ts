/** A statistic that the gateway is asked for, and the plain SQL over `plays` that would answer its core. */
export interface Question {
  readonly name: string;
  /** The `n`-th way to ask: other days for calendar periods, so that no two are the same. */
  path(n: number): string;
  /** Of listener `$1`, from `$2` to before `$3`; null where one GROUP BY does not come near the answer. */
  readonly plain: string | null;
  /** Days that the `n`-th way is about, for the plain SQL. */
  days(n: number): { readonly from: Date; readonly to: Date };
}

const DAY_MS = 86_400_000;
const RANGES = { day: 1, week: 7, month: 30, quarter: 91, year: 365, all: 3_650 } as const;
type Range = keyof typeof RANGES;

const SUMS = 'count(*), sum(coalesce(p.ms_played, t.duration_ms))';
const PLAYS =
  'FROM plays p JOIN tracks t ON t.id = p.track_id WHERE p.user_id = $1 AND p.played_at >= $2 AND p.played_at < $3';
const LOCAL = "(p.played_at AT TIME ZONE 'Europe/Berlin')";

const PLAIN = {
  summary: `SELECT ${SUMS}, count(DISTINCT p.track_id) ${PLAYS}`,
  tracks: `SELECT p.track_id, ${SUMS} ${PLAYS} GROUP BY 1 ORDER BY 2 DESC LIMIT 50`,
  artists: `SELECT a.artist_id, ${SUMS} ${PLAYS.replace('WHERE', 'JOIN track_artists a ON a.track_id = t.id WHERE')} GROUP BY 1 ORDER BY 2 DESC LIMIT 50`,
  albums: `SELECT t.album_id, ${SUMS} ${PLAYS} GROUP BY 1 ORDER BY 2 DESC LIMIT 50`,
  genres: `SELECT g, ${SUMS} ${PLAYS.replace('WHERE', 'JOIN track_artists a ON a.track_id = t.id JOIN artists r ON r.id = a.artist_id, unnest(r.genres) g WHERE')} GROUP BY 1 ORDER BY 2 DESC LIMIT 50`,
  timeline: `SELECT date_trunc('day', ${LOCAL}), ${SUMS} ${PLAYS} GROUP BY 1 ORDER BY 1`,
  clock: `SELECT extract(isodow FROM ${LOCAL}), extract(hour FROM ${LOCAL}), ${SUMS} ${PLAYS} GROUP BY 1, 2`,
  streaks: `SELECT ${LOCAL}::date, ${SUMS} ${PLAYS} GROUP BY 1 ORDER BY 1`,
  discoveries: `SELECT p.track_id, min(p.played_at) ${PLAYS} GROUP BY 1 ORDER BY 2 DESC LIMIT 50`,
} as const;

/**
 * Every endpoint of statistics with every range.
 *
 * @param now nothing was played after it.
 * @param years how far back the history goes; the days that are asked for lie within.
 * @param ids row ids of a track, an artist and an album, by the `n`.
 */
export function questions(
  now: Date,
  years: number,
  ids: {
    readonly track: (n: number) => number;
    readonly artist: (n: number) => number;
    readonly album: (n: number) => number;
  },
): Question[] {
  const span = Math.max(1, Math.floor(years * 365));
  const dayBack = (back: number) => new Date(now.getTime() - back * DAY_MS).toISOString().slice(0, 10);
  /** Days spread over the history, far from one another. */
  const back = (n: number) => (n * 61) % span;
  const period = (range: Range, n: number) =>
    range === 'all' ? 'range=all' : `range=${range}&at=${dayBack(back(n))}`;
  const free = (n: number) => `from=${dayBack(Math.min(span, back(n) + 100))}&to=${dayBack(back(n))}`;
  const daysOf = (length: number, n: number, range: string) => {
    const to = range === 'all' ? now.getTime() : now.getTime() - back(n) * DAY_MS;
    return { from: new Date(to - length * DAY_MS), to: new Date(to) };
  };
  // An empty field more makes the address another, and the question the same: no answer is remembered.
  const anew = (n: number) => '&'.repeat(n % 400);

  const list: Question[] = [];
  const ask = (name: string, address: string, plain: string | null, ranges: readonly (Range | 'free')[]) => {
    for (const range of ranges)
      list.push({
        name: `${name} ${range === 'free' ? 'of 100 days' : range}`,
        path: (n) => `${address}${range === 'free' ? free(n) : period(range, n)}${anew(n)}`,
        plain,
        days: (n) => daysOf(range === 'free' ? 100 : RANGES[range], n, range),
      });
  };
  const once = (name: string, path: (n: number) => string, plain: string | null) =>
    list.push({ name, path, plain, days: (n) => daysOf(3_650, n, 'all') });
  const every: readonly (Range | 'free')[] = ['day', 'week', 'month', 'quarter', 'year', 'all', 'free'];

  ask('summary', '/api/stats/summary?', PLAIN.summary, every);
  for (const kind of ['tracks', 'artists', 'albums', 'genres'] as const)
    ask(`top ${kind}`, `/api/stats/top/${kind}?limit=50&`, PLAIN[kind], every);
  ask('top tracks by time', '/api/stats/top/tracks?by=time&limit=50&', PLAIN.tracks, ['all']);
  ask('timeline', '/api/stats/timeline?', PLAIN.timeline, every);
  ask('timeline by day', '/api/stats/timeline?by=day&', PLAIN.timeline, ['year']);
  ask('timeline by hour', '/api/stats/timeline?by=hour&', PLAIN.timeline, ['week']);
  ask('clock', '/api/stats/clock?', PLAIN.clock, every);
  ask('sessions', '/api/stats/sessions?limit=50&', null, every);
  ask('discoveries', '/api/stats/discoveries?kind=tracks&', PLAIN.discoveries, every);
  ask('compare with the period before', '/api/stats/compare?', null, ['week', 'month', 'year']);
  ask('compare with another listener', '/api/stats/compare?with=listener-50&otherRange=all&', null, [
    'year',
    'all',
  ]);
  once('streaks', (n) => `/api/stats/streaks?${anew(n)}`, PLAIN.streaks);
  once(
    'year in review',
    (n) => `/api/stats/wrapped/${now.getUTCFullYear() - (n % Math.max(1, Math.ceil(years)))}?${anew(n)}`,
    null,
  );
  once('today', (n) => `/dashboard/today?${anew(n)}`, null);
  once('track page', (n) => `/api/tracks/${ids.track(n)}`, null);
  once('artist page', (n) => `/api/artists/${ids.artist(n)}`, null);
  once('album page', (n) => `/api/albums/${ids.album(n)}`, null);
  once('search', (n) => `/api/search?q=${encodeURIComponent(`track ${n % 97}`)}${anew(n)}`, null);
  once(
    'plays, newest',
    (n) => `/api/plays?limit=50&to=${new Date(now.getTime() - back(n) * DAY_MS).toISOString()}`,
    null,
  );
  return list;
}
