import { getHealth, getInstance, getReadiness } from '@spindle/contracts';
import { loadSettings } from '@spindle/db';
import type { GatewayContext } from '../context.ts';
import { isSandbox } from '../middleware/security-headers.ts';
import type { Mount } from '../mount.ts';

export function mountOperations(mount: Mount, context: GatewayContext): void {
  const { config, db, health, version } = context;

  mount.route(getInstance, async () => {
    const { name, registration } = await loadSettings(db.pool);
    return {
      name: name ?? config.instance.name,
      version,
      sandbox: isSandbox(config),
      apps: config.spotify.apps.map((app) => ({ id: app.id, name: app.id })),
      registration,
    };
  });

  mount.route(getHealth, () => ({ status: 'ok' as const }));

  mount.route(getReadiness, async (_input, { response }) => {
    const readiness = await health.readiness();
    if (!readiness.ok) response.status(503);
    return {
      status: readiness.ok ? ('ready' as const) : ('not-ready' as const),
      checks: Object.fromEntries(
        Object.entries(readiness.checks).map(([name, check]) => [
          name,
          check.ok ? 'ok' : (check.problem ?? 'failed'),
        ]),
      ),
    };
  });
}
