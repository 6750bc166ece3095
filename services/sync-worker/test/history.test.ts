import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadCapture } from '@spindle/db';
import { SCOPES } from '@spindle/spotify';
import { DAY_MS, HOUR_MS, keysOf, MINUTE_MS, PROMPT, Rig } from './support/rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start({
    people: [
      'ann',
      'gus',
      'rex',
      'zoe',
      'max',
      {
        id: 'late',
        // Every third play or so takes between twenty minutes and an hour to appear.
        recentlyPlayed: {
          ...PROMPT,
          longLagChance: 0.35,
          longLagFromMs: 20 * MINUTE_MS,
          longLagToMs: HOUR_MS,
        },
      },
    ],
  });
});
afterAll(() => rig?.close());

const uris = (count: number, from = 0) =>
  rig.sandbox.catalogue.tracks
    .filter((track) => track.playable && track.durationMs > 60_000)
    .slice(from, from + count)
    .map((track) => track.uri);

describe('the history of a listener', () => {
  it('is read at once after sign-in, and stored with exact ends, inferred starts and nothing measured', async () => {
    rig.sandbox.control.script('ann', [{ at: rig.clock.nowMs(), action: 'play', uris: uris(8) }]);
    rig.clock.advance(HOUR_MS);
    const ann = await rig.signIn('ann');
    await rig.tick();
    const plays = await rig.plays(ann);
    expect(plays.length).toBeGreaterThan(5);
    expect(keysOf(plays)).toEqual(rig.offered('ann'));
    for (const play of plays) {
      const track = rig.sandbox.catalogue.track(play.spotifyId);
      expect(play).toMatchObject({ msPlayed: null, sources: ['recently-played'] });
      expect(play.endedAt - play.startedAt).toBe(track?.durationMs);
    }
    const [{ data, rooms } = { data: null, rooms: [] }] = await rig.liveMessages('plays-added');
    expect({ data, rooms }).toEqual({ data: { count: plays.length }, rooms: [`user:${ann}`] });
  });

  it('read again brings nothing new, and says when to come back', async () => {
    const [ann] = (await rig.db.prisma.user.findMany({ where: { accountId: 'ann' } })).map((user) => user.id);
    const before = await rig.plays(ann ?? 0);
    const job = await rig.read('history', ann ?? 0);
    expect(job).toMatchObject({ state: 'succeeded', result: { playsRead: before.length, playsStored: 0 } });
    expect(await rig.plays(ann ?? 0)).toEqual(before);
    const state = await loadCapture(rig.db, ann ?? 0, rig.clock.now());
    expect(state?.nextHistoryAt?.getTime()).toBeGreaterThan(rig.clock.nowMs() + 10 * MINUTE_MS);
  });

  it('takes in plays that appear late, between plays already stored', async () => {
    rig.sandbox.control.script('late', [{ at: rig.clock.nowMs(), action: 'play', uris: uris(30) }]);
    const late = await rig.signIn('late');
    const startedAt = rig.clock.nowMs();
    for (let step = 0; step < 16; step += 1) {
      rig.clock.advance(10 * MINUTE_MS);
      await rig.read('history', late);
    }
    const truth = rig.sandbox.groundTruth.offeredPlays('late');
    const disorder = truth.filter((play, index) =>
      truth.some((other, at) => at > index && (other.offeredFromMs ?? 0) < (play.offeredFromMs ?? 0)),
    );
    expect(disorder.length).toBeGreaterThan(3);
    expect(rig.clock.nowMs() - startedAt).toBeGreaterThan(2 * HOUR_MS);
    expect(keysOf(await rig.plays(late))).toEqual(rig.offered('late'));
  });

  it('records as a gap what a full page without a known play must have lost', async () => {
    const track = rig.sandbox.catalogue.tracks.find((one) => one.durationMs < 200_000);
    const at = rig.clock.nowMs();
    rig.sandbox.control.script('gus', [
      { at, action: 'play', uris: uris(3) },
      {
        at: at + 30 * MINUTE_MS,
        action: 'play',
        uris: [track?.uri ?? ''],
        repeat: 'track',
        forMs: 6 * HOUR_MS,
      },
    ]);
    rig.clock.advance(25 * MINUTE_MS);
    const gus = await rig.signIn('gus');
    await rig.read('history', gus);
    const [newest] = (await rig.plays(gus)).slice(-1);
    rig.clock.advance(7 * HOUR_MS);
    const job = await rig.read('history', gus);
    expect(job).toMatchObject({ state: 'succeeded', result: { playsRead: 50, playsStored: 50, gap: true } });
    const window = rig.sandbox.groundTruth.window('gus');
    const gaps = await rig.db.prisma.captureGap.findMany({ where: { userId: gus } });
    expect(gaps.map((gap) => [gap.fromAt.getTime(), gap.toAt.getTime()])).toEqual([
      [newest?.endedAt, window.at(-1)?.playedAtMs],
    ]);
    // The next page overlaps, so the gap stays one.
    rig.clock.advance(10 * MINUTE_MS);
    expect(await rig.read('history', gus)).toMatchObject({ result: { gap: false } });
    expect(await rig.db.prisma.captureGap.count({ where: { userId: gus } })).toBe(1);
  });

  it('keeps a track on repeat as the plays it was', async () => {
    const track = rig.sandbox.catalogue.tracks.find(
      (one) => one.durationMs > 150_000 && one.durationMs < 200_000,
    );
    const at = rig.clock.nowMs();
    rig.sandbox.control.script('rex', [
      { at, action: 'play', uris: [track?.uri ?? ''], repeat: 'track', forMs: 20 * MINUTE_MS },
    ]);
    const rex = await rig.signIn('rex');
    rig.clock.advance(10 * MINUTE_MS);
    await rig.read('history', rex);
    rig.clock.advance(20 * MINUTE_MS);
    await rig.read('history', rex);
    const plays = await rig.plays(rex);
    expect(plays.length).toBeGreaterThanOrEqual(6);
    expect(new Set(plays.map((play) => play.spotifyId))).toEqual(new Set([track?.id]));
    expect(keysOf(plays)).toEqual(rig.offered('rex'));
  });

  it('of somebody who never listens is looked at less and less, but looked at', async () => {
    const zoe = await rig.signIn('zoe');
    const calls = () =>
      rig.sandbox.control.callCount({ personId: 'zoe', pathPrefix: '/v1/me/player/recently' });
    await rig.tick();
    const start = rig.clock.nowMs();
    await rig.runUntil(start + DAY_MS);
    const firstDay = calls();
    await rig.runUntil(start + 3 * DAY_MS);
    const later = (calls() - firstDay) / 2;
    expect(firstDay).toBeLessThanOrEqual(10);
    expect(later).toBeLessThanOrEqual(3);
    expect(later).toBeGreaterThanOrEqual(1);
    expect(await rig.plays(zoe)).toEqual([]);
  });

  it('is not read without the permission; the refusal is shown, the listener stays', async () => {
    const max = await rig.signIn(
      'max',
      SCOPES.filter((scope) => scope !== 'user-read-recently-played'),
    );
    const job = await rig.read('history', max);
    expect(job).toMatchObject({ state: 'failed', failure: { code: 'missing_scope' } });
    const credential = await rig.db.prisma.spotifyCredential.findUniqueOrThrow({ where: { userId: max } });
    expect(credential).toMatchObject({ refusal: 'missing_scope', reauthNeededAt: null });
    const state = await rig.db.prisma.captureState.findUniqueOrThrow({ where: { userId: max } });
    expect(state).toMatchObject({ failures: 1, lastErrorCode: 'missing_scope', historyLeaseUntil: null });
    expect(state.nextHistoryAt?.getTime()).toBeGreaterThan(rig.clock.nowMs());
    // Allowed after all: the note goes with the first reading that succeeds.
    await rig.signIn('max');
    expect(await rig.read('history', max)).toMatchObject({ state: 'succeeded' });
    const after = await rig.db.prisma.spotifyCredential.findUniqueOrThrow({ where: { userId: max } });
    expect(after.refusal).toBeNull();
  });
});
