import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@spindle/testkit';
import { type System, signIn, startSystem } from '../system.ts';

const LISTENERS = 50;
/** An hour passes in a minute. */
const SPEED = 60;
const HOUR_MS = 3_600_000;
const wall = (simulatedMs: number) => simulatedMs / SPEED;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

let system: System;
const people = Array.from({ length: LISTENERS }, (_, index) => ({
  id: `listener-${index + 1}`,
  profile: { alwaysListening: true, tracksPerDay: 300, privateSessionRate: 0, podcastRate: 0 },
}));

beforeAll(async () => {
  system = await startSystem({
    speed: SPEED,
    services: ['sync-worker', 'cron', 'gateway'],
    environment: {
      SPOTIFY_MODE: 'extended',
      SPOTIFY_DAILY_ALLOWANCE: '0',
      RATE_LIMIT_SCALE: '1000',
      LOG_LEVEL: 'warn',
    },
    sandbox: {
      mode: 'extended',
      people,
      quota: null,
      historyDays: 1,
      rateLimit: { windowMs: 30_000, limit: 120 },
      recentlyPlayed: { longLagChance: 0.02, longLagToMs: 20 * 60_000 },
    },
  });
}, 60_000);
afterAll(() => system?.stop(), 30_000);

/** What Spotify's window offered of a person's plays, and what PostgreSQL has, as comparable lines. */
async function compare(personId: string, from: number, to: number) {
  const offered = system.sandbox.groundTruth
    .offeredPlays(personId)
    .filter(({ playedAtMs }) => playedAtMs !== null && playedAtMs >= from && playedAtMs < to)
    .map((play) => `${new Date(play.playedAtMs ?? 0).toISOString()} ${play.itemId}`)
    .sort();
  const { rows } = await system.database.query<{ ended_at: Date; spotify_id: string }>(
    `SELECT p.ended_at, t.spotify_id FROM plays p JOIN tracks t ON t.id = p.track_id JOIN users u ON u.id = p.user_id
      WHERE u.spotify_id = $1 AND p.ended_at >= $2 AND p.ended_at < $3`,
    [personId, new Date(from), new Date(to)],
  );
  return { offered, stored: rows.map((row) => `${row.ended_at.toISOString()} ${row.spotify_id}`).sort() };
}

describe('an hour of fifty listeners under fire', () => {
  it('is stored exactly: nothing missing that the window offered, nothing twice', async () => {
    const { sandbox } = system;
    for (const { id } of people) await signIn(system, id);
    const from = sandbox.clock.nowMs();

    sandbox.control.addFault({
      fault: { kind: 'rate-limit', retryAfterSeconds: 20 },
      path: '/v1/**',
      probability: 0.03,
    });
    sandbox.control.addFault({ fault: { kind: 'server-error' }, path: '/v1/**', probability: 0.08 });
    sandbox.control.addFault({ fault: { kind: 'drop', when: 'before' }, path: '/v1/**', probability: 0.04 });
    sandbox.control.addFault({ fault: { kind: 'drop', when: 'after' }, path: '/v1/**', probability: 0.04 });
    sandbox.control.addFault({ fault: { kind: 'server-error' }, path: '/api/token', probability: 0.1 });

    await pause(wall(0.25 * HOUR_MS));
    system.processes.find(({ name }) => name === 'sync-worker')?.child.kill('SIGKILL');
    await pause(wall(0.05 * HOUR_MS));
    await system.start('sync-worker');
    await pause(wall(0.2 * HOUR_MS));
    await system.redis.restart();
    await pause(wall(0.4 * HOUR_MS));

    const to = sandbox.clock.nowMs();
    sandbox.control.clearFaults();
    // What is still on its way is read by the schedule itself; nothing is triggered from here.
    const missing = async () => {
      let count = 0;
      for (const { id } of people) {
        const { offered, stored } = await compare(id, from, to);
        count += offered.filter((line) => !stored.includes(line)).length;
      }
      return count;
    };
    await waitFor(async () => sandbox.clock.nowMs() - to > 0.5 * HOUR_MS && (await missing()) === 0, {
      what: 'all plays to be stored',
      timeoutMs: 90_000,
      everyMs: 1_000,
    }).catch(async (error: unknown) => {
      throw new Error(`${await missing()} plays are missing`, { cause: error });
    });

    let plays = 0;
    for (const { id } of people) {
      const { offered, stored } = await compare(id, from, to);
      expect(stored).toEqual(offered);
      plays += stored.length;
    }
    expect(plays).toBeGreaterThan(LISTENERS * 8);
    const { rows } = await system.database.query('SELECT count(*)::int AS gaps FROM capture_gaps');
    expect(rows).toEqual([{ gaps: 0 }]);
    const answers = sandbox.control.callCounts().byStatus;
    expect(Number(answers['429'] ?? 0)).toBeGreaterThan(0);
    expect(Object.keys(answers).some((status) => status.startsWith('5'))).toBe(true);
  }, 240_000);
});
