import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inOrder, nextUp, type OrderedTrack, proposalRefusal, turnsOf } from '../src/index.ts';

const track = (id: number, more: Partial<OrderedTrack> = {}): OrderedTrack => ({
  id,
  likes: 1,
  dislikes: 0,
  proposerId: 1,
  proposedAtMs: id,
  ...more,
});
const ids = (tracks: readonly OrderedTrack[]) => tracks.map((one) => one.id);
const nobody = new Map<number, number>();

const anyTrack = fc.record({
  id: fc.nat(1_000),
  likes: fc.nat(4),
  dislikes: fc.nat(4),
  proposerId: fc.option(fc.integer({ min: 1, max: 4 })),
  proposedAtMs: fc.nat(20),
});
const anyTracks = fc.uniqueArray(anyTrack, { selector: (one) => one.id, maxLength: 20 });

describe('the order of what waits', () => {
  it('goes by votes, dislikes taken off', () => {
    const tracks = [track(1), track(2, { likes: 3 }), track(3, { likes: 5, dislikes: 4 })];
    expect(ids(inOrder(tracks, nobody))).toEqual([2, 1, 3]);
  });

  it('lets guests take turns where votes are equal', () => {
    // Ann proposed four in one go before Bob and Eve came.
    const tracks = [
      ...[1, 2, 3, 4].map((id) => track(id)),
      track(5, { proposerId: 2 }),
      track(6, { proposerId: 3 }),
      track(7, { proposerId: 2 }),
    ];
    expect(ids(inOrder(tracks, nobody))).toEqual([1, 5, 6, 2, 7, 3, 4]);
    // When one of Ann's has been played, it is the turn of the others.
    expect(ids(inOrder(tracks.slice(1), new Map([[1, 1]])))).toEqual([5, 6, 2, 7, 3, 4]);
  });

  it('puts what nobody proposed behind what guests did, and the older before the newer', () => {
    const tracks = [track(1, { proposerId: null }), track(3, { proposerId: 2 }), track(2)];
    expect(ids(inOrder(tracks, nobody))).toEqual([2, 3, 1]);
  });

  it('is one order, whatever order the tracks are given in', () => {
    fc.assert(
      fc.property(anyTracks, fc.dictionary(fc.constantFrom('1', '2', '3'), fc.nat(3)), (tracks, played) => {
        const playedBy = new Map(Object.entries(played).map(([id, count]) => [Number(id), count]));
        const order = inOrder(tracks, playedBy);
        expect(ids(inOrder([...tracks].reverse(), playedBy))).toEqual(ids(order));
        expect([...ids(order)].sort((a, b) => a - b)).toEqual(ids(tracks).sort((a, b) => a - b));
        const turns = turnsOf(tracks, playedBy);
        for (const [place, one] of order.entries()) {
          const next = order[place + 1];
          if (!next) break;
          const [votes, then] = [one.likes - one.dislikes, next.likes - next.dislikes];
          expect(votes).toBeGreaterThanOrEqual(then);
          if (votes === then) expect(turns.get(one.id)).toBeLessThanOrEqual(turns.get(next.id) ?? 0);
        }
      }),
    );
  });
});

describe('what comes next', () => {
  const fair = { playedBy: nobody, lastProposers: [1, 1, 2], inARow: 2 };
  it('is somebody else’s when a guest has had their row, as long as somebody else waits', () => {
    const ann = track(1, { likes: 9 });
    const bob = track(2, { proposerId: 2 });
    expect(nextUp([ann, bob], fair)?.id).toBe(2);
    expect(nextUp([ann], fair)?.id).toBe(1);
    expect(nextUp([ann, bob], { ...fair, inARow: 3 })?.id).toBe(1);
    expect(nextUp([ann, bob], { ...fair, inARow: null })?.id).toBe(1);
    expect(nextUp([ann, bob], { ...fair, lastProposers: [null, 1, 1] })?.id).toBe(1);
    expect(nextUp([], fair)).toBeNull();
  });
});

describe('a proposal', () => {
  const rules = { allowExplicit: false, maxTrackMs: 300_000 };
  it('is refused in words where the host does not want it', () => {
    expect(proposalRefusal({ explicit: true, durationMs: 1 }, rules)).toBe(
      'The host does not want explicit tracks.',
    );
    expect(proposalRefusal({ explicit: false, durationMs: 300_001 }, rules)).toBe(
      'The host allows tracks of 5 minutes at most.',
    );
    expect(proposalRefusal({ explicit: null, durationMs: 300_000 }, rules)).toBeNull();
    expect(
      proposalRefusal({ explicit: true, durationMs: null }, { allowExplicit: true, maxTrackMs: 1 }),
    ).toBeNull();
  });
});
