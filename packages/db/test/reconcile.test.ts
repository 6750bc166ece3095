import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sourceBit, sourceCode } from '../src/play-source.ts';
import { type PlayObservation, reconcile, type StoredPlay } from '../src/plays/reconcile.ts';

const T0 = Date.UTC(2026, 10, 2, 18);
const MINUTE = 60_000;

function observe(
  source: PlayObservation['source'],
  endMs: number,
  extra: Partial<PlayObservation> = {},
): PlayObservation {
  const durationMs = extra.durationMs ?? 3 * MINUTE;
  const endedAt = T0 + endMs;
  return {
    trackId: 1,
    source,
    endedAt,
    startedAt: endedAt - durationMs,
    msPlayed: null,
    durationMs,
    ...extra,
  };
}
const recent = (endMs: number, extra: Partial<PlayObservation> = {}) =>
  observe('recently-played', endMs, extra);
const live = (startMs: number, endMs: number, extra: Partial<PlayObservation> = {}) =>
  observe('live', endMs, {
    startedAt: T0 + startMs,
    msPlayed: endMs - startMs,
    uncertaintyMs: 5_000,
    ...extra,
  });
/** The export rounds the end down to a second. */
const exported = (endMs: number, msPlayed: number, extra: Partial<PlayObservation> = {}) => {
  const endedAt = Math.floor((T0 + endMs) / 1000) * 1000;
  return observe('spotify-extended', 0, { endedAt, startedAt: endedAt - msPlayed, msPlayed, ...extra });
};

/** The store after a batch. */
function apply(stored: readonly StoredPlay[], batch: readonly PlayObservation[]): StoredPlay[] {
  const { inserts, updates } = reconcile(stored, batch, sourceCode);
  const gone = new Set(updates.map((update) => update.before));
  return [
    ...stored.filter((play) => !gone.has(play)),
    ...inserts,
    ...updates.map((update) => update.after),
  ].sort((a, b) => a.endedAt - b.endedAt);
}
const after = (...batches: PlayObservation[][]) => batches.reduce<StoredPlay[]>(apply, []);

/** A scrobbler stamps the start, to the second, and measures nothing. */
const scrobbled = (startMs: number, extra: Partial<PlayObservation> = {}) => {
  const startedAt = Math.floor((T0 + startMs) / 1000) * 1000;
  const durationMs = extra.durationMs === undefined ? 3 * MINUTE : extra.durationMs;
  return observe('lastfm', 0, {
    startedAt,
    endedAt: startedAt + (durationMs ?? 0),
    uncertaintyMs: 15_000,
    ...extra,
    durationMs,
  });
};
/** Spotify's account data tells the end to the minute. */
const accountData = (endMs: number, msPlayed: number, extra: Partial<PlayObservation> = {}) => {
  const endedAt = Math.floor((T0 + endMs) / MINUTE) * MINUTE;
  return observe('spotify-account-data', 0, {
    endedAt,
    startedAt: endedAt - msPlayed,
    msPlayed,
    uncertaintyMs: MINUTE,
    ...extra,
  });
};
/** Track 2 is another id of the name of track 1. */
const SIBLINGS = new Map([
  [1, [2]],
  [2, [1]],
]);
const among = (stored: readonly StoredPlay[], batch: readonly PlayObservation[]): StoredPlay[] => {
  const { inserts, updates } = reconcile(stored, batch, sourceCode, SIBLINGS);
  const gone = new Set(updates.map((update) => update.before));
  return [...stored.filter((play) => !gone.has(play)), ...inserts, ...updates.map((update) => update.after)];
};

describe('sources that tell names', () => {
  it('knows the listen of an export again under the id that the name was taken for', () => {
    const byName = among([], [accountData(200_000, 170_000, { trackId: 2 })]);
    const both = among(byName, [exported(200_000, 170_000)]);
    expect(both).toHaveLength(1);
    expect(both[0]).toMatchObject({ trackId: 1, msPlayed: 170_000 });
    // And the other way round, told again and again.
    const again = among(among(both, [accountData(200_000, 170_000, { trackId: 2 })]), [
      exported(200_000, 170_000),
    ]);
    expect(again).toEqual(both);
  });

  it('knows short listens of both exports again, though one tells only the minute', () => {
    const short = { durationMs: null };
    const rows = [
      [115_000, 21_000],
      [150_000, 34_500],
    ] as const;
    const minutes = rows.map(([end, ms]) => accountData(end, ms, short));
    const seconds = rows.map(([end, ms]) => exported(end, ms, short));
    for (const [first, second] of [
      [minutes, seconds],
      [seconds, minutes],
    ] as const) {
      const both = after([...first], [...second]);
      expect(both.map((play) => [play.endedAt - Math.floor(T0 / 1000) * 1000, play.msPlayed])).toEqual(
        rows.map(([end, ms]) => [end, ms]),
      );
      expect(after([...first], [...second], [...first], [...second])).toEqual(both);
    }
  });

  it('joins a scrobble with the play that Spotify told, by its start (multi-scrobbler#709)', () => {
    const polled = after([recent(180_400)]);
    const joined = after([recent(180_400)], [scrobbled(1_000)]);
    expect(joined).toHaveLength(1);
    expect(joined[0]?.endedAt).toBe(polled[0]?.endedAt);
    expect(after([recent(180_400)], [scrobbled(1_000)], [scrobbled(1_000)])).toEqual(joined);
  });

  it('joins a scrobble of unknown length with a listen that was skipped early', () => {
    const stored = after([exported(60_000, 60_000)], [scrobbled(0, { durationMs: null })]);
    expect(stored).toHaveLength(1);
    expect(stored[0]).toMatchObject({ msPlayed: 60_000 });
    expect(
      after(stored.length ? [exported(60_000, 60_000)] : [], [scrobbled(0, { durationMs: null })]),
    ).toEqual(stored);
  });

  it('keeps two scrobbles in a row two', () => {
    expect(after([scrobbled(0), scrobbled(180_000)])).toHaveLength(2);
    expect(after([recent(180_000), recent(360_000)], [scrobbled(0), scrobbled(180_000)])).toHaveLength(2);
  });

  it('never joins different recordings that share a name when both are told by id', () => {
    expect(among(among([], [recent(180_000)]), [exported(180_000, 180_000, { trackId: 2 })])).toHaveLength(2);
  });
});

describe('one listen, one play', () => {
  it('keeps what one source tells twice once', () => {
    const page = [recent(200_123), recent(400_456), recent(600_789)];
    expect(after(page, page)).toHaveLength(3);
    expect(reconcile(after(page), page, sourceCode).duplicates).toBe(3);
  });

  it('merges the live reading and the history of a listen, with the best of each', () => {
    const [play, ...rest] = after([live(12_000, 181_000)], [recent(183_250)]);
    expect(rest).toEqual([]);
    expect(play).toMatchObject({
      playedAt: T0 + 12_000,
      endedAt: T0 + 183_250,
      msPlayed: 169_000,
      seenBy: sourceBit('live') | sourceBit('recently-played'),
    });
  });

  it('comes to the same plays whichever source told first', () => {
    const live1 = [live(0, 180_000), live(180_000, 360_000)];
    const history = [recent(180_400), recent(360_900)];
    const one = after(live1, history).map(({ playedAt, endedAt, msPlayed, seenBy }) => ({
      playedAt,
      endedAt,
      msPlayed,
      seenBy,
    }));
    const two = after(history, live1).map(({ playedAt, endedAt, msPlayed, seenBy }) => ({
      playedAt,
      endedAt,
      msPlayed,
      seenBy,
    }));
    expect(one).toEqual(two);
    expect(one).toHaveLength(2);
  });

  it('matches an export whose end is rounded to seconds with the polled play (your_spotify#562)', () => {
    const plays = after([recent(183_987)], [exported(183_987, 180_000)]);
    expect(plays).toHaveLength(1);
    expect(plays[0]).toMatchObject({ endedAt: T0 + 183_987, msPlayed: 180_000, playedAt: T0 + 3_987 });
  });

  it('knows a listen again whose history stamp was its start (spotify/web-api#1083)', () => {
    expect(after([recent(0)], [exported(180_000, 180_000)])).toHaveLength(1);
    const [play, ...rest] = after([recent(0)], [live(0, 180_000)]);
    expect(rest).toEqual([]);
    expect(play?.msPlayed).toBe(180_000);
  });

  it('knows a listen with a pause in it again: only one source stretches over the pause', () => {
    const paused = live(0, 480_000, { msPlayed: 180_000 });
    expect(after([paused], [recent(480_300)])).toHaveLength(1);
  });

  it('knows a long track again that was left early and unseen, whichever source told first', () => {
    const durationMs = 690_000;
    const seen = live(0, 690_000, { durationMs });
    const stamp = recent(300_000, { durationMs });
    for (const [play, ...rest] of [after([seen], [stamp]), after([stamp], [seen])]) {
      expect(rest).toEqual([]);
      expect(play).toMatchObject({ playedAt: T0, endedAt: T0 + 300_000, msPlayed: 300_000 });
    }
  });

  it('takes the stamp of the listen before for no part of the one that is seen', () => {
    const durationMs = 690_000;
    expect(after([live(0, 690_000, { durationMs })], [recent(20_000, { durationMs })])).toHaveLength(2);
    expect(after([recent(20_000, { durationMs })], [live(0, 690_000, { durationMs })])).toHaveLength(2);
  });

  it('changes nothing when an export is sent twice over polled plays', () => {
    const polled = [recent(180_500), recent(361_000)];
    const file = [exported(180_500, 178_000), exported(361_000, 45_000)];
    const once = after(polled, file);
    expect(apply(once, file)).toEqual(once);
    expect(once).toHaveLength(2);
  });
});

describe('two listens stay two', () => {
  it('when a track is repeated, told by history alone', () => {
    expect(after([recent(180_000), recent(360_000), recent(540_000)])).toHaveLength(3);
  });

  it('when a track is repeated and the second is skipped early, told by all sources', () => {
    const plays = after(
      [live(0, 180_000), live(180_000, 215_000)],
      [recent(180_300), recent(215_300)],
      [exported(180_300, 180_000), exported(215_300, 35_000)],
    );
    expect(plays.map((play) => play.msPlayed)).toEqual([180_000, 35_000]);
  });

  it('when short tracks follow each other (fastpotify#421)', () => {
    const short = { durationMs: 32_000 };
    const plays = after(
      [recent(32_000, short), recent(64_000, short), recent(96_000, short)],
      [exported(32_000, 32_000, short), exported(64_000, 32_000, short), exported(96_000, 32_000, short)],
    );
    expect(plays).toHaveLength(3);
    expect(plays.every((play) => play.msPlayed === 32_000)).toBe(true);
  });

  it('when different tracks end within the same minute', () => {
    expect(after([recent(30_000), recent(60_000, { trackId: 2 })])).toHaveLength(2);
  });
});

describe('for any evening', () => {
  /** Back-to-back listens of a few tracks: `[track, listened ms]`, each at least 30 s. */
  const evening = fc.array(
    fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 31_000, max: 240_000 })),
    {
      minLength: 1,
      maxLength: 30,
    },
  );

  function tellings(listens: readonly (readonly [number, number])[]) {
    let clock = T0;
    const truth = listens.map(([trackId, ms]) => {
      const play = { trackId, start: clock, end: clock + ms };
      clock += ms;
      return play;
    });
    const durationMs = 240_000;
    return {
      truth,
      recent: truth.map(
        ({ trackId, end }): PlayObservation => ({
          trackId,
          source: 'recently-played',
          endedAt: end,
          startedAt: end - durationMs,
          msPlayed: null,
          durationMs,
        }),
      ),
      exported: truth.map(
        ({ trackId, start, end }): PlayObservation => ({
          trackId,
          source: 'spotify-extended',
          endedAt: Math.floor(end / 1000) * 1000,
          startedAt: Math.floor(end / 1000) * 1000 - (end - start),
          msPlayed: end - start,
          durationMs: null,
        }),
      ),
      live: truth.map(
        ({ trackId, start, end }): PlayObservation => ({
          trackId,
          source: 'live',
          endedAt: end + 900,
          startedAt: start + 300,
          msPlayed: end - start,
          durationMs,
          uncertaintyMs: 2_000,
        }),
      ),
    };
  }

  it('any order of the sources, told any number of times, ends in exactly the listens', () => {
    fc.assert(
      fc.property(
        evening,
        fc.shuffledSubarray(['recent', 'exported', 'live'] as const, { minLength: 1 }),
        (listens, order) => {
          const told = tellings(listens);
          let stored: StoredPlay[] = [];
          for (const source of [...order, ...order]) stored = apply(stored, told[source]);
          expect(stored.map((play) => play.trackId)).toEqual(told.truth.map((play) => play.trackId));
          if (order.includes('recent')) {
            expect(stored.map((play) => play.endedAt)).toEqual(told.truth.map((play) => play.end));
          }
          if (order.includes('exported')) {
            expect(stored.map((play) => play.msPlayed)).toEqual(
              told.truth.map((play) => play.end - play.start),
            );
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
