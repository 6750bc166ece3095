import type { Check } from '@spindle/contracts';
import { countRefusals, type Database } from '@spindle/db';
import type { Clock, Health } from '@spindle/service-kit';
import { checkRefusals, checkSpotifySetup, createHttp } from '@spindle/spotify';
import type { Config } from './config.ts';

const FIXES: Readonly<Record<string, { readonly title: string; readonly fix: string }>> = {
  postgres: { title: 'PostgreSQL', fix: 'Check that it runs and that DATABASE_URL is right.' },
  redis: { title: 'Redis', fix: 'Check that it runs and that REDIS_URL is right.' },
  queue: { title: 'Queue', fix: 'Redis must be 6.2 or newer, with maxmemory-policy noeviction.' },
  migrations: { title: 'Migrations', fix: 'Run the migrations: npm run migrate.' },
};

async function checkParts(health: Health): Promise<Check[]> {
  const { checks } = await health.readiness();
  return Object.entries(checks).map(([id, check]) => {
    const { title, fix } = FIXES[id] ?? { title: id, fix: 'See the log of the gateway.' };
    return check.ok
      ? { id, title, status: 'ok' as const, detail: `Answers within ${check.durationMs} ms.` }
      : {
          id,
          title,
          status: 'fail' as const,
          detail: check.problem === 'timed out' ? 'Does not answer.' : 'Fails.',
          fix,
        };
  });
}

/** All checks of the set-up: the parts of the system, the Spotify apps, and what Spotify's refusals say. */
export function createDoctor(parts: {
  readonly config: Config;
  readonly db: Database;
  readonly health: Health;
  readonly clock: Clock;
}): () => Promise<Check[]> {
  const { config, db, health, clock } = parts;
  const http = createHttp();
  return async () => {
    const [system, spotify] = await Promise.all([
      checkParts(health),
      checkSpotifySetup({
        ...config.spotify,
        publicUrl: config.web.publicUrl,
        http,
        nowMs: () => clock.nowMs(),
      }),
    ]);
    const refusals = await countRefusals(db).then(checkRefusals, (): Check[] => []);
    return [...system, ...spotify, ...refusals];
  };
}
