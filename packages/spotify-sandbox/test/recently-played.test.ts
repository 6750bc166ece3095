import { afterEach, describe, expect, it } from '@jest/globals';
import {
  createSandbox,
  type ManualClock,
  manualClock,
  type Sandbox,
  type SandboxOptions,
  type ScriptStep,
  type Track,
} from '../src/index.ts';
import { type CheckedClient, checkedClient } from './support/api-client.ts';
import { signIn } from './support/sign-in.ts';

const START = Date.UTC(2026, 9, 7, 12);
const [SECOND, MINUTE, HOUR] = [1000, 60_000, 3_600_000];
/** Every play appears the moment it ends. */
const AT_ONCE = { lagMedianMs: 0, longLagChance: 0 };

let clock: ManualClock;
let sandbox: Sandbox;
let api: CheckedClient;

async function start(options: SandboxOptions): Promise<void> {
  clock = manualClock(START);
  sandbox = await createSandbox({
    clock,
    rateLimit: null,
    quota: null,
    accessTokenMs: 365 * 24 * HOUR,
    people: [{ id: 'ann', listening: 'quiet', product: 'premium' }],
    ...options,
  });
  api = checkedClient(sandbox, (await signIn(sandbox, 'ann')).access_token, 'development');
}
afterEach(() => sandbox.close());

const songs = (count: number): Track[] =>
  sandbox.catalogue.tracks.filter((track) => track.playable && track.durationMs > 2 * MINUTE).slice(0, count);
/** One song after the other, each heard for so long. */
const heard = (tracks: readonly Track[], eachMs: number): ScriptStep[] =>
  tracks.map((track, index) => ({ at: START + index * eachMs, action: 'play', uris: [track.uri] }));
const read = async (query = ''): Promise<{ id: string; at: number }[]> => {
  const { json } = await api.get(`/v1/me/player/recently-played?limit=50${query}`);
  return json.items.map((item: { track: { id: string }; played_at: string }) => ({
    id: item.track.id,
    at: Date.parse(item.played_at),
  }));
};

describe('recently played', () => {
  it('shows the end of each play in milliseconds, newest first, from thirty seconds on', async () => {
    await start({ recentlyPlayed: AT_ONCE });
    const [a, b, c, d] = songs(4);
    sandbox.control.script('ann', [
      { at: START, action: 'play', uris: [a?.uri ?? ''] },
      { at: START + 30_000, action: 'play', uris: [b?.uri ?? ''] },
      { at: START + 59_999, action: 'play', uris: [c?.uri ?? ''] },
      { at: START + 99_999, action: 'pause' },
      { at: START + 129_999, action: 'play', uris: [d?.uri ?? ''], forMs: 45_678 },
    ]);
    clock.set(START + 29_999);
    expect(await read()).toEqual([]);
    clock.set(START + 10 * MINUTE);
    // b was heard for a millisecond less than thirty seconds; c counts by what was heard, not by when it was left.
    expect(await read()).toEqual([
      { id: d?.id, at: START + 129_999 + 45_678 },
      { id: c?.id, at: START + 99_999 },
      { id: a?.id, at: START + 30_000 },
    ]);
    expect(sandbox.groundTruth.plays('ann').map(({ withheld }) => withheld)).toEqual([
      null,
      'too-short',
      null,
      null,
    ]);
  });

  it('never shows private sessions or episodes, nor what was lost', async () => {
    await start({ recentlyPlayed: { ...AT_ONCE, lossChance: 0.5 } });
    const episode = sandbox.catalogue.shows[0]?.episodes[0];
    const many = songs(40);
    sandbox.control.script('ann', [
      ...heard(many, MINUTE),
      { at: START + HOUR, action: 'play', uris: [many[0]?.uri ?? ''], privateSession: true, forMs: MINUTE },
      {
        at: START + 2 * HOUR,
        action: 'play',
        uris: [episode?.uri ?? ''],
        privateSession: false,
        forMs: 5 * MINUTE,
      },
    ]);
    clock.set(START + 3 * HOUR);
    const truth = sandbox.groundTruth.plays('ann');
    const reasons = (reason: string | null) => truth.filter(({ withheld }) => withheld === reason).length;
    expect([reasons('private'), reasons('episode')]).toEqual([1, 1]);
    expect(reasons('lost')).toBeGreaterThan(8);
    expect(reasons(null)).toBeGreaterThan(8);
    expect((await read()).toReversed()).toEqual(
      truth.filter(({ withheld }) => !withheld).map((play) => ({ id: play.itemId, at: play.playedAtMs })),
    );
  });

  it('keeps the last fifty and nothing before them', async () => {
    await start({ recentlyPlayed: AT_ONCE });
    const many = songs(70);
    sandbox.control.script('ann', [...heard(many, MINUTE), { at: START + 70 * MINUTE, action: 'stop' }]);
    clock.set(START + 5 * HOUR);
    const shown = await read();
    expect(shown.map(({ id }) => id)).toEqual(
      many
        .slice(20)
        .map(({ id }) => id)
        .toReversed(),
    );
    expect(await read(`&before=${shown.at(-1)?.at}`)).toEqual([]);
    const truth = sandbox.groundTruth.plays('ann');
    // The first was pushed out when the fifty-first appeared.
    expect(truth[0]?.offeredUntilMs).toBe(truth[50]?.endedAtMs);
    expect(truth[20]?.offeredUntilMs).toBeNull();
    expect(sandbox.groundTruth.offeredPlays('ann')).toHaveLength(70);
    expect(sandbox.groundTruth.offeredPlays('ann', START + 10 * MINUTE)).toHaveLength(10);
  });

  it('pages by exclusive cursors', async () => {
    await start({ recentlyPlayed: AT_ONCE });
    const many = songs(12);
    sandbox.control.script('ann', [...heard(many, MINUTE), { at: START + 12 * MINUTE, action: 'stop' }]);
    clock.set(START + HOUR);
    const at = (index: number): number => START + (index + 1) * MINUTE;
    const first = (await api.get('/v1/me/player/recently-played?limit=5')).json;
    expect(first.cursors).toEqual({ after: String(at(11)), before: String(at(7)) });
    const collected = [...first.items];
    for (let next = first.next; next !== null; ) {
      const page = (await api.get(next.replace(sandbox.apiUrl, ''))).json;
      collected.push(...page.items);
      next = page.next;
    }
    expect(collected.map((item: { track: { id: string } }) => item.track.id)).toEqual(
      many.map(({ id }) => id).toReversed(),
    );
    expect((await read(`&after=${at(8)}`)).map(({ at: ms }) => ms)).toEqual([at(11), at(10), at(9)]);
    expect((await read(`&before=${at(2)}`)).map(({ at: ms }) => ms)).toEqual([at(1), at(0)]);
    const beyond = await api.get(`/v1/me/player/recently-played?after=${at(11)}`);
    expect(beyond.json).toMatchObject({ items: [], cursors: null, next: null });
    expect((await api.get('/v1/me/player/recently-played?after=1&before=2')).status).toBe(400);
    expect((await api.get('/v1/me/player/recently-played?limit=51')).json.error.message).toBe(
      'Invalid limit',
    );
    expect((await api.get('/v1/me/player/recently-played?after=2020-01-01')).status).toBe(400);
  });

  it('shows plays late, so that some turn up in the middle, and says when each came and went', async () => {
    await start({
      recentlyPlayed: {
        lagMedianMs: 40 * SECOND,
        lagSpread: 1,
        longLagChance: 0.2,
        longLagFromMs: 20 * MINUTE,
        longLagToMs: HOUR,
      },
    });
    const many = songs(40);
    sandbox.control.script('ann', [...heard(many, 2 * MINUTE), { at: START + 80 * MINUTE, action: 'stop' }]);
    let before: string[] = [];
    let inTheMiddle = 0;
    const firstSeen = new Map<string, number>();
    for (let minute = 0; minute < 180; minute += 1) {
      clock.set(START + minute * MINUTE);
      const now = (await read()).map(({ id }) => id);
      for (const id of now) if (!firstSeen.has(id)) firstSeen.set(id, clock.nowMs());
      const fresh = now.filter((id) => !before.includes(id));
      if (fresh.some((id) => now.indexOf(id) > 0 && before.includes(now[0] ?? ''))) inTheMiddle += 1;
      before = now;
    }
    expect(inTheMiddle).toBeGreaterThan(2);
    expect(before).toHaveLength(40);
    for (const play of sandbox.groundTruth.plays('ann')) {
      const lag = (play.offeredFromMs ?? 0) - play.endedAtMs;
      expect(lag).toBeGreaterThanOrEqual(0);
      const seen = firstSeen.get(play.itemId) ?? 0;
      expect(seen - (play.offeredFromMs ?? 0)).toBeGreaterThanOrEqual(0);
      expect(seen - (play.offeredFromMs ?? 0)).toBeLessThanOrEqual(MINUTE);
    }
  });

  it('does not count what came too late for the window as offered', async () => {
    await start({
      recentlyPlayed: {
        lagMedianMs: 0,
        longLagChance: 0.15,
        longLagFromMs: 10 * HOUR,
        longLagToMs: 11 * HOUR,
      },
    });
    const many = songs(120);
    sandbox.control.script('ann', [...heard(many, MINUTE), { at: START + 120 * MINUTE, action: 'stop' }]);
    const seen = new Set<string>();
    for (let minute = 0; minute < 14 * 60; minute += 20) {
      clock.set(START + minute * MINUTE);
      for (const { id } of await read()) seen.add(id);
    }
    const truth = sandbox.groundTruth.plays('ann');
    const missed = truth.filter(
      (play) => play.offeredFromMs !== null && play.offeredUntilMs === play.offeredFromMs,
    );
    expect(missed.length).toBeGreaterThan(3);
    expect([...seen].sort()).toEqual(
      sandbox.groundTruth
        .offeredPlays('ann')
        .map(({ itemId }) => itemId)
        .sort(),
    );
    expect(missed.some(({ itemId }) => seen.has(itemId))).toBe(false);
  });

  it('can show the start of the play instead, as some clients do', async () => {
    await start({ recentlyPlayed: { ...AT_ONCE, playedAt: 'start' } });
    const [song] = songs(1);
    sandbox.control.script('ann', [{ at: START, action: 'play', uris: [song?.uri ?? ''], forMs: MINUTE }]);
    clock.advance(HOUR);
    expect(await read()).toEqual([{ id: song?.id, at: START }]);
  });

  it('lists the same short track twice when it was played twice', async () => {
    await start({ recentlyPlayed: AT_ONCE });
    const [song] = songs(1);
    sandbox.control.script('ann', [
      { at: START, action: 'play', uris: [song?.uri ?? ''], repeat: 'track' },
      { at: START + (song?.durationMs ?? 0) * 2, action: 'stop' },
    ]);
    clock.advance(HOUR);
    expect((await read()).map(({ id }) => id)).toEqual([song?.id, song?.id]);
  });
});
