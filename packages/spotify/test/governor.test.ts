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
let start = Date.UTC(2026, 10, 1);

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

describe('the outlook', () => {
  const asked = (calls: number, lane: Lane = 'interactive') => ({
    appId: 'one',
    lane,
    buckets: ['playlists' as const],
    calls,
  });

  it('of a fresh day is what the lane may take of it', async () => {
    const one = governor({ allowance: 100 });
    expect(await one.outlook(asked(100))).toEqual({ left: 100, enough: true, enoughAt: null, reason: null });
    expect(await one.outlook(asked(70, 'metadata'))).toMatchObject({ left: 70, enough: true });
    expect(await one.outlook(asked(71, 'metadata'))).toMatchObject({
      left: 70,
      enough: false,
      enoughAt: null,
    });
  });

  it('of a day that is partly used names the moment at which enough of it has left', async () => {
    const one = governor({ allowance: 20 });
    await drain(one, call('interactive'), 4);
    clock.advance(3 * HOUR);
    await drain(one, call('interactive'), 10);
    clock.advance(HOUR / 2);
    expect(await one.outlook(asked(6))).toMatchObject({ left: 6, enough: true, enoughAt: null });
    const early = await one.outlook(asked(10));
    expect(early).toMatchObject({
      left: 6,
      enough: false,
      reason: expect.stringContaining('does not suffice'),
    });
    const late = await one.outlook(asked(11));
    expect(early.enoughAt).toEqual(new Date(start + 24 * HOUR + 5 * 60_000));
    expect(late.enoughAt).toEqual(new Date(start + 27 * HOUR + 5 * 60_000));
    clock.set((early.enoughAt?.getTime() ?? 0) - 1);
    expect(await one.outlook(asked(10))).toMatchObject({ left: 6, enough: false, enoughAt: early.enoughAt });
    clock.advance(1);
    expect((await drain(one, call('interactive'))).granted).toBe(10);
  });

  it('knows calls that are about to leave, of an hour that no longer is among the last 24', async () => {
    const one = governor({ allowance: 10 });
    clock.set(start + 40 * 60_000);
    await drain(one, call('interactive'));
    // The calls were made 23 hours and 50 minutes ago, in the 25th hour by the clock.
    clock.set(start + 24 * HOUR + 30 * 60_000);
    const enoughAt = new Date(start + 24 * HOUR + 45 * 60_000);
    expect(await one.outlook(asked(10))).toMatchObject({ left: 0, enough: false, enoughAt });
    clock.set(enoughAt.getTime());
    expect((await drain(one, call('interactive'))).granted).toBe(10);
  });

  it('is kept: acquire grants so many at the moment that it names, and not before', async () => {
    const lanes = ['interactive', 'history', 'live', 'metadata', 'trackers', 'sign-in'] as const;
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(
            fc.integer({ min: 0, max: 8 * HOUR }),
            fc.constantFrom(...lanes),
            fc.constantFrom('player' as const, 'accounts' as const),
            fc.integer({ min: 1, max: 15 }),
          ),
          { maxLength: 12 },
        ),
        fc.constantFrom('interactive' as const, 'metadata' as const, 'live' as const),
        fc.integer({ min: 1, max: 40 }),
        async (steps, lane, calls) => {
          // Far apart, so that no run sees the ledger of another.
          start += 50 * HOUR;
          clock.set(start);
          const one = governor({ allowance: 40 });
          for (const [pause, by, bucket, wish] of steps) {
            clock.advance(pause);
            await drain(one, call(by, { bucket }), wish);
          }
          const { left, enough, enoughAt } = await one.outlook(asked(calls, lane));
          expect(enough).toBe((left ?? 0) >= calls);
          if (enough) expect(enoughAt).toBeNull();
          if (enoughAt) {
            clock.set(enoughAt.getTime() - 1);
            expect(await one.outlook(asked(calls, lane))).toMatchObject({ enough: false, enoughAt });
            clock.advance(1);
          }
          if (enough || enoughAt) expect((await drain(one, call(lane), calls)).granted).toBe(calls);
          else expect(calls).toBeGreaterThan(lane === 'interactive' ? 40 : lane === 'metadata' ? 27 : 34);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('of more than a whole day has no moment', async () => {
    const one = governor({ allowance: 100 });
    await drain(one, call('interactive'), 30);
    expect(await one.outlook(asked(101))).toEqual({
      left: 70,
      enough: false,
      enoughAt: null,
      reason: 'It takes more calls than Spotify allows this app in a whole day.',
    });
  });

  it('without an allowance is good, whatever was called', async () => {
    const one = governor();
    await drain(one, call('live'), 30);
    expect(await one.outlook(asked(1_000_000))).toEqual({
      left: null,
      enough: true,
      enoughAt: null,
      reason: null,
    });
  });

  it('waits for a bucket that Spotify has closed, and for no other', async () => {
    const one = governor({ allowance: 100 });
    const until = new Date(start + 9 * HOUR);
    await one.report(await one.acquire(call('history', { bucket: 'library' })), {
      error: new QuotaExceeded({ until, bucket: 'library' }),
    });
    expect(await one.outlook(asked(5))).toMatchObject({ left: 99, enough: true });
    expect(await one.outlook({ ...asked(5), buckets: ['library', 'playlists'] })).toEqual({
      left: 0,
      enough: false,
      enoughAt: until,
      reason: 'Spotify has closed this function to the app for a while.',
    });
    // What would not be allowed by then either waits for both.
    await drain(one, call('interactive'));
    const both = await one.outlook({ ...asked(5), buckets: ['library'] });
    expect(both.enoughAt).toEqual(new Date(start + 24 * HOUR + 5 * 60_000));
  });

  it('waits for an app that rests for long, not for a window that turns over', async () => {
    const one = governor({ allowance: 100 });
    const rest = async (ms: number) =>
      one.report(await one.acquire(call('live')), {
        error: new RateLimited({ until: new Date(clock.nowMs() + ms) }),
      });
    await rest(20_000);
    expect(await one.outlook(asked(5))).toMatchObject({ enough: true });
    clock.advance(20_000);
    await rest(2 * HOUR);
    expect(await one.outlook(asked(5))).toMatchObject({
      enough: false,
      enoughAt: new Date(clock.nowMs() + 2 * HOUR),
    });
    expect(await one.outlook({ ...asked(5), appId: 'two' })).toMatchObject({ enough: true });
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
    expect((await one.acquire(call('interactive'))).probing).toBe('');
  });

  it('grow when Spotify does not say how long, and do not pile up for calls under way', async () => {
    const one = governor();
    const waits: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      const grant = await one.acquire(call('interactive'));
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
    expect((await drain(one, call('interactive'))).granted).toBe(5);
    clock.advance(10_000);
    await expect(one.acquire(call('interactive'))).rejects.toMatchObject({ until: new Date(start + 30_000) });
    clock.set(start + 30_001);
    expect((await drain(one, call('interactive'))).granted).toBe(5);
  });

  it('keeps room for clicks from what the machine plans, and lets one call of each go', async () => {
    const one = governor({ windowLimit: 20 });
    const granted = async (lane: Lane) => (await drain(one, call(lane))).granted;
    expect(await granted('trackers')).toBe(10);
    expect(await granted('metadata')).toBe(2);
    expect(await granted('live')).toBe(4);
    expect(await granted('history')).toBe(0);
    clock.advance(10_000);
    expect(await granted('interactive')).toBe(4);
    // Sixteen places of twenty: four of those that are taken have to be free again.
    await expect(one.acquire(call('history'))).rejects.toMatchObject({ until: new Date(start + 30_000) });

    const small = governor({ windowLimit: 1, prefix: `${testRedis().prefix}:small` });
    expect((await drain(small, call('trackers'))).granted).toBe(1);
  });

  it('lets people sign in while it is full, and while the Web API rests', async () => {
    const one = governor({ windowLimit: 5 });
    const { granted } = await drain(one, call('interactive'));
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
    expect((await drain(one, call('interactive'))).granted).toBe(11);
  });
});
