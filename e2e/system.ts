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
  type PostgresServer,
  prepareTemplate,
  type RedisServer,
  startPostgres,
  startRedis,
  type TestDatabase,
  waitFor,
} from '@spindle/testkit';
import pg from 'pg';
import { type Front, startFront } from '../bench/rooms/front.ts';
import { SERVICES } from '../tooling/services.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Processes of a large system that start side by side. */
const AT_ONCE = 4;
const APP = { clientId: 'e2e-client', clientSecret: 'e2e-secret' };

export type ServiceName = (typeof SERVICES)[number];

export interface SystemOptions {
  /** Simulated milliseconds for each real one; 1 unless told. */
  readonly speed?: number;
  /** What the simulated clock shows in the beginning, ms since 1970; the time of day unless told. */
  readonly beginMs?: number;
  readonly sandbox?: SandboxOptions;
  readonly environment?: Readonly<Record<string, string>>;
  /** What runs, all of them once unless told; one that is named several times is so many processes. */
  readonly services?: readonly ServiceName[];
  readonly webDist?: string;
  /** The address in the browser, when something stands before the gateways. */
  readonly publicUrl?: string;
  /** A PostgreSQL of its own that may be killed, with durable data; else the one of the run. */
  readonly ownPostgres?: boolean;
  /** How long a process may take until it is ready, real ms; 30 s unless told. */
  readonly readyMs?: number;
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
  /** Null where the run's is used. */
  readonly postgres: PostgresServer | null;
  readonly database: pg.Pool;
  /** What the processes were told. */
  readonly environment: Readonly<Record<string, string>>;
  /** All that ever ran, those that were killed too. */
  readonly processes: RunningProcess[];
  /**
   * Starts one more process of a service and waits until it is ready.
   *
   * @param port that of a process that has ended, to take its place
   */
  start(name: ServiceName, port?: number): Promise<RunningProcess>;
  /** Asks all processes to end, in their own time; the servers stay. */
  halt(): Promise<void>;
  stop(): Promise<void>;
}

export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const speed = options.speed ?? 1;
  const clockText = `${options.beginMs ?? Date.now()}@${Date.now()}x${speed}`;
  const services = options.services ?? SERVICES;
  // Several gateways stand behind a front, which has the one address.
  const isFronted = services.filter((name) => name === 'gateway').length > 1;
  const gatewayPorts: number[] = [];
  for (const name of services) if (name === 'gateway') gatewayPorts.push(await freePort());
  const publicPort = isFronted ? await freePort() : (gatewayPorts[0] ?? (await freePort()));
  const url = options.publicUrl ?? `http://127.0.0.1:${publicPort}`;
  const postgres = options.ownPostgres ? await startPostgres({ durable: true }) : null;
  if (postgres) await prepareTemplate(postgres.url);
  const store: TestDatabase = await createTestDatabase(postgres?.url);
  const redis = await startRedis();
  let front: Front | undefined;
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
    ...(isFronted ? { TRUST_PROXY: '1' } : {}),
    ...(options.webDist ? { WEB_DIST: options.webDist } : {}),
    ...options.environment,
  };

  async function start(name: ServiceName, place?: number): Promise<RunningProcess> {
    const port = place ?? (await freePort());
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
        if (hasEnded(child)) return true;
        return (await fetch(`http://127.0.0.1:${port}/readyz`)).ok;
      },
      { what: `${name} to be ready`, timeoutMs: options.readyMs ?? 30_000, everyMs: 100 },
    ).catch((error: unknown) => {
      // Nobody would know of it any more, and it would keep its port.
      child.kill('SIGKILL');
      throw new Error(`${name} did not become ready:\n${running.log().slice(-3_000)}`, { cause: error });
    });
    if (hasEnded(child)) throw new Error(`${name} ended:\n${running.log().slice(-3_000)}`);
    return running;
  }

  const halt = async () => {
    await Promise.all(
      processes.map(
        ({ child }) =>
          new Promise<void>((resolve) => {
            if (hasEnded(child)) return resolve();
            child.once('exit', () => resolve());
            child.kill('SIGTERM');
          }),
      ),
    );
  };
  const stop = async () => {
    await halt();
    await front?.stop();
    await database.end();
    await sandbox.close();
    await redis.stop();
    if (postgres) await postgres.stop();
    else await store.drop();
  };
  try {
    const gateways = [...gatewayPorts];
    const begin = (name: ServiceName) => start(name, name === 'gateway' ? gateways.shift() : undefined);
    // Many processes do not wait for one another; few are told apart better one after the other.
    if (isFronted)
      for (let at = 0; at < services.length; at += AT_ONCE)
        await Promise.all(services.slice(at, at + AT_ONCE).map(begin));
    else for (const name of services) await begin(name);
    // Whoever stands for many people says from which address each of them calls.
    if (isFronted) front = await startFront(gatewayPorts, publicPort, { TRUSTED_PROXIES: '127.0.0.1' });
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, sandbox, redis, postgres, database, environment, processes, start, halt, stop };
}

/** Whether a process is gone, by itself or killed. */
export const hasEnded = (child: ChildProcess): boolean =>
  child.exitCode !== null || child.signalCode !== null;

/**
 * Signs a person in as a browser does, over HTTP: to the consent page, through it, and back. Answers the
 * cookie.
 *
 * `reach` tells where an address is found from here, when it is not by its name; `headers` are sent to Spindle, too.
 */
export async function signIn(
  system: Pick<System, 'url'>,
  personId: string,
  {
    reach = (address) => address,
    headers = {},
  }: {
    readonly reach?: (address: string) => string;
    readonly headers?: Readonly<Record<string, string>>;
  } = {},
): Promise<string> {
  const login = await fetch(`${system.url}/auth/login`, { redirect: 'manual', headers });
  const cookie = (login.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const consent = await fetch(reach(login.headers.get('location') ?? ''), {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ person: personId, decision: 'approve' }),
  });
  const back = await fetch(consent.headers.get('location') ?? '', {
    redirect: 'manual',
    headers: { ...headers, cookie, accept: 'text/html' },
  });
  const session = (back.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  if (back.status !== 302 || session === '')
    throw new Error(`sign-in of ${personId}: ${back.status} ${await back.text()}`);
  return session;
}
