import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase, testRedis } from '@spindle/testkit';
import { fixedPolling, optimum } from '../capture/comparison.ts';
import { quietCrowd, type Servers, sharingFriends } from '../capture/scenarios.ts';

// The short form of `npm run bench:capture`: the same simulation, fewer people and days.

let store: TestDatabase;
let servers: Servers;
beforeAll(async () => {
  store = await createTestDatabase();
  servers = { databaseUrl: store.url, redisUrl: testRedis().url };
});
afterAll(() => store.drop());

describe('a simulated day', () => {
  it('of five friends who share: every play stored once, within the allowance', async () => {
    const report = await sharingFriends(servers, 1, 'spindle');
    expect(report.offered).toBeGreaterThan(100);
    expect({ missing: report.missing, doubled: report.doubled, failures: [...report.failures] }).toEqual({
      missing: 0,
      doubled: 0,
      failures: [],
    });
    expect(report.live?.peakDay).toBeLessThanOrEqual(800);
    expect((report.live?.right ?? 0) / (report.live?.changes ?? 1)).toBeGreaterThan(0.85);
  }, 120_000);

  it('of quiet listeners: every play stored once, at a few calls', async () => {
    const report = await quietCrowd(servers, 40, 2, 'spindle');
    expect({ missing: report.missing, doubled: report.doubled, failures: [...report.failures] }).toEqual({
      missing: 0,
      doubled: 0,
      failures: [],
    });
    expect(report.calls.history).toBeLessThan(report.every30min.calls / 4);
  }, 120_000);
});

describe('what capture is compared with', () => {
  const plays = [
    { offeredFrom: 0, offeredUntil: 10 },
    { offeredFrom: 5, offeredUntil: 12 },
    { offeredFrom: 20, offeredUntil: Number.POSITIVE_INFINITY },
  ];
  it('the fewest readings that see everything', () => {
    expect(optimum(plays)).toBe(2);
    expect(optimum([])).toBe(0);
  });
  it('polling, with what it costs and misses', () => {
    expect(fixedPolling(plays, 0, 30, 4)).toEqual({ calls: 7, captured: 3 });
    expect(fixedPolling(plays, 0, 30, 30)).toEqual({ calls: 1, captured: 2 });
  });
});
