import { createDatabase, type Database } from '@spindle/db';
import { createLivePublisher, type Handlers, type LivePublisher } from '@spindle/queues';
import { createLogger, type Environment, type RunningService, startService } from '@spindle/service-kit';
import { createSandbox, DEFAULT_APP } from '@spindle/spotify-sandbox';
import { createTestDatabase, freePort, type TestDatabase, testRedis } from '@spindle/testkit';
import { hashSync } from 'bcryptjs';
import { Redis } from 'ioredis';
import { type Gateway, start } from '../../src/start.ts';
import { Browser } from './browser.ts';
import { startTestWorker } from './test-worker.ts';

export type Sandbox = Awaited<ReturnType<typeof createSandbox>>;

export const CRON_SECRET = 'a-cron-secret-that-is-long-enough';
export const ADMIN_PASSWORD = 'correct horse battery staple';
export const SERVICE_SECRET = 'the-secret-of-a-program';

/** Two people who may use the app, and one who may not; nobody listens by themselves. */
const PEOPLE = [
  { id: 'ann', displayName: 'Ann Example', listening: 'quiet' as const },
  { id: 'bob', displayName: 'Bob Example', listening: 'quiet' as const },
];

export interface TestGateway {
  readonly url: string;
  /** What the gateway itself is built of. */
  readonly context: Gateway['context'];
  readonly db: Database;
  readonly redis: Redis;
  readonly sandbox: Sandbox;
  readonly live: LivePublisher;
  readonly environment: Environment;
  /** Every line that was logged so far. */
  logs(): string;
  browser(): Browser;
  /** A browser in which this person of the sandbox is signed in. */
  signedIn(person: string): Promise<Browser>;
  /** Runs a worker of the test's own until the end of the test file. */
  work(handlers: Partial<Handlers<null, 'sync'>>): Promise<void>;
  /** Stops the gateway itself; its database and the sandbox stay until `stop`. */
  stopServing(): Promise<void>;
  stop(): Promise<void>;
}

/** A real gateway on a free port, with a database of its own, and the sandbox in Spotify's place. */
export async function startGateway(
  overrides: Record<string, string> = {},
  options: { redisUrl?: string; people?: readonly string[]; store?: TestDatabase } = {},
): Promise<TestGateway> {
  const store = options.store ?? (await createTestDatabase());
  const shared = testRedis();
  const redisUrl = options.redisUrl ?? shared.url;
  const people = options.people?.map((id) => ({ id, displayName: id, listening: 'quiet' as const }));
  const sandbox = await createSandbox({ people: people ?? PEOPLE, rateLimit: null, quota: null });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const environment = {
    NODE_ENV: 'test',
    LOG_LEVEL: 'trace',
    PORT: String(port),
    PUBLIC_URL: url,
    DATABASE_URL: store.url,
    DATABASE_POOL_SIZE: '5',
    REDIS_URL: redisUrl,
    QUEUE_PREFIX: shared.prefix,
    SESSION_SECRET: 'a-session-secret-of-32-characters!',
    TOKEN_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
    JWT_SECRET: 'a-jwt-secret-of-at-least-32-characters',
    CRON_SECRET,
    ADMIN_PASSWORD_HASH: hashSync(ADMIN_PASSWORD, 4),
    SERVICE_CLIENTS: `backup:${hashSync(SERVICE_SECRET, 4)}`,
    SPOTIFY_CLIENT_ID: DEFAULT_APP.clientId,
    ...(DEFAULT_APP.clientSecret && { SPOTIFY_CLIENT_SECRET: DEFAULT_APP.clientSecret }),
    SPOTIFY_ACCOUNTS_URL: sandbox.accountsUrl,
    SPOTIFY_API_URL: sandbox.apiUrl,
    RATE_LIMIT_SCALE: '50',
    ...overrides,
  };
  const lines: string[] = [];
  const logger = createLogger({
    service: 'gateway',
    level: 'trace',
    destination: { write: (line: string) => void lines.push(line) },
  });
  let gateway: Gateway | undefined;
  const service: RunningService = await startService('gateway', async (scope) => {
    gateway = await start(scope, environment, { logger });
  }).catch(async (error: unknown) => {
    await sandbox.close();
    await store.drop();
    throw error;
  });
  if (!gateway) throw new Error('the gateway did not start');
  const db = createDatabase({ url: store.url, poolSize: 3 });
  const redis = new Redis(redisUrl);
  redis.on('error', () => {});
  const live = createLivePublisher({ redis, prefix: shared.prefix, logger });
  const closing: (() => Promise<unknown>)[] = [];

  return {
    url,
    context: gateway.context,
    db,
    redis,
    sandbox,
    live,
    environment,
    logs: () => lines.join(''),
    browser: () => new Browser(url),
    async signedIn(person) {
      const browser = new Browser(url);
      await browser.signIn(person);
      return browser;
    },
    async work(handlers) {
      const worker = await startTestWorker(environment, 'sync', handlers, { concurrency: 2, logger, live });
      closing.push(() => worker.close());
    },
    stopServing: () => service.stop('the test says so'),
    async stop() {
      for (const close of closing) await close();
      await service.stop('the test is over');
      redis.disconnect();
      await db.close();
      await sandbox.close();
      await store.drop();
    },
  };
}
