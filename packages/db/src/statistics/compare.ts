import type { Comparison } from '@spindle/contracts';
import { ACTIVE } from '../active-users.ts';
import type { Queryable } from '../client.ts';
import { loadItemViews } from './item-views.ts';
import { type Listener, spanOf } from './listener.ts';
import type { ResolvedRange } from './range.ts';
import { segmentsOf } from './segments.ts';
import { ITEM_KINDS, loadTopRows, type RankedItem } from './top.ts';
import { type FigureRow, loadDistinct, loadFigures, toFigures } from './totals.ts';

/** Items of a side that are looked at, the most played; the rest weighs next to nothing. */
const MOST_ITEMS = 5_000;

export interface ComparedSide {
  readonly label: string;
  readonly listener: Listener;
  readonly range: ResolvedRange;
}

async function loadSide(db: Queryable, side: ComparedSide, kind: Comparison['kind']) {
  const { listener, range, label } = side;
  const segments = segmentsOf(range, spanOf(listener));
  const [figures, distinct, rows] = await Promise.all([
    loadFigures(db, listener.userId, segments),
    loadDistinct(db, listener, segments),
    loadTopRows(db, listener, segments, ITEM_KINDS[kind], { by: 'plays', limit: MOST_ITEMS, offset: 0 }),
  ]);
  return { view: { label, period: range, figures, distinct }, rows };
}

interface Ranked {
  readonly row: FigureRow;
  readonly rank: number;
}

function ranked(rows: readonly RankedItem[]): Map<number, Ranked> {
  return new Map(rows.map((row, index) => [row.item_id, { row, rank: index + 1 }]));
}

const sumOf = (rows: readonly RankedItem[]) => rows.reduce((sum, row) => sum + row.plays, 0);

/**
 * Weighted Jaccard (Ruzicka) similarity of two lists by their shares of plays, 0 to 1:
 * Σ min(aᵢ, bᵢ) / Σ max(aᵢ, bᵢ). Shares, so that who listens more is not less alike for it.
 */
export function likenessOf(mine: readonly RankedItem[], theirs: readonly RankedItem[]): number {
  const [all, others] = [sumOf(mine), sumOf(theirs)];
  if (all === 0 || others === 0) return 0;
  const share = new Map(theirs.map((row) => [row.item_id, row.plays / others]));
  // Shares add up to 1 on each side, so Σ max = 2 − Σ min.
  const common = mine.reduce((sum, row) => sum + Math.min(row.plays / all, share.get(row.item_id) ?? 0), 0);
  return Math.min(1, Math.max(0, common / (2 - common)));
}

/** Two periods or two listeners side by side, by their most played items. */
export async function compareSides(
  db: Queryable,
  sides: { readonly mine: ComparedSide; readonly theirs: ComparedSide },
  request: { readonly kind: Comparison['kind']; readonly limit: number },
): Promise<Comparison> {
  const [mine, theirs] = await Promise.all([
    loadSide(db, sides.mine, request.kind),
    loadSide(db, sides.theirs, request.kind),
  ]);
  const ofMine = ranked(mine.rows);
  const ofTheirs = ranked(theirs.rows);
  const [all, others] = [sumOf(mine.rows), sumOf(theirs.rows)];
  const shared = [...ofMine].flatMap(([id, left]) => {
    const right = ofTheirs.get(id);
    return right
      ? [{ id, left, right, common: Math.min(left.row.plays / all, right.row.plays / others) }]
      : [];
  });
  shared.sort((a, b) => b.common - a.common || a.id - b.id);
  const shown = shared.slice(0, request.limit);
  const views = await loadItemViews(
    db,
    ITEM_KINDS[request.kind],
    shown.map(({ id }) => id),
  );
  return {
    mine: mine.view,
    theirs: theirs.view,
    kind: request.kind,
    likeness: likenessOf(mine.rows, theirs.rows),
    shared: shared.length,
    items: shown.map(({ id, left, right }) => ({
      ...views.get(id),
      mine: { ...toFigures(left.row), rank: left.rank },
      theirs: { ...toFigures(right.row), rank: right.rank },
    })),
  };
}

/** Somebody who allows to be compared with, by handle, for one who allows it too; else null. */
export async function findComparable(db: Queryable, userId: number, handle: string): Promise<number | null> {
  const { rows } = await db.query<{ id: number }>(
    `SELECT u.id FROM users u JOIN users me ON me.id = $1 AND me.comparable
      WHERE u.handle = $2 AND u.comparable AND ${ACTIVE} AND u.id <> me.id`,
    [userId, handle],
  );
  return rows[0]?.id ?? null;
}
