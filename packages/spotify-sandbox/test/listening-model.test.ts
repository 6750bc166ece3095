import { describe, expect, it } from '@jest/globals';
import { createSandbox, manualClock, type SandboxOptions, type TruePlay } from '../src/index.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 9, 7, 12);

/** Plays of one person between two instants, in a sandbox that is started and asked in a certain way. */
async function live(
  personId: string,
  options: SandboxOptions & { startMs?: number; stepMs?: number },
  from: number,
  to: number,
): Promise<TruePlay[]> {
  const { startMs = START, stepMs = DAY, ...rest } = options;
  const clock = manualClock(startMs);
  const sandbox = await createSandbox({ clock, ...rest });
  while (clock.nowMs() < to) {
    clock.set(Math.min(to, clock.nowMs() + stepMs));
    sandbox.groundTruth.nowPlaying(personId);
  }
  const plays = sandbox.groundTruth.plays(personId, { from, to });
  await sandbox.close();
  return plays;
}

const essence = (plays: readonly TruePlay[]): unknown[] =>
  plays.map(({ sequence: _, offeredUntilMs: _until, ...play }) => play);

describe('the listening model', () => {
  const person = 'bjorn-novak';

  it('repeats itself exactly for a seed, however often one looks and whenever the sandbox was started', async () => {
    const [from, to] = [START + DAY, START + 3 * DAY];
    const once = essence(await live(person, {}, from, to));
    expect(once.length).toBeGreaterThan(30);
    expect(essence(await live(person, { stepMs: 17 * 60_000 }, from, to))).toEqual(once);
    expect(essence(await live(person, { startMs: START - 5 * HOUR, historyDays: 4 }, from, to))).toEqual(
      once,
    );
    expect(essence(await live(person, { startMs: to - HOUR, historyDays: 3 }, from, to))).toEqual(once);
    expect(essence(await live(person, { seed: 'other' }, from, to))).not.toEqual(once);
  });

  it('makes people who differ, skip, pause, sleep at night and use their devices and collections', async () => {
    const clock = manualClock(START);
    const sandbox = await createSandbox({ clock, people: 12, mode: 'extended', historyDays: 14 });
    const perPerson = sandbox.control.people().map(({ id }) => sandbox.groundTruth.plays(id));
    const all = perPerson.flat();
    await sandbox.close();
    for (const plays of perPerson) {
      for (const [index, play] of plays.entries()) {
        expect(play.msPlayed).toBeGreaterThanOrEqual(0);
        expect(play.endedAtMs - play.startedAtMs).toBeGreaterThanOrEqual(play.msPlayed);
        expect(play.startedAtMs).toBeGreaterThanOrEqual(plays[index - 1]?.endedAtMs ?? 0);
      }
    }
    const share = (test: (play: TruePlay) => boolean): number => all.filter(test).length / all.length;
    expect(share(({ endedBy }) => endedBy === 'skipped')).toBeGreaterThan(0.03);
    expect(share(({ endedBy }) => endedBy === 'finished')).toBeGreaterThan(0.5);
    expect(share((play) => play.endedAtMs - play.startedAtMs > play.msPlayed)).toBeGreaterThan(0.005);
    expect(share(({ privateSession }) => privateSession)).toBeGreaterThan(0);
    expect(share(({ kind }) => kind === 'episode')).toBeGreaterThan(0);
    expect(new Set(all.map(({ contextKind }) => contextKind))).toEqual(
      new Set(['playlist', 'album', 'artist', 'show', 'collection', null]),
    );
    const counts = perPerson.slice(1).map(({ length }) => length / 14);
    expect(Math.max(...counts) / Math.min(...counts)).toBeGreaterThan(2);
    const [, second] = perPerson;
    // London: nobody listens between 4 and 6 in the morning (UTC+1 in October).
    expect(second?.filter(({ startedAtMs }) => [3, 4].includes(new Date(startedAtMs).getUTCHours()))).toEqual(
      [],
    );
    const repeats = perPerson.filter((plays) =>
      plays.some((play, index) => play.itemId === plays[index + 1]?.itemId),
    );
    expect(repeats.length).toBeGreaterThan(0);
  });

  it('lets the first person listen nearly always', async () => {
    const clock = manualClock(START);
    const sandbox = await createSandbox({ clock });
    const [first] = sandbox.control.people();
    let playing = 0;
    for (let hour = 0; hour < 24 * 7 * 4; hour += 1) {
      clock.advance(HOUR / 4);
      if (sandbox.groundTruth.nowPlaying(first?.id ?? '').playing) playing += 1;
    }
    expect(playing / (24 * 7 * 4)).toBeGreaterThan(0.93);
    await sandbox.close();
  });

  it('does as it is told: intensity, no skips, no podcasts', async () => {
    const options = (tracksPerDay: number) => ({
      people: [
        {
          id: 'x',
          profile: { tracksPerDay, skipRate: 0, pauseRate: 0, podcastRate: 0, privateSessionRate: 0 },
        },
      ],
    });
    const [few, many, none] = await Promise.all(
      [20, 120, 0].map((tracks) => live('x', options(tracks), START, START + 14 * DAY)),
    );
    expect((few?.length ?? 0) / 14).toBeGreaterThan(12);
    expect((few?.length ?? 0) / 14).toBeLessThan(32);
    expect((many?.length ?? 0) / 14).toBeGreaterThan(75);
    expect(none).toEqual([]);
    expect(many?.filter(({ endedBy }) => endedBy === 'skipped')).toEqual([]);
    // An episode can still turn up in a playlist.
    expect(many?.filter(({ contextKind }) => contextKind === 'show')).toEqual([]);
  });

  it('is quick: a week of five people, and a day of a thousand, jumped over at once', async () => {
    const clock = manualClock(START);
    const sandbox = await createSandbox({ clock, people: 1005, mode: 'extended' });
    const ids = sandbox.control.people().map(({ id }) => id);
    const count = (people: readonly string[]): number =>
      people.reduce((sum, id) => sum + sandbox.groundTruth.plays(id).length, 0);
    let began = performance.now();
    clock.advance(7 * DAY);
    expect(count(ids.slice(0, 5))).toBeGreaterThan(2000);
    expect(performance.now() - began).toBeLessThan(2000);
    began = performance.now();
    expect(count(ids.slice(5))).toBeGreaterThan(300_000);
    // A week and two days of a thousand people; loose, because other work may go on beside the tests.
    expect(performance.now() - began).toBeLessThan(20_000);
    await sandbox.close();
  });
});
