import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createAlertStore, createQueueMetrics, createWorker } from '@spindle/queues';
import { type AlertsConfig, createMetrics, defineConfig, silentLogger, topics } from '@spindle/service-kit';
import { testRedis, waitFor } from '@spindle/testkit';
import { createInstanceWatch, type InstanceWatch } from '@spindle/worker-kit';
import { NoticeServer } from './support/notice-server.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, Rig } from './support/rig.ts';

let rig: Rig;
let server: NoticeServer;
let url: string;
let annId: number;

beforeAll(async () => {
  rig = await Rig.start({ people: ['ann', 'bob'], dailyAllowance: 100 });
  annId = await rig.signIn('ann');
  await rig.signIn('bob');
  server = await NoticeServer.start();
  url = server.url;
});
afterAll(async () => {
  server.close();
  await rig.close();
});
beforeEach(async () => {
  server.reset();
  await rig.parts.redis.del(`${rig.prefix}:alerts`, `${rig.prefix}:alerts:claim`);
  await readIn(HOUR_MS);
});

/** When the next readings are due: so many ms from now. */
async function readIn(ms: number): Promise<void> {
  await rig.db.pool.query(
    `UPDATE capture_states SET next_history_at = $1, next_playback_at = NULL, history_read_at = $2,
                               history_lease_until = NULL, playback_lease_until = NULL`,
    [new Date(rig.clock.nowMs() + ms), rig.clock.now()],
  );
}

function settings(changes: Record<string, string> = {}): AlertsConfig {
  return defineConfig({ alerts: topics.alerts })({ ALERT_WEBHOOK_URL: `${url}/hook`, ...changes }).alerts;
}

function watchWith(alerts: AlertsConfig = settings(), restMs = 0): InstanceWatch {
  return createInstanceWatch({
    ...rig.parts,
    producer: rig.producer,
    governor: rig.context.governor,
    alerts,
    restMs,
  });
}

const signal = new AbortController().signal;
const told = () => server.received.map(({ body }) => JSON.parse(body));
const stored = () => createAlertStore(rig.parts.redis, rig.prefix).load();

describe('an alert', () => {
  it('is told when it begins, once a day while it lasts, and when it is over', async () => {
    const watch = watchWith();
    expect(await watch.look(signal)).toEqual({ active: 0, sent: 0, failed: 0 });
    await readIn(-40 * MINUTE_MS);
    expect(await watch.look(signal)).toEqual({ active: 1, sent: 1, failed: 0 });
    expect(told()).toEqual([
      {
        event: 'alert-began',
        title: 'Nobody reads what is listened to',
        message: expect.stringContaining('due for 40 minutes'),
        link: 'http://spindle.test/admin',
        alert: 'readings-untaken',
        since: rig.clock.now().toISOString(),
        content: expect.any(String),
        text: expect.any(String),
      },
    ]);
    expect(await watch.look(signal)).toEqual({ active: 1, sent: 0, failed: 0 });

    rig.clock.advance(DAY_MS);
    // Whoever looks: what was told is kept for all.
    expect(await watchWith().look(signal)).toMatchObject({ sent: expect.any(Number) });
    expect(told().at(-1)).toMatchObject({
      event: 'alert-lasts',
      title: 'Still: Nobody reads what is listened to',
    });

    await readIn(HOUR_MS);
    expect(await watch.look(signal)).toEqual({ active: 0, sent: 0, failed: 0 });
    rig.clock.advance(2 * MINUTE_MS);
    await readIn(-40 * MINUTE_MS);
    expect(await watch.look(signal)).toEqual({ active: 1, sent: 0, failed: 0 });
    await readIn(HOUR_MS);
    await watch.look(signal);
    rig.clock.advance(6 * MINUTE_MS);
    expect(await watch.look(signal)).toMatchObject({ active: 0, sent: 1 });
    expect(told().at(-1)).toMatchObject({
      event: 'alert-ended',
      title: 'Over: Nobody reads what is listened to',
    });
    expect(await watch.look(signal)).toMatchObject({ sent: 0 });
    expect((await stored()).alerts).toEqual([]);
  });

  it('that did not arrive is told at the next look, and why is shown', async () => {
    const watch = watchWith();
    await readIn(-40 * MINUTE_MS);
    server.status = 503;
    expect(await watch.look(signal)).toEqual({ active: 1, sent: 0, failed: 1 });
    expect((await stored()).targets).toEqual([
      {
        kind: 'webhook',
        lastError: { message: 'The server there answered 503.', at: rig.clock.now().toISOString() },
      },
    ]);
    server.status = 200;
    expect(await watch.look(signal)).toEqual({ active: 1, sent: 1, failed: 0 });
    expect((await stored()).targets).toEqual([{ kind: 'webhook', lastError: null }]);
  });

  it('goes to ntfy with its token, and the addresses are kept nowhere', async () => {
    await readIn(-40 * MINUTE_MS);
    const both = settings({ ALERT_NTFY_URL: `${url}/secret-topic`, ALERT_NTFY_TOKEN: 'tk_secret' });
    expect(await watchWith(both).look(signal)).toEqual({ active: 1, sent: 1, failed: 0 });
    const [hook, ntfy] = server.received;
    expect([hook?.path, ntfy?.path]).toEqual(['/hook', '/secret-topic']);
    expect(ntfy?.headers.authorization).toBe('Bearer tk_secret');
    expect(hook?.headers.authorization).toBeUndefined();
    const kept = await rig.parts.redis.get(`${rig.prefix}:alerts`);
    expect(kept).not.toMatch(/secret|127\.0\.0\.1|\/hook/);
  });

  it('names nobody', async () => {
    await readIn(-40 * MINUTE_MS);
    await rig.db.prisma.spotifyCredential.update({
      where: { userId: annId },
      data: { reauthNeededAt: rig.clock.now() },
    });
    try {
      await watchWith().look(signal);
      expect(told().map(({ alert }) => alert)).toEqual(['consents-ended', 'readings-untaken']);
      expect(JSON.stringify(server.received)).not.toMatch(/\bann\b|\bbob\b/i);
      rig.clock.advance(2 * DAY_MS);
      await readIn(HOUR_MS);
      server.received = [];
      await watchWith().look(signal);
      // Listeners hear of their own consents; the operator is not reminded of them.
      expect(told().filter(({ alert }) => alert === 'consents-ended')).toEqual([]);
    } finally {
      await rig.db.prisma.spotifyCredential.update({
        where: { userId: annId },
        data: { reauthNeededAt: null },
      });
    }
  });

  it('is looked for by one of those who look at the same time', async () => {
    await readIn(-40 * MINUTE_MS);
    const looks = await Promise.all(
      [watchWith(settings(), 60_000), watchWith(settings(), 60_000)].map((one) => one.look(signal)),
    );
    expect(looks.map(({ sent }) => sent).sort()).toEqual([0, 1]);
    expect(server.received).toHaveLength(1);
  });
});

describe('what is watched', () => {
  it('are queues whose jobs wait, and those whose jobs fail for good', async () => {
    const { url: redisUrl } = testRedis();
    await rig.producer.add('party', 'rooms-due', {}, { requestId: 'test' });
    const worker = createWorker(
      'stats',
      Object.fromEntries(
        [
          'recount',
          'sweep-stale',
          'analysis',
          'tracker',
          'update-trackers',
          'watch-instance',
          'test-alert',
        ].map((job) => [
          job,
          async () => {
            throw new Error(`broken for listener ${annId}`);
          },
        ]),
      ) as never,
      null,
      {
        redisUrl,
        prefix: rig.prefix,
        concurrency: 2,
        logger: silentLogger(),
        clock: rig.clock,
        metrics: createQueueMetrics(createMetrics('test')),
      },
    );
    try {
      await rig.producer.add('stats', 'sweep-stale', {}, { requestId: 'test' });
      await waitFor(async () => (await rig.producer.recentFailures(0)).get('stats') === 1, {
        what: 'a failed job',
      });
    } finally {
      await worker.close();
    }
    expect((await rig.producer.recentFailures(Date.now() + 1_000)).get('stats')).toBe(0);
    // The shortest that can be set is a minute, which no test should wait for.
    const strict = { ...settings(), queueMinutes: 1e-6, failedJobs: 1 };
    await watchWith(strict).look(signal);
    expect(told().map(({ alert }) => alert)).toEqual(['jobs-fail:stats', 'queue-waits:party']);
    expect(JSON.stringify(server.received)).not.toContain('broken');
  });

  it('are lock-outs by Spotify', async () => {
    rig.sandbox.control.addFault({
      fault: { kind: 'rate-limit', retryAfterSeconds: 7_200 },
      path: '/v1/**',
      count: 1,
    });
    await rig.run('history', { userId: annId, reason: 'request' });
    await readIn(HOUR_MS);
    await watchWith().look(signal);
    expect(told()).toEqual([
      expect.objectContaining({
        alert: expect.stringMatching(/^locked-out:developer:/),
        message: expect.stringContaining('2 hours'),
      }),
    ]);
  });
});

describe('a message to try', () => {
  it('arrives everywhere, or says what is wrong', async () => {
    expect(await watchWith().test(signal)).toEqual({ sent: 1 });
    expect(told()).toEqual([expect.objectContaining({ event: 'alert-test' })]);
    server.status = 404;
    await expect(watchWith().test(signal)).rejects.toMatchObject({
      code: 'alert_failed',
      message: 'webhook: The server there answered 404.',
    });
    const nowhere = defineConfig({ alerts: topics.alerts })({}).alerts;
    await expect(watchWith(nowhere).test(signal)).rejects.toMatchObject({ code: 'no_target' });
  });
});
