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
import { listenerId } from '../caller.ts';
import type { GatewayContext } from '../context.ts';
import type { Mount } from '../mount.ts';
import { invalidRange } from '../statistics-answers.ts';
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

/** Two histories have two versions, so this answer is made anew each time. */
export function mountComparison(mount: Mount, context: GatewayContext): void {
  const { db, clock } = context;

  async function listenerOf(userId: number): Promise<Listener> {
    const listener = await loadListener(db.pool, userId);
    if (!listener) throw problems.notFound('There is no such user any more.');
    return listener;
  }

  mount.route(getComparison, async ({ query }, { caller }) => {
    const now = clock.now();
    const me = await listenerOf(listenerId(caller));
    let other = me;
    if (query.with !== undefined) {
      const userId = await findComparable(db.pool, me.userId, query.with);
      if (userId === null) {
        throw problems.notFound(
          'Nobody of this name can be compared with: both listeners have to allow it in their settings.',
        );
      }
      other = await listenerOf(userId);
    }
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
    return compareSides(db.pool, sides, query);
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
