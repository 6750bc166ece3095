import { getAlerts, testAlert } from '@spindle/contracts';
import { createAlertStore } from '@spindle/queues';
import type { GatewayContext } from '../context.ts';
import type { Mount } from '../mount.ts';

/** What workers found to go wrong; they look, and they tell. */
export function mountAlerts(mount: Mount, { redis, config, producer }: GatewayContext): void {
  const store = createAlertStore(redis, config.redis.prefix);

  mount.route(getAlerts, async () => {
    const { alerts, checkedAt, targets } = await store.load();
    return {
      alerts: alerts
        .filter(({ goneAt }) => goneAt === null)
        .map(({ id, kind, title, message, since }) => ({ id, kind, title, message, since })),
      checkedAt,
      targets: [...targets],
    };
  });

  mount.job(testAlert, (_input, _call, options) => producer.add('stats', 'test-alert', {}, options));
}
