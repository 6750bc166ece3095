import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ingestPlays, listTrackerPoints, loadAnalysis, loadOverallFigures, upsertTracks } from '@spindle/db';
import { type Clock, ManualClock, scaledClock } from '@spindle/service-kit';
import { Rig } from './support/rig.ts';

const START = Date.UTC(2026, 10, 2, 8);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

describe('on a clock on which retries pass quickly', () => {
  let rig: Rig<Clock>;

  beforeAll(async () => {
    const clock = scaledClock({ simEpochMs: START, wallOriginMs: Date.now(), speed: 200 });
    rig = await Rig.start(clock, ['ann', 'bob', 'eve', 'zoe']);
  });
  afterEach(() => rig.sandbox.control.clearFaults());
  afterAll(() => rig?.close());

  it('an analysis reads Liked Songs, tells how far it is, and is stored', async () => {
    const ann = await rig.signIn('ann');
    rig.like('ann', 120);
    rig.calls();
    const job = await rig.run('analysis', { userId: ann });
    const stored = await loadAnalysis(rig.db.pool, ann);
    expect(job).toMatchObject({
      state: 'succeeded',
      progress: { done: 120, total: 120, phase: 'analysing' },
      result: { tracks: 120, madeAt: stored?.madeAt },
    });
    const tracks = rig.sandbox.catalogue.tracks.slice(0, 120);
    expect(stored?.analysis).toMatchObject({
      tracks: 120,
      removed: 0,
      artists: new Set(tracks.flatMap((track) => track.artists.map((artist) => artist.id))).size,
      albums: new Set(tracks.map((track) => track.album.id)).size,
      totalMs: tracks.reduce((sum, track) => sum + track.durationMs, 0),
      firstAdded: { track: { name: tracks[0]?.name } },
      lastAdded: { track: { name: tracks.at(-1)?.name } },
      heard: { played: 0, never: 120 },
    });
    expect((await loadOverallFigures(rig.db.pool)).analysesMade).toBe(1);
    expect(rig.calls()).toBeGreaterThanOrEqual(3);

    // Asked for anew it looks at the top of the list, and only there.
    expect(await rig.run('analysis', { userId: ann })).toMatchObject({ state: 'succeeded' });
    expect(rig.calls()).toBe(1);
    expect((await loadOverallFigures(rig.db.pool)).analysesMade).toBe(2);
  });

  it('an analysis that cannot be made says why, and stores nothing', async () => {
    const eve = await rig.signIn('eve');
    rig.sandbox.control.addFault({ path: '/v1/me/tracks', fault: { kind: 'server-error' } });
    expect(await rig.run('analysis', { userId: eve })).toMatchObject({
      state: 'failed',
      failure: { code: 'upstream', message: expect.stringContaining('Try again later') },
    });
    rig.sandbox.control.clearFaults();
    rig.sandbox.control.revokeConsent('eve');
    expect(await rig.run('analysis', { userId: eve })).toMatchObject({
      state: 'failed',
      failure: { code: 'reauth_needed', message: expect.stringContaining('Sign in again') },
    });
    expect(await loadAnalysis(rig.db.pool, eve)).toBeNull();
    await rig.db.prisma.user.update({ where: { id: eve }, data: { trackers: false } });
  });

  it('a sweep goes on past a listener whose consent has ended', async () => {
    const bob = await rig.signIn('bob');
    const zoe = await rig.signIn('zoe');
    rig.like('bob', 7);
    rig.sandbox.control.revokeConsent('zoe');
    const ann = (await rig.db.prisma.user.findFirstOrThrow({ where: { handle: 'ann' } })).id;
    const job = await rig.run('update-trackers', {});
    expect(job).toMatchObject({
      state: 'succeeded',
      result: {
        total: 3,
        updated: 2,
        upToDate: 0,
        failed: 1,
        errors: [{ userId: String(zoe), error: expect.stringContaining('Sign in again') }],
      },
    });
    const playlists = (person: string) => rig.sandbox.groundTruth.playlists(person).length;
    for (const [userId, person, likedTracks] of [
      [ann, 'ann', 120],
      [bob, 'bob', 7],
    ] as const) {
      const points = await listTrackerPoints(rig.db.pool, userId);
      expect(points).toMatchObject([{ likedTracks, playlists: playlists(person), likedChange: null }]);
    }
    expect(await listTrackerPoints(rig.db.pool, zoe)).toEqual([]);
  });
});

describe('on a clock that is set by hand', () => {
  const clock = new ManualClock(START);
  let rig: Rig<ManualClock>;
  const sweep = async () => (await rig.run('update-trackers', {})).result;

  beforeAll(async () => {
    rig = await Rig.start(clock, ['ann', 'bob', 'cat']);
  });
  afterAll(() => rig?.close());

  it('a datapoint is taken once a day of its listener, and its plays follow', async () => {
    const ann = await rig.signIn('ann');
    // Ten in the evening there, with the day about to turn.
    const bob = await rig.signIn('bob', 'Pacific/Honolulu');
    rig.like('ann', 60);
    rig.calls();
    const none = { failed: 0, errors: [] };
    expect(await sweep()).toEqual({ total: 2, updated: 2, upToDate: 0, ...none });
    // Two pages of 50 and an empty list, and the number of playlists of each.
    expect(rig.calls()).toBe(5);
    expect(await sweep()).toEqual({ total: 2, updated: 0, upToDate: 2, ...none });
    expect(rig.calls()).toBe(0);

    clock.advance(2 * HOUR_MS + HOUR_MS / 2);
    const track = { spotifyId: 'heard', name: 'Heard', durationMs: 200_000, explicit: null, isrc: null };
    const ids = await rig.db.transaction((tx) =>
      upsertTracks(
        tx,
        [{ ...track, discNumber: null, trackNumber: null, album: null, artists: [] }],
        clock.now(),
      ),
    );
    const startedAt = clock.nowMs() - HOUR_MS;
    const play = { startedAt, endedAt: startedAt + 200_000, msPlayed: 200_000, durationMs: 200_000 };
    await rig.db.transaction((tx) =>
      ingestPlays(tx, ann, [{ trackId: ids.get('heard') ?? 0, source: 'live', ...play }]),
    );
    expect(await sweep()).toEqual({ total: 2, updated: 1, upToDate: 1, ...none });
    // Nothing has changed: one call for Liked Songs, one for the number of playlists.
    expect(rig.calls()).toBe(2);
    const points = async (userId: number) =>
      (await listTrackerPoints(rig.db.pool, userId)).map((one) => [one.day, one.likedTracks, one.plays]);
    expect(await points(bob)).toEqual([
      ['2026-11-01', 0, 0],
      ['2026-11-02', 0, 0],
    ]);
    expect(await points(ann)).toEqual([['2026-11-02', 60, 1]]);

    clock.advance(DAY_MS);
    rig.like('ann', 2, 60);
    expect(await sweep()).toEqual({ total: 2, updated: 2, upToDate: 0, ...none });
    expect(rig.calls()).toBe(4);
    expect(await points(ann)).toEqual([
      ['2026-11-02', 60, 1],
      ['2026-11-03', 62, 0],
    ]);
    expect(await rig.db.prisma.likedTrack.count({ where: { userId: ann } })).toBe(62);
  });

  it('a datapoint that was taken is not taken again by a job that comes late', async () => {
    const cat = await rig.signIn('cat');
    rig.calls();
    const first = await rig.add('tracker', { userId: cat });
    await rig.run('update-trackers', {});
    await rig.producer.waitFor(first, 10_000);
    expect(rig.calls()).toBeGreaterThan(0);
    const again = await rig.add('tracker', { userId: cat });
    expect(await rig.producer.waitFor(again, 10_000)).toBeDefined();
    expect(rig.calls()).toBe(0);
    expect(await listTrackerPoints(rig.db.pool, cat)).toHaveLength(1);
  });
});
