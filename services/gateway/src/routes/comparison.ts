import { getComparison } from '@spindle/contracts';
import {
  type ComparedSide,
  compareSides,
  findComparable,
  InvalidRange,
  type Listener,
  loadListener,
  previousRange,
  type ResolvedRange,
  resolveRange,
} from '@spindle/db';
import { problems } from '@spindle/service-kit';
import type { GatewayContext } from '../context.ts';
import { invalidRange, type StatisticsMount } from '../statistics-answers.ts';
import { rangeOf } from './statistics.ts';

const OTHER_FIELDS = {
  range: 'otherRange',
  at: 'otherAt',
  from: 'otherFrom',
  to: 'otherTo',
  by: 'by',
} as const;

function label(range: ResolvedRange, name?: string): string {
  const days = range.from === range.to ? range.from : `${range.from} – ${range.to}`;
  return name === undefined ? days : `${name}, ${days}`;
}

export function mountComparison(statistics: StatisticsMount, context: GatewayContext): void {
  const { pool } = context.db;

  /** Asked each time, before any kept answer: leave that was taken back ends with the next request. */
  async function findOther(handle: string | undefined, me: Listener): Promise<Listener> {
    if (handle === undefined) return me;
    const userId = await findComparable(pool, me.userId, handle);
    const other = userId === null ? null : await loadListener(pool, userId);
    if (other) return other;
    throw problems.notFound(
      'Nobody of this name can be compared with: both listeners have to allow it in their settings.',
    );
  }

  const find = ({ query }: { query: { with?: string | undefined } }, me: Listener) =>
    findOther(query.with, me);

  statistics.pair(getComparison, find, ({ query }, { me, other }, now, db) => {
    const isOther = query.with !== undefined;
    const { otherRange, otherAt, otherFrom, otherTo } = query;
    const asked = { range: otherRange, at: otherAt, from: otherFrom, to: otherTo };
    const given = Object.values(asked).some((value) => value !== undefined);
    const mine = readRange(() => rangeOf(query, me, now));
    // Of my own history the period before is what one compares with, unless told.
    const same = () => (isOther ? rangeOf(query, other, now) : (previousRange(mine) ?? mine));
    const theirs = given ? readRange(() => resolveRange(asked, other, now), OTHER_FIELDS) : readRange(same);
    const sides: { mine: ComparedSide; theirs: ComparedSide } = {
      mine: { listener: me, range: mine, label: label(mine, isOther ? 'You' : undefined) },
      theirs: { listener: other, range: theirs, label: label(theirs, query.with) },
    };
    return compareSides(db, sides, query);
  });
}

/** Turns a range that cannot be into the problem that names its parameter. */
function readRange(
  read: () => ResolvedRange,
  fields?: Readonly<Record<InvalidRange['field'], string>>,
): ResolvedRange {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InvalidRange)) throw error;
    throw invalidRange(error, fields?.[error.field]);
  }
}
