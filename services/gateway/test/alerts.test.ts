import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createAlertStore, type StoredAlert } from '@spindle/queues';
import type { Browser } from './support/browser.ts';
import { startGateway, type TestGateway } from './support/test-gateway.ts';
import { startTestWorker } from './support/test-worker.ts';

const AT = '2026-11-02T08:00:00.000Z';

let gateway: TestGateway;
let admin: Browser;

beforeAll(async () => {
  gateway = await startGateway();
  admin = await gateway.signedIn('ann');
});
afterAll(() => gateway.stop());

const alertOf = (id: string, goneAt: string | null = null): StoredAlert => ({
  id,
  kind: 'queue-waits',
  title: `Jobs of ${id} wait`,
  message: 'The next has been ready for 20 minutes.',
  since: AT,
  toldAt: AT,
  goneAt,
});

describe('alerts', () => {
  it('are shown to admins as the workers found them, and to nobody else', async () => {
    expect((await admin.ask('/api/admin/alerts')).json).toEqual({ alerts: [], checkedAt: null, targets: [] });
    const target = {
      kind: 'ntfy' as const,
      lastError: { message: 'The server there answered 500.', at: AT },
    };
    const store = createAlertStore(gateway.redis, gateway.context.config.redis.prefix);
    await store.save({ alerts: [alertOf('sync'), alertOf('party', AT)], checkedAt: AT, targets: [target] });
    const { toldAt: _, goneAt: __, ...shown } = alertOf('sync');
    expect((await admin.ask('/api/admin/alerts')).json).toEqual({
      alerts: [shown],
      checkedAt: AT,
      targets: [target],
    });
    const bob = await gateway.signedIn('bob');
    expect((await bob.ask('/api/admin/alerts')).status).toBe(403);
    expect((await bob.ask('/api/admin/alerts/test', { method: 'POST' })).status).toBe(403);
    expect((await gateway.browser().ask('/api/admin/alerts')).status).toBe(401);
  });

  it('of another version that cannot be read are none', async () => {
    await gateway.redis.set(`${gateway.context.config.redis.prefix}:alerts`, '{"alerts":[{"id":7}]}');
    expect((await admin.ask('/api/admin/alerts')).json).toEqual({ alerts: [], checkedAt: null, targets: [] });
  });

  it('can be tried: a worker sends the message', async () => {
    const worker = await startTestWorker(
      gateway.environment,
      'stats',
      { 'test-alert': async () => ({ sent: 2 }) },
      { concurrency: 1 },
    );
    try {
      const { status, json } = await admin.ask('/api/admin/alerts/test', {
        method: 'POST',
        headers: { prefer: 'wait=20' },
      });
      expect({ status, json }).toMatchObject({ status: 200, json: { sent: 2 } });
    } finally {
      await worker.close();
    }
  });
});
