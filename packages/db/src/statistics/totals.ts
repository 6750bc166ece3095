import type { Figures } from '@spindle/contracts';
import type { Queryable } from '../client.ts';
import { countRows, distinctItems, type Reader } from './period-rows.ts';
import type { ResolvedRange } from './range.ts';
import type { Segments } from './segments.ts';
import { GRAIN, KIND } from './series.ts';
import { SqlValues } from './sql-values.ts';

/** Sums as PostgreSQL answers them: counts and ms as float8, exact up to 2^53. */
export interface FigureRow {
  readonly plays: number;
  readonly ms_played: number;
  readonly ms_assumed: number;
}

/** Sums of rows `r` in the form of {@link FigureRow}. */
export const FIGURE_SUMS = `coalesce(sum(r.plays), 0)::int AS plays, coalesce(sum(r.ms_played), 0)::float8 AS ms_played,
  coalesce(sum(r.ms_assumed), 0)::float8 AS ms_assumed`;

/** The rollups keep measured and assumed time apart; figures tell the whole and the assumed part. */
export function toFigures(row: FigureRow | undefined): Figures {
  if (!row) return { plays: 0, msPlayed: 0, msAssumed: 0 };
  return { plays: row.plays, msPlayed: row.ms_played + row.ms_assumed, msAssumed: row.ms_assumed };
}

export interface Distinct {
  readonly tracks: number;
  readonly artists: number;
  readonly albums: number;
}

export async function loadFigures(db: Queryable, userId: number, segments: Segments): Promise<Figures> {
  const values = new SqlValues(userId);
  const { rows } = await db.query<FigureRow>(
    `SELECT ${FIGURE_SUMS} FROM (${countRows(segments, KIND.total, values)}) r WHERE $1::int IS NOT NULL`,
    values.list,
  );
  return toFigures(rows[0]);
}

/** How many different tracks, artists and albums a range has. */
export async function loadDistinct(db: Queryable, listener: Reader, segments: Segments): Promise<Distinct> {
  const [period, more] = segments.periods;
  if (period && !more && segments.stretches.length === 0) {
    const { rows } = await db.query<{ item_id: number; plays: number }>(
      `SELECT item_id, plays FROM play_periods
        WHERE user_id = $1 AND grain = $2 AND kind = ${KIND.items} AND period = $3::date`,
      [listener.userId, period.grain, period.period],
    );
    const of = (kind: number) => rows.find((row) => row.item_id === kind)?.plays ?? 0;
    return { tracks: of(KIND.track), artists: of(KIND.artist), albums: of(KIND.album) };
  }
  const values = new SqlValues(listener.userId);
  const { rows } = await db.query<Distinct>(distinctItems(segments, listener, values), values.list);
  return rows[0] ?? { tracks: 0, artists: 0, albums: 0 };
}

/** Days of a range with at least one counted play. */
export async function countActiveDays(
  db: Queryable,
  userId: number,
  range: Pick<ResolvedRange, 'from' | 'to'>,
): Promise<number> {
  const { rows } = await db.query<{ days: number }>(
    `SELECT count(*)::int AS days FROM play_periods
      WHERE user_id = $1 AND grain = ${GRAIN.day} AND kind = ${KIND.total} AND plays > 0
        AND period BETWEEN $2::date AND $3::date`,
    [userId, range.from, range.to],
  );
  return rows[0]?.days ?? 0;
}
