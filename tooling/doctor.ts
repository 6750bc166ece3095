import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Check } from '@spindle/contracts';
import { ConfigError, createRedis, defineConfig, silentLogger, topics } from '@spindle/service-kit';
import { checkSpotifySetup, createHttp } from '@spindle/spotify';
import { findRedisServer } from '@spindle/testkit';
import pg from 'pg';
import { isFree } from './infrastructure.ts';
import { runningOwner } from './process-ids.ts';
import { ROOT } from './project.ts';
import { loadDotEnv } from './start.ts';
import { runCommand, say } from './step.ts';

const GATEWAY_PORT = 4680;
const LEAST_POSTGRES = 14;
const REDIS_WAIT_MS = 5_000;
const LEAST_REDIS = [6, 2] as const;
const MARKS: Record<Check['status'], string> = { ok: '✓', warn: '!', fail: '✗' };

async function checkPostgres(url: string | undefined): Promise<Check> {
  const base = { id: 'postgres', title: 'PostgreSQL' };
  if (!url) return { ...base, status: 'ok', detail: 'The built-in one is used (DATABASE_URL is not set).' };
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
    const version = rows[0]?.server_version ?? '0';
    return Number.parseInt(version, 10) < LEAST_POSTGRES
      ? {
          ...base,
          status: 'fail',
          detail: `Version ${version} is too old.`,
          fix: `Use PostgreSQL ${LEAST_POSTGRES} or newer.`,
        }
      : { ...base, status: 'ok', detail: `Version ${version} answers.` };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    return {
      ...base,
      status: 'fail',
      detail: `It does not answer${code}.`,
      fix: 'Check DATABASE_URL and that the server runs.',
    };
  } finally {
    await client.end().catch(() => {});
  }
}

async function checkRedis(url: string | undefined): Promise<Check> {
  const base = { id: 'redis', title: 'Redis' };
  if (!url) {
    return findRedisServer()
      ? { ...base, status: 'ok', detail: 'The built-in one is used (REDIS_URL is not set).' }
      : {
          ...base,
          status: process.getuid?.() === 0 ? 'warn' : 'fail',
          detail: 'There is no redis-server or valkey-server on the PATH.',
          fix: 'Install one, or set REDIS_URL. `npm start` as root on a Debian-like system installs it by itself.',
        };
  }
  const redis = createRedis(url, 'general', silentLogger());
  try {
    await Promise.race([
      redis.ping(),
      new Promise((_, reject) => setTimeout(reject, REDIS_WAIT_MS, new Error('no answer')).unref()),
    ]);
    const version = /redis_version:([\d.]+)/.exec(await redis.info('server'))?.[1] ?? '0';
    const [major = 0, minor = 0] = version.split('.').map(Number);
    if (major < LEAST_REDIS[0] || (major === LEAST_REDIS[0] && minor < LEAST_REDIS[1])) {
      return {
        ...base,
        status: 'fail',
        detail: `Version ${version} is too old.`,
        fix: 'Use Redis 6.2 or newer, or Valkey.',
      };
    }
    const policy = /maxmemory_policy:(\S+)/.exec(await redis.info('memory'))?.[1];
    return policy === 'noeviction'
      ? { ...base, status: 'ok', detail: `Version ${version} answers.` }
      : {
          ...base,
          status: 'warn',
          detail: `Version ${version} may throw jobs away when memory is short (maxmemory-policy ${policy}).`,
          fix: 'Set maxmemory-policy to noeviction.',
        };
  } catch {
    return {
      ...base,
      status: 'fail',
      detail: 'It does not answer.',
      fix: 'Check REDIS_URL and that the server runs.',
    };
  } finally {
    redis.disconnect();
  }
}

async function checkPort(): Promise<Check> {
  const port = Number(process.env.PORT) || GATEWAY_PORT;
  const base = { id: 'port', title: `Port ${port}` };
  if (runningOwner() !== null) return { ...base, status: 'ok', detail: 'Spindle runs.' };
  return (await isFree(port))
    ? { ...base, status: 'ok', detail: 'Free.' }
    : {
        ...base,
        status: 'warn',
        detail: 'Another program listens there; Spindle takes the next free port.',
        fix: 'End that program, or set PORT: the redirect address in the dashboard names the port.',
      };
}

function checkAlerts(): Check {
  const base = { id: 'alerts', title: 'Alerts', status: 'ok' } as const;
  const told = ['ALERT_WEBHOOK_URL', 'ALERT_NTFY_URL'].filter((name) => process.env[name]);
  return told.length > 0
    ? { ...base, detail: `Told by ${told.join(' and ')}; POST /api/admin/alerts/test tries them.` }
    : {
        ...base,
        detail: 'Shown on the admin page only.',
        fix: 'To be told what goes wrong, set ALERT_WEBHOOK_URL or ALERT_NTFY_URL (see docs/monitoring.md).',
      };
}

async function checkSpotify(): Promise<Check[]> {
  if (!process.env.SPOTIFY_CLIENT_ID && !process.env.SPOTIFY_APPS) {
    return [
      {
        id: 'spotify',
        title: 'Spotify',
        status: 'ok',
        detail: 'No app is configured: Spindle runs against its sandbox.',
        fix: 'For your own account, set SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET (see README.md).',
      },
    ];
  }
  try {
    const { spotify } = defineConfig({ spotify: topics.spotify })(process.env);
    const publicUrl =
      process.env.PUBLIC_URL ?? `http://127.0.0.1:${Number(process.env.PORT) || GATEWAY_PORT}`;
    return await checkSpotifySetup({ ...spotify, publicUrl, http: createHttp(), nowMs: () => Date.now() });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ variable, problem }) => ({
      id: variable,
      title: variable,
      status: 'fail',
      detail: problem,
    }));
  }
}

await runCommand(async () => {
  loadDotEnv(process.env);
  const checks: Check[] = [
    { id: 'node', title: 'Node', status: 'ok', detail: `The project's own ${process.version}.` },
    existsSync(join(ROOT, '.env'))
      ? { id: 'env', title: '.env', status: 'ok', detail: 'Found and read.' }
      : { id: 'env', title: '.env', status: 'ok', detail: 'There is none; everything built in is used.' },
    await checkPostgres(process.env.DATABASE_URL),
    await checkRedis(process.env.REDIS_URL),
    await checkPort(),
    ...(await checkSpotify()),
    checkAlerts(),
  ];
  for (const check of checks) {
    say(`${MARKS[check.status]} ${check.title}: ${check.detail}`);
    if (check.fix) say(`    → ${check.fix}`);
  }
  say('\nWhat listeners met (allow-list, Premium) stands on the admin page.');
  return checks.some((check) => check.status === 'fail') ? 1 : 0;
});
