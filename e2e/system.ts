import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import {
  createSandbox,
  parseClockScale,
  type Sandbox,
  type SandboxOptions,
  scaledClock,
} from '@spindle/spotify-sandbox';
import {
  createTestDatabase,
  freePort,
  type RedisServer,
  startRedis,
  type TestDatabase,
  waitFor,
} from '@spindle/testkit';
import pg from 'pg';
import { SERVICES } from '../tooling/services.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const APP = { clientId: 'e2e-client', clientSecret: 'e2e-secret' };

export type ServiceName = (typeof SERVICES)[number];

export interface SystemOptions {
  /** Simulated milliseconds for each real one; 1 unless told. */
  readonly speed?: number;
  readonly sandbox?: SandboxOptions;
  readonly environment?: Readonly<Record<string, string>>;
  readonly services?: readonly ServiceName[];
  readonly webDist?: string;
  /** The address in the browser, when something stands before the gateways. */
  readonly publicUrl?: string;
}

export interface RunningProcess {
  readonly name: ServiceName;
  readonly child: ChildProcess;
  /** Where it answers /readyz and /metrics. */
  readonly port: number;
  /** Everything it logged. */
  readonly log: () => string;
}

/** The whole system as a stranger runs it: real processes, PostgreSQL, Redis, and the sandbox. */
export interface System {
  readonly url: string;
  readonly sandbox: Sandbox;
  readonly redis: RedisServer;
  readonly database: pg.Pool;
  readonly processes: RunningProcess[];
  /** Starts one more process of a service and waits until it is ready. */
  start(name: ServiceName): Promise<RunningProcess>;
  stop(): Promise<void>;
}

const isRunning = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null;

export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const speed = options.speed ?? 1;
  const clockText = `${Date.now()}@${Date.now()}x${speed}`;
  const gatewayPort = await freePort();
  const url = options.publicUrl ?? `http://127.0.0.1:${gatewayPort}`;
  const store: TestDatabase = await createTestDatabase();
  const redis = await startRedis();
  const sandbox = await createSandbox({
    ...options.sandbox,
    clock: scaledClock(parseClockScale(clockText)),
    apps: [{ ...APP, redirectUris: [`${url}/auth/callback`] }],
  });
  const database = new pg.Pool({ connectionString: store.url, max: 4 });
  database.on('error', () => {});
  const processes: RunningProcess[] = [];
  const environment: Record<string, string> = {
    NODE_ENV: 'test',
    LOG_LEVEL: 'info',
    DATABASE_URL: store.url,
    REDIS_URL: redis.url,
    QUEUE_PREFIX: `{e2e-${randomBytes(4).toString('hex')}}`,
    PUBLIC_URL: url,
    SESSION_SECRET: randomBytes(32).toString('hex'),
    TOKEN_KEYS: `e2e:${randomBytes(32).toString('base64')}`,
    JWT_SECRET: randomBytes(32).toString('hex'),
    CRON_SECRET: randomBytes(16).toString('hex'),
    SPOTIFY_CLIENT_ID: APP.clientId,
    SPOTIFY_CLIENT_SECRET: APP.clientSecret,
    SPOTIFY_ACCOUNTS_URL: sandbox.accountsUrl,
    SPOTIFY_API_URL: sandbox.apiUrl,
    ...(speed === 1 ? {} : { CLOCK: clockText }),
    ...(options.webDist ? { WEB_DIST: options.webDist } : {}),
    ...options.environment,
  };

  async function start(name: ServiceName): Promise<RunningProcess> {
    const isTaken = processes.some((one) => one.port === gatewayPort && isRunning(one.child));
    const port = name === 'gateway' && !isTaken ? gatewayPort : await freePort();
    const lines: string[] = [];
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', `${ROOT}services/${name}/src/main.ts`],
      {
        cwd: ROOT,
        env: {
          PATH: process.env.PATH ?? '',
          ...environment,
          ...(name === 'gateway' ? { PORT: String(port) } : { OPS_PORT: String(port) }),
        },
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      },
    );
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (chunk: string) => lines.push(chunk));
    const running: RunningProcess = { name, child, port, log: () => lines.join('') };
    processes.push(running);
    await waitFor(
      async () => {
        if (child.exitCode !== null) throw new Error(`${name} ended:\n${running.log()}`);
        return (await fetch(`http://127.0.0.1:${port}/readyz`)).ok;
      },
      { what: `${name} to be ready`, timeoutMs: 30_000, everyMs: 100 },
    ).catch((error: unknown) => {
      throw new Error(`${name} did not become ready:\n${running.log().slice(-3_000)}`, { cause: error });
    });
    return running;
  }

  const stop = async () => {
    await Promise.all(
      processes.map(
        ({ child }) =>
          new Promise<void>((resolve) => {
            if (!isRunning(child)) return resolve();
            child.once('exit', () => resolve());
            child.kill('SIGTERM');
          }),
      ),
    );
    await database.end();
    await sandbox.close();
    await redis.stop();
    await store.drop();
  };
  try {
    for (const name of options.services ?? SERVICES) await start(name);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, sandbox, redis, database, processes, start, stop };
}

/**
 * Signs a person in as a browser does, over HTTP: to the consent page, through it, and back. Answers the
 * cookie.
 *
 * @param reach where an address is reached from here, when it is not by its name.
 */
export async function signIn(
  system: Pick<System, 'url'>,
  personId: string,
  reach: (address: string) => string = (address) => address,
): Promise<string> {
  const login = await fetch(`${system.url}/auth/login`, { redirect: 'manual' });
  const cookie = (login.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const consent = await fetch(reach(login.headers.get('location') ?? ''), {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ person: personId, decision: 'approve' }),
  });
  const back = await fetch(consent.headers.get('location') ?? '', {
    redirect: 'manual',
    headers: { cookie, accept: 'text/html' },
  });
  const session = (back.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  if (back.status !== 302 || session === '')
    throw new Error(`sign-in of ${personId}: ${back.status} ${await back.text()}`);
  return session;
}
