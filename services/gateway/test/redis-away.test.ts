import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRedis, waitFor } from '@spindle/testkit';
import type { Browser } from './support/browser.ts';
import { startGateway, type TestGateway } from './support/test-gateway.ts';

let redis: Awaited<ReturnType<typeof startRedis>>;
let gateway: TestGateway;
let ann: Browser;

beforeAll(async () => {
  redis = await startRedis();
  gateway = await startGateway({ RATE_LIMIT_SCALE: '1' }, { redisUrl: redis.url });
  ann = await gateway.signedIn('ann');
});
afterAll(async () => {
  await gateway.stop();
  await redis.stop();
});

describe('without Redis', () => {
  it('what needs it says so within seconds, what does not goes on, and all comes back', async () => {
    const { json } = await ann.ask('/api/tokens', { body: { name: 'away', scopes: ['read', 'write'] } });
    const headers = { authorization: `Bearer ${json.token}` };
    await redis.kill();
    await waitFor(async () => (await ann.ask('/readyz')).status === 503, { what: 'readiness to end' });
    expect((await ann.ask('/readyz')).json.checks).toMatchObject({ postgres: 'ok', redis: 'failed' });

    const startedAt = performance.now();
    const user = await ann.ask('/api/user');
    expect(user.json).toMatchObject({ status: 503, type: '/problems/sessions-unavailable' });
    expect(Number(user.headers.get('retry-after'))).toBeGreaterThan(0);
    const login = await ann.ask('/auth/login');
    expect(login.status).toBe(503);
    expect(performance.now() - startedAt).toBeLessThan(4_000);

    // A token needs no session: what PostgreSQL knows is there, what the queue must take is not.
    expect((await gateway.browser().ask('/api/user', { headers })).status).toBe(200);
    const poll = await gateway.browser().ask('/spotify/poll/recently-played', { method: 'POST', headers });
    expect(poll.json).toMatchObject({ status: 503, type: '/problems/queue-unavailable' });

    expect((await ann.ask('/healthz')).status).toBe(200);
    expect((await ann.ask('/api/now-playing')).status).toBe(200);
    expect((await ann.ask('/metrics')).status).toBe(200);

    await redis.start();
    await waitFor(async () => (await ann.ask('/readyz')).status === 200, {
      timeoutMs: 15_000,
      what: 'readiness',
    });
    expect((await gateway.signedIn('ann')).cookie).not.toBe('');
    expect((await ann.ask('/spotify/poll/recently-played', { method: 'POST' })).status).not.toBe(500);
  });
});
