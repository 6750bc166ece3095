import { getDoctor, getOverview, getQuota } from '@spindle/contracts';
import { loadFigures } from '@spindle/db';
import type { GatewayContext } from '../context.ts';
import type { Mount } from '../mount.ts';

export function mountAdmin(mount: Mount, context: GatewayContext): void {
  const { db, clock, producer, spotify } = context;

  mount.route(getQuota, async () => ({ accounts: await spotify.governor.snapshot() }));

  mount.route(getDoctor, async () => ({ checks: await context.doctor() }));

  mount.route(getOverview, async () => {
    const [figures, queues] = await Promise.all([loadFigures(db, clock.now()), producer.counts()]);
    return {
      ...figures,
      queues: queues.map(({ queue, counts }) => ({
        queue,
        waiting: counts.queued,
        active: counts.running,
        delayed: counts.waiting,
        failed: counts.failed,
      })),
    };
  });
}
