import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  closeRedis,
  createRedis,
  ManualClock,
  RetryLater,
  type SpotifyApp,
  silentLogger,
} from '@spindle/service-kit';
import { startRedis, testRedis } from '@spindle/testkit';
import fc from 'fast-check';
import type { Redis } from 'ioredis';
import {
  type CallRequest,
  Governor,
  HISTORY_FLOOR,
  INTERACTIVE_RESERVE,
  type Lane,
  QuotaExceeded,
  RateLimited,
} from '../src/index.ts';

const APPS: SpotifyApp[] = [
  { id: 'one', clientId: 'c1', account: 'dev' },
  { id: 'two', clientId: 'c2', account: 'dev' },
];
const HOUR = 3_600_000;
const start = Date.UTC(2026, 10, 1);

let redis: Redis;
let clock: ManualClock;
beforeAll(() => {
  redis = createRedis(testRedis().url, 'general', silentLogger());
});
afterAll(() => closeRedis(redis));
beforeEach(() => {
  clock = new ManualClock(start);
});

const governor = (
  options: { allowance?: number; windowLimit?: number; redis?: Redis; prefix?: string } = {},
) =>
  new Governor({
    redis: options.redis ?? redis,
    prefix: options.prefix ?? testRedis().prefix,
    clock,
    apps: APPS,
    dailyAllowance: options.allowance ?? 0,
    windowLimit: options.windowLimit ?? 10_000,
  });
const call = (lane: Lane, extra: Partial<CallRequest> = {}): CallRequest => ({
  appId: 'one',
  bucket: 'player',
  lane,
  ...extra,
});

/** Takes leave until the governor says no; answers how often it went and the refusal. */
async function drain(
  one: Governor,
  request: CallRequest,
  most = 10_000,
): Promise<{ granted: number; refusal: RetryLater | null }> {
  for (let granted = 0; granted < most; granted += 1) {
    try {
      await one.acquire(request);
    } catch (error) {
      if (!(error instanceof RetryLater)) throw error;
      return { granted, refusal: error };
    }
  }
  return { granted: most, refusal: null };
}

describe('the rolling day', () => {
  it('stops each lane at its part, clicks last, sign-in never', async () => {
    const one = governor({ allowance: 100 });
    const floor = HISTORY_FLOOR * 100;
    const reserve = INTERACTIVE_RESERVE * 100;
    expect((await drain(one, call('trackers'))).granted).toBe(60);
    expect((await drain(one, call('metadata'))).granted).toBe(10);
    expect((await drain(one, call('live'))).granted).toBe(100 - reserve - floor - 70);
    expect((await drain(one, call('history'))).granted).toBe(floor);
    expect((await drain(one, call('interactive'))).granted).toBe(reserve);
    expect((await drain(one, call('sign-in'), 5)).granted).toBe(5);
  });

  it('shares the day among all apps of the account and gives calls back as they leave it', async () => {
    const one = governor({ allowance: 50 });
    expect((await drain(one, call('interactive', { appId: 'one' }), 30)).granted).toBe(30);
    clock.advance(2 * HOUR);
    const { granted, refusal } = await drain(one, call('interactive', { appId: 'two' }));
    expect(granted).toBe(20);
    const wait = (refusal?.until.getTime() ?? 0) - clock.nowMs();
    expect(wait).toBeGreaterThanOrEqual(22 * HOUR);
    expect(wait).toBeLessThanOrEqual(22 * HOUR + 10 * 60_000);
    clock.set(refusal?.until.getTime() ?? 0);
    expect((await drain(one, call('interactive'))).granted).toBe(30);
  });

  it('never lets more than the allowance into any 24 hours', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 6 * HOUR }), fc.integer({ min: 1, max: 12 })), {
          maxLength: 40,
        }),
        async (steps) => {
          clock.set(start);
          const one = governor({ allowance: 25 });
          const grants: number[] = [];
          for (const [pause, wish] of steps) {
            clock.advance(pause);
            const { granted } = await drain(one, call('interactive'), wish);
            for (let index = 0; index < granted; index += 1) grants.push(clock.nowMs());
          }
          for (const at of grants) {
            expect(
              grants.filter((other) => other > at - 24 * HOUR && other <= at).length,
            ).toBeLessThanOrEqual(25);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('tells the operator what went where and who waits', async () => {
    const one = governor({ allowance: 20 });
    await drain(one, call('interactive', { bucket: 'catalog' }), 4);
    clock.advance(HOUR);
    await drain(one, call('live', { userId: 7 }));
    const [account] = await one.snapshot();
    expect(account).toMatchObject({ account: 'dev', apps: ['one', 'two'], allowance: 20 });
    expect(account?.buckets).toEqual(
      expect.arrayContaining([{ bucket: 'catalog', used: 4, byLane: { interactive: 4 } }]),
    );
    expect(account?.hourly.reduce((sum, hour) => sum + hour.calls, 0)).toBe(account?.used);
    expect(account?.waiting).toMatchObject([
      { lane: 'live', bucket: 'player', user: '7', reason: 'allowance' },
    ]);
    expect((await one.budget('dev', 'history')).left).toBeGreaterThan(0);
    expect((await one.budget('dev', 'live')).left).toBe(0);
  });
});

describe('cooldowns', () => {
  it('rest a bucket alone for a quota, the whole app for the window', async () => {
    const one = governor();
    const grant = await one.acquire(call('history'));
    const until = new Date(start + 10 * HOUR);
    expect(await one.report(grant, { error: new QuotaExceeded({ until, bucket: 'player' }) })).toMatchObject({
      until,
    });
    await expect(one.acquire(call('interactive', { appId: 'two' }))).rejects.toMatchObject({ until });
    await one.acquire(call('interactive', { bucket: 'catalog' }));
    await one.report(await one.acquire(call('live', { bucket: 'catalog' })), {
      error: new RateLimited({ until: new Date(start + 4_000) }),
    });
    await expect(one.acquire(call('live', { bucket: 'search' }))).rejects.toBeInstanceOf(RetryLater);
    await one.acquire(call('live', { bucket: 'search', appId: 'two' }));
  });

  it('send one probe first, and open up only when it went well', async () => {
    const one = governor();
    await one.report(await one.acquire(call('live')), {
      error: new RateLimited({ until: new Date(start + 4_000) }),
    });
    clock.advance(4_000);
    const probe = await one.acquire(call('live'));
    expect(probe.probing).toBe('app:one');
    await expect(one.acquire(call('interactive'))).rejects.toMatchObject({
      reason: 'governor: probing after a cooldown',
    });
    await one.report(probe, {});
    expect((await one.acquire(call('live'))).probing).toBe('');
  });

  it('grow when Spotify does not say how long, and do not pile up for calls under way', async () => {
    const one = governor();
    const waits: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      const grant = await one.acquire(call('live'));
      const now = clock.nowMs();
      const refused = () => one.report(grant, { error: new RateLimited({ until: new Date(now + 5_000) }) });
      const error = (await refused()) as RateLimited;
      await refused();
      waits.push(error.until.getTime() - now);
      clock.set(error.until.getTime());
    }
    expect(waits).toEqual([5_000, 10_000, 20_000, 40_000]);
  });

  it('outlive a crash of Redis', async () => {
    const server = await startRedis();
    const connection = createRedis(server.url, 'worker', silentLogger());
    try {
      const one = governor({ redis: connection, prefix: '{crash}' });
      const until = new Date(start + 20 * HOUR);
      await one.report(await one.acquire(call('history')), {
        error: new QuotaExceeded({ until, bucket: 'player' }),
      });
      // The append-only file reaches the disk every second.
      await connection
        .call('WAITAOF', '1', '0', '3000')
        .catch(() => new Promise((resolve) => setTimeout(resolve, 1_200)));
      await server.restart();
      await expect(one.acquire(call('interactive'))).rejects.toMatchObject({ until });
    } finally {
      await closeRedis(connection);
      await server.stop();
    }
  });
});

describe('the 30-second window', () => {
  it('spreads calls and gives the moment of the next place', async () => {
    const one = governor({ windowLimit: 5 });
    expect((await drain(one, call('live'))).granted).toBe(5);
    clock.advance(10_000);
    await expect(one.acquire(call('live'))).rejects.toMatchObject({ until: new Date(start + 30_000) });
    clock.set(start + 30_001);
    expect((await drain(one, call('live'))).granted).toBe(5);
  });

  it('lets people sign in while it is full, and while the Web API rests', async () => {
    const one = governor({ windowLimit: 5 });
    const { granted } = await drain(one, call('live'));
    expect(granted).toBe(5);
    await one.acquire(call('sign-in', { bucket: 'profile' }));
    await one.report(await one.acquire(call('sign-in', { bucket: 'player' })), {
      error: new RateLimited({ until: new Date(start + 60_000) }),
    });
    await one.acquire(call('sign-in', { bucket: 'accounts' }));
  });

  it('halves what it believes at a 429 and grows back by the minute', async () => {
    const one = governor({ windowLimit: 40 });
    let last = await one.acquire(call('live'));
    for (let index = 0; index < 19; index += 1) last = await one.acquire(call('live'));
    await one.report(last, { error: new RateLimited({ until: new Date(start + 2_000) }) });
    expect((await one.snapshot())[0]?.windows[0]).toMatchObject({ limit: 10 });
    clock.advance(31_000);
    await one.report(await one.acquire(call('live')), {});
    clock.advance(61_000);
    expect((await drain(one, call('live'))).granted).toBe(11);
  });
});
