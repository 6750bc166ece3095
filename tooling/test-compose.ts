import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSecretFiles } from '@spindle/secrets';
import { freePort, waitFor } from '@spindle/testkit';
import { signIn } from '../e2e/system.ts';
import { ROOT } from './project.ts';
import { runQuietly } from './run-quietly.ts';
import { runCommand, SetupError, say, step } from './step.ts';

// Builds the images and runs docker-compose.yml as an operator would, with the sandbox in Spotify's place:
// sign in, see a play, scale out, take it down. Needs a Docker engine with Compose; without one it fails,
// or with --if-possible says so and ends well.

/** The first of the sandbox's people. */
const PERSON = 'mara-okonkwo';
const UP_MS = 300_000;

async function hasEngine(): Promise<boolean> {
  try {
    await runQuietly('docker', ['info'], { what: 'docker info' });
    await runQuietly('docker', ['compose', 'version'], { what: 'docker compose version' });
    return true;
  } catch {
    return false;
  }
}

function check(holds: boolean, what: string): void {
  if (!holds) throw new SetupError(`docker-compose.yml: ${what}`);
}

async function runCompose(folder: string): Promise<void> {
  writeSecretFiles(join(folder, 'secrets'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    ...process.env,
    SPINDLE_SECRETS: join(folder, 'secrets'),
    SPINDLE_PORT: String(port),
    PUBLIC_URL: url,
    SPINDLE_VERSION: 'test',
  };
  const compose = (...args: string[]) =>
    runQuietly(
      'docker',
      ['compose', '--env-file', 'deploy/compose/sandbox.env', '-p', `spindle-test-${port}`, ...args],
      { what: `docker compose ${args.join(' ')}`, cwd: ROOT, env },
    );
  try {
    await step('Building the images', () => compose('build'), 0);
    await step('Starting everything', () => compose('up', '-d'), 0);
    await step(
      'Signing in, and waiting for a play',
      async () => {
        await waitFor(async () => (await fetch(`${url}/readyz`)).ok, {
          timeoutMs: UP_MS,
          what: 'the gateway',
        });
        // Not every system leads names under localhost to itself.
        const here = (address: string) => address.replace('//sandbox.localhost:', '//127.0.0.1:');
        const cookie = await signIn({ url }, PERSON, { reach: here });
        await waitFor(
          async () => {
            const answer = await fetch(`${url}/api/plays`, { headers: { cookie } });
            return ((await answer.json()) as { items: unknown[] }).items.length > 0;
          },
          { timeoutMs: UP_MS, what: 'a play' },
        );
      },
      0,
    );
    await step(
      'Scaling to two gateways and four sync workers',
      async () => {
        await compose('up', '-d', '--no-recreate', '--scale', 'gateway=2', '--scale', 'sync-worker=4');
        await waitFor(
          async () => {
            for (let n = 0; n < 20; n += 1) await fetch(`${url}/api/instance`);
            const lines = await compose('logs', '--no-log-prefix', 'nginx');
            return (
              new Set(
                [...lines.matchAll(/"path":"\/api\/instance".*?"gateway":"([^"]+)"/g)].map((one) => one[1]),
              ).size === 2
            );
          },
          { timeoutMs: UP_MS, everyMs: 2_000, what: 'both gateways to be asked' },
        );
      },
      0,
    );
    const running = (await compose('ps', '--status', 'running', '-q', 'sync-worker')).trim().split('\n');
    check(running.length === 4, `there are ${running.length} sync workers instead of 4`);
  } finally {
    await step('Taking it down', () => compose('--profile', '*', 'down', '-v'), 0);
  }
}

await runCommand(async () => {
  if (!(await hasEngine())) {
    say('! Skipped: no Docker engine with Compose answers, so docker-compose.yml was not run.');
    return process.argv.includes('--if-possible') ? 0 : 1;
  }
  const folder = mkdtempSync(join(tmpdir(), 'spindle-compose-'));
  try {
    await runCompose(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  say('docker-compose.yml works.');
  return 0;
});
