import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { freePort } from '@spindle/testkit';
import { type Infrastructure, portFrom, startInfrastructure } from './infrastructure.ts';
import { loadSecrets } from './local-secrets.ts';
import { preparePrismaClient, prepareWebApp } from './prepare.ts';
import { endLeftovers, forgetProcesses, rememberProcesses, runningOwner } from './process-ids.ts';
import { ROOT, STATE } from './project.ts';
import { SERVICES, STOP_ORDER, serviceSpecs } from './services.ts';
import { runCommand, SetupError, say, step } from './step.ts';
import { type Supervised, type SupervisorOptions, supervise } from './supervisor.ts';

const GATEWAY_PORT = 4680;
const READY_TIMEOUT_MS = 60_000;

/** `.env` fills in what the environment does not say. */
export function loadDotEnv(environment: NodeJS.ProcessEnv, file = join(ROOT, '.env')): void {
  if (!existsSync(file)) return;
  for (const [name, value] of Object.entries(parseEnv(readFileSync(file, 'utf8'))))
    environment[name] ??= value;
}

async function untilReady(url: string, name: string, died: () => string | null): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
    if (answer?.ok) return;
    const why = died();
    if (why !== null) throw new SetupError(`${name} did not start:\n${why}`);
    if (Date.now() > deadline)
      throw new SetupError(`${name} did not become ready. See ${join(STATE, 'logs', `${name}.log`)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Starts the whole system and answers when it was told to stop and everything has ended. */
export async function startSystem(options: { watch: boolean }): Promise<undefined> {
  const startedAt = performance.now();
  loadDotEnv(process.env);
  const owner = runningOwner();
  if (owner !== null)
    throw new SetupError(`Spindle already runs from this folder (process ${owner}). Stop it first.`);
  const left = await endLeftovers();
  if (left > 0) say(`• Ended ${left} processes that an earlier run had left behind`);

  let infrastructure: Infrastructure | undefined;
  const running: Supervised[] = [];
  const crashes = new Map<string, string>();
  let up = false;
  const supervisor: SupervisorOptions = {
    onLine: (service, line) => {
      if (up) say(`  ${service}: ${line}`);
    },
    onCrash: (service, how, lastLines, delayMs) => {
      crashes.set(service, lastLines.join('\n'));
      if (up)
        say(
          `! ${service} ended (${how}); starting it again in ${delayMs / 1000} s\n${lastLines.map((line) => `    ${line}`).join('\n')}`,
        );
    },
  };
  const stopped = Promise.withResolvers<void>();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopped.resolve());

  const shutDown = async () => {
    const order = [...STOP_ORDER, 'web', 'sandbox'];
    for (const name of order) await running.find((service) => service.name === name)?.stop();
    await infrastructure?.stop();
    forgetProcesses();
  };

  try {
    await preparePrismaClient();
    const webDist = await prepareWebApp();
    const { secrets, newPassword } = loadSecrets();
    infrastructure = await startInfrastructure(process.env);
    const gatewayPort = await portFrom(Number(process.env.PORT) || GATEWAY_PORT);
    const publicUrl = process.env.PUBLIC_URL ?? `http://127.0.0.1:${gatewayPort}`;
    const onSandbox = !process.env.SPOTIFY_CLIENT_ID && !process.env.SPOTIFY_APPS;

    const shared: Record<string, string> = { ...secrets, NODE_ENV: process.env.NODE_ENV ?? 'development' };
    for (const name of Object.keys(secrets)) if (process.env[name]) shared[name] = process.env[name];
    if (onSandbox) {
      const port = await portFrom(9090);
      const address = `http://127.0.0.1:${port}`;
      const client = { id: 'sandbox-client', secret: 'sandbox-secret' };
      running.push(
        supervise(
          {
            name: 'sandbox',
            entry: 'packages/spotify-sandbox/src/main.ts',
            env: {
              SANDBOX_PORT: String(port),
              SANDBOX_CLIENT_ID: client.id,
              SANDBOX_CLIENT_SECRET: client.secret,
              SANDBOX_REDIRECT_URIS: `${publicUrl}/auth/callback`,
            },
          },
          supervisor,
        ),
      );
      Object.assign(shared, {
        SPOTIFY_CLIENT_ID: client.id,
        SPOTIFY_CLIENT_SECRET: client.secret,
        SPOTIFY_ACCOUNTS_URL: address,
        SPOTIFY_API_URL: address,
      });
      await step('Starting the Spotify sandbox', () =>
        untilReady(`${address}/_sandbox`, 'sandbox', () => crashes.get('sandbox') ?? null),
      );
    }

    if (options.watch) {
      // The gateway serves what this writes; a reload shows it.
      running.push(
        supervise(
          {
            name: 'web',
            entry: 'services/web/node_modules/vite/bin/vite.js',
            args: ['build', 'services/web', '--watch', '--logLevel', 'warn'],
            env: {},
          },
          supervisor,
        ),
      );
    }
    const opsPorts = Object.fromEntries(
      await Promise.all(SERVICES.map(async (name) => [name, await freePort()])),
    );
    const { databaseUrl, redisUrl } = infrastructure;
    const specs = serviceSpecs(
      { databaseUrl, redisUrl, publicUrl, gatewayPort, opsPorts, shared, webDist },
      { watch: options.watch },
    );
    await step('Starting the services', async () => {
      for (const spec of specs) running.push(supervise(spec, supervisor));
      await Promise.all(
        specs.map(({ name }) =>
          untilReady(
            `http://127.0.0.1:${name === 'gateway' ? gatewayPort : opsPorts[name]}/readyz`,
            name,
            () => crashes.get(name) ?? null,
          ),
        ),
      );
    });
    rememberProcesses([
      ...running.map((service) => ({ pid: service.pid, word: 'src/main.ts' })),
      ...infrastructure.pids,
    ]);
    up = true;

    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    say(`\n  Spindle is ready after ${seconds} s:\n\n      ${publicUrl}\n`);
    if (gatewayPort !== GATEWAY_PORT && !process.env.PORT)
      say(`  (Port ${GATEWAY_PORT} is taken, so it listens on ${gatewayPort}.)`);
    say(
      onSandbox
        ? '  It runs against the built-in Spotify sandbox: sign in as one of its invented people.\n  To use your own account, set SPOTIFY_CLIENT_ID (see README.md).'
        : '  It talks to Spotify with your app. `npm run doctor` checks the set-up.',
    );
    if (newPassword) say(`  Admin password for POST /token, shown only now: ${newPassword}`);
    if (infrastructure.dataFolders.length > 0) say(`  Your data: ${infrastructure.dataFolders.join(', ')}`);
    say(`  Logs: ${join(STATE, 'logs')}\n  Ctrl-C stops everything.\n`);
    await stopped.promise;
    up = false;
    say('\n  Stopping …');
  } finally {
    await shutDown();
  }
  say('  Stopped. Your data stays for the next start.');
  return undefined;
}

if (process.argv[1]?.endsWith('start.ts')) await runCommand(() => startSystem({ watch: false }));
