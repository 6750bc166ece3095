import type { Measure, TopItem, TopKind, TopList } from '@spindle/contracts';
import type { Queryable } from '../client.ts';
import { loadItemViews } from './item-views.ts';
import { type Listener, spanOf } from './listener.ts';
import { itemRows, type Reader } from './period-rows.ts';
import { previousRange, type ResolvedRange } from './range.ts';
import { type Segments, segmentsOf } from './segments.ts';
import { type ItemKind, KIND } from './series.ts';
import { SqlValues } from './sql-values.ts';
import { FIGURE_SUMS, type FigureRow, loadFigures, toFigures } from './totals.ts';

export const ITEM_KINDS = { tracks: KIND.track, artists: KIND.artist, albums: KIND.album } as const;

export interface TopRequest {
  readonly kind: TopKind;
  readonly by: Measure;
  readonly limit: number;
  /** Items before the page. */
  readonly offset: number;
}

export interface RankedItem extends FigureRow {
  readonly item_id: number;
  /** How many items there are in all, where adding rows up told. */
  readonly total?: number;
}

const TIME = '(r.ms_played + r.ms_assumed)';

/** Most first; equals in the order in which they came to the catalogue, which an index can answer. */
const ORDER: Readonly<Record<Measure, string>> = {
  plays: 'plays DESC, item_id',
  time: 'ms_played + ms_assumed DESC, item_id',
};

/**
 * The most played items of a range. One period of the rollups is read in the order of its index;
 * otherwise the rows of its parts are added up first.
 */
export async function loadTopRows(
  db: Queryable,
  listener: Reader,
  segments: Segments,
  kind: ItemKind,
  page: { readonly by: Measure; readonly limit: number; readonly offset: number },
): Promise<RankedItem[]> {
  const values = new SqlValues(listener.userId);
  const [period, more] = segments.periods;
  const limits = () => `LIMIT ${values.add(page.limit)} OFFSET ${values.add(page.offset)}`;
  if (period && !more && segments.stretches.length === 0) {
    const order = page.by === 'plays' ? 'r.plays DESC, r.item_id' : `${TIME} DESC, r.item_id`;
    // Grain and kind stand in the text: a partial index is only used for constants.
    const { rows } = await db.query<RankedItem>(
      `SELECT r.item_id, r.plays, r.ms_played::float8, r.ms_assumed::float8 FROM play_periods r
        WHERE r.user_id = $1 AND r.grain = ${period.grain} AND r.kind = ${kind} AND r.period = ${values.add(period.period)}::date
        ORDER BY ${order} ${limits()}`,
      values.list,
    );
    return rows;
  }
  const { rows } = await db.query<RankedItem>(
    `SELECT item_id, plays, ms_played, ms_assumed, (count(*) OVER ())::int AS total
       FROM (SELECT r.item_id, ${FIGURE_SUMS}
               FROM (${itemRows(segments, kind, listener, values)}) r WHERE $1::int IS NOT NULL GROUP BY r.item_id) s
      ORDER BY ${ORDER[page.by]} ${limits()}`,
    values.list,
  );
  return rows;
}

/** What the given items came to in a range; without those that it lacks. */
export async function figuresOfItems(
  db: Queryable,
  listener: Reader,
  segments: Segments,
  kind: ItemKind,
  ids: readonly number[],
): Promise<Map<number, FigureRow>> {
  if (ids.length === 0) return new Map();
  const values = new SqlValues(listener.userId);
  const only = values.add(ids);
  const { rows } = await db.query<RankedItem>(
    `SELECT r.item_id, ${FIGURE_SUMS} FROM (${itemRows(segments, kind, listener, values, only)}) r
      WHERE $1::int IS NOT NULL AND ${only}::int[] IS NOT NULL GROUP BY r.item_id`,
    values.list,
  );
  return new Map(rows.map((row) => [row.item_id, row]));
}

async function countItems(
  db: Queryable,
  listener: Reader,
  segments: Segments,
  kind: ItemKind,
): Promise<number> {
  const [period, more] = segments.periods;
  if (period && !more && segments.stretches.length === 0) {
    const { rows } = await db.query<{ plays: number }>(
      `SELECT plays FROM play_periods
        WHERE user_id = $1 AND grain = $2 AND kind = ${KIND.items} AND period = $3::date AND item_id = ${kind}`,
      [listener.userId, period.grain, period.period],
    );
    return rows[0]?.plays ?? 0;
  }
  const values = new SqlValues(listener.userId);
  const { rows } = await db.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM (SELECT DISTINCT item_id FROM (${itemRows(segments, kind, listener, values)}) r) d
      WHERE $1::int IS NOT NULL`,
    values.list,
  );
  return rows[0]?.count ?? 0;
}

/** Genres by what their artists came to: a play counts once for each of its artists that has the genre. */
async function loadGenres(
  db: Queryable,
  listener: Reader,
  segments: Segments,
): Promise<(FigureRow & { genre: string })[]> {
  const values = new SqlValues(listener.userId);
  const { rows } = await db.query<FigureRow & { genre: string }>(
    `SELECT g.genre, ${FIGURE_SUMS}
       FROM (SELECT i.item_id, sum(i.plays) AS plays, sum(i.ms_played) AS ms_played, sum(i.ms_assumed) AS ms_assumed
               FROM (${itemRows(segments, KIND.artist, listener, values)}) i GROUP BY i.item_id) r
       JOIN artists a ON a.id = r.item_id CROSS JOIN LATERAL unnest(a.genres) AS g (genre)
      WHERE $1::int IS NOT NULL GROUP BY g.genre`,
    values.list,
  );
  return rows;
}

type Previous = ReadonlyMap<string | number, FigureRow> | null;

function toTopItem(row: FigureRow, rank: number, previous: FigureRow | undefined | null): TopItem {
  const before = previous === null ? null : toFigures(previous);
  return {
    rank,
    ...toFigures(row),
    previous: before && { plays: before.plays, msPlayed: before.msPlayed },
  };
}

const ofKey = (previous: Previous, key: string | number) => (previous ? previous.get(key) : null);

async function topGenres(
  db: Queryable,
  listener: Listener,
  segments: Segments,
  before: Segments | null,
  request: TopRequest,
): Promise<{ items: TopItem[]; total: number }> {
  const time = (row: FigureRow) => row.ms_played + row.ms_assumed;
  const measure = request.by === 'plays' ? (row: FigureRow) => row.plays : time;
  const [all, earlier] = await Promise.all([
    loadGenres(db, listener, segments),
    before && loadGenres(db, listener, before),
  ]);
  all.sort((a, b) => measure(b) - measure(a) || (a.genre < b.genre ? -1 : 1));
  const page = all.slice(request.offset, request.offset + request.limit);
  const previous: Previous = earlier && new Map(earlier.map((row) => [row.genre, row]));
  const items = page.map((row, index) => ({
    ...toTopItem(row, request.offset + index + 1, ofKey(previous, row.genre)),
    genre: row.genre,
  }));
  return { items, total: all.length };
}

async function topOfKind(
  db: Queryable,
  listener: Listener,
  segments: Segments,
  before: Segments | null,
  request: TopRequest & { readonly kind: keyof typeof ITEM_KINDS },
): Promise<{ items: TopItem[]; total: number }> {
  const kind = ITEM_KINDS[request.kind];
  const rows = await loadTopRows(db, listener, segments, kind, request);
  const ids = rows.map((row) => row.item_id);
  const [views, previous, total] = await Promise.all([
    loadItemViews(db, kind, ids),
    before ? figuresOfItems(db, listener, before, kind, ids) : null,
    rows[0]?.total ?? countItems(db, listener, segments, kind),
  ]);
  const items = rows.map((row, index) => ({
    ...toTopItem(row, request.offset + index + 1, ofKey(previous, row.item_id)),
    ...views.get(row.item_id),
  }));
  return { items, total };
}

/** A page of a top list, with what each item came to in the period before. */
export async function topItems(
  db: Queryable,
  listener: Listener,
  range: ResolvedRange,
  request: TopRequest,
): Promise<Omit<TopList, 'nextCursor'> & { readonly nextOffset: number | null }> {
  const span = spanOf(listener);
  const segments = segmentsOf(range, span);
  const previous = previousRange(range);
  const before = previous && segmentsOf(previous, span);
  const { kind } = request;
  const [figures, { items, total }] = await Promise.all([
    loadFigures(db, listener.userId, segments),
    kind === 'genres'
      ? topGenres(db, listener, segments, before, request)
      : topOfKind(db, listener, segments, before, { ...request, kind }),
  ]);
  const end = request.offset + items.length;
  return { period: range, figures, total, items, nextOffset: end < total ? end : null };
}

/** Row ids of the most played tracks of a range, most first. */
export async function topTrackIds(
  db: Queryable,
  listener: Listener,
  range: ResolvedRange,
  page: { readonly by: Measure; readonly limit: number },
): Promise<number[]> {
  const segments = segmentsOf(range, spanOf(listener));
  const rows = await loadTopRows(db, listener, segments, KIND.track, { ...page, offset: 0 });
  return rows.map((row) => row.item_id);
}
