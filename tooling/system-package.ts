import { findNginx } from '@spindle/nginx';
import { findPgBouncer, findRedisServer } from '@spindle/testkit';
import { findChromium } from './prepare.ts';
import { runQuietly } from './run-quietly.ts';
import { SetupError, step } from './step.ts';

/** Whether this machine lets us install Debian packages. */
function canInstall(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0;
}

async function install(name: string): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const what = `Installing ${name}`;
  await runQuietly('apt-get', ['update', '-qq'], { what, env });
  await runQuietly('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name], { what, env });
}

/**
 * Makes sure that there is a Redis server.
 *
 * @throws SetupError with what to do when it is not there and cannot be installed.
 */
export async function ensureRedisServer(): Promise<void> {
  if (findRedisServer()) return;
  const advice =
    'Spindle needs Redis: install redis-server (or valkey-server) so that it is on the PATH, or set REDIS_URL to one that runs.';
  if (!canInstall()) throw new SetupError(advice);
  try {
    await step('Installing Redis', () => install('redis-server'));
  } catch (error) {
    throw new SetupError(`${advice}\n${(error as Error).message}`);
  }
}

/** Whether there is a PgBouncer to test with, installed where the system lets us. */
export async function ensurePgBouncer(): Promise<boolean> {
  if (findPgBouncer() || !canInstall()) return findPgBouncer();
  await step('Installing PgBouncer for the tests', () => install('pgbouncer')).catch(() => {});
  return findPgBouncer();
}

/** The Chromium for the browser tests, installed where the system lets us; null when there is none to be had. */
export async function ensureChromium(environment: NodeJS.ProcessEnv): Promise<string | null> {
  const found = findChromium(environment);
  if (found || !canInstall()) return found;
  await step('Installing Chromium for the browser tests', () => install('chromium')).catch(() => {});
  return findChromium(environment);
}

/** Fonts for titles in any script, where the system lets us; without them pictures show boxes. */
export async function ensureFonts(): Promise<void> {
  if (!canInstall()) return;
  const all = ['fonts-noto-cjk', 'fonts-noto-color-emoji'];
  await step('Installing fonts', async () => {
    for (const name of all) await install(name);
  }).catch(() => {});
}

/** The nginx for the tests of the front, installed where the system lets us; null when there is none to be had. */
export async function ensureNginx(): Promise<string | null> {
  const found = findNginx();
  if (found || !canInstall()) return found;
  await step('Installing nginx for the tests of the front', () => install('nginx')).catch(() => {});
  return findNginx();
}
