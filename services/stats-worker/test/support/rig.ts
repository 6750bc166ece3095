import { randomBytes } from 'node:crypto';
import { createDatabase, type Database, saveConsent, signInUser } from '@spindle/db';
import {
  createLivePublisher,
  createProducer,
  createQueueMetrics,
  createWorker,
  isFinished,
  type JobName,
  type JobView,
  type PayloadOf,
  type Producer,
} from '@spindle/queues';
import {
  type Clock,
  closeRedis,
  createMetrics,
  createRedis,
  createTokenBox,
  silentLogger,
  type TokenKey,
} from '@spindle/service-kit';
import { createHttp, createOAuth, SCOPES } from '@spindle/spotify';
import { approveConsent, createSandbox, type Sandbox } from '@spindle/spotify-sandbox';
import { createTestDatabase, testRedis, waitFor } from '@spindle/testkit';
import { createStatsContext } from '../../src/context.ts';
import { handlers } from '../../src/handlers.ts';

const REDIRECT = 'http://127.0.0.1/auth/callback';
const APP = { id: 'main', clientId: 'test-client', clientSecret: 'test-secret', account: 'developer' };

interface Parts<C extends Clock> {
  readonly clock: C;
  readonly sandbox: Sandbox;
  readonly db: Database;
  readonly producer: Producer;
  readonly tokenKeys: readonly TokenKey[];
  readonly close: () => Promise<void>;
}

/** The worker as it runs, on real PostgreSQL and Redis, against the sandbox over HTTP. */
export class Rig<C extends Clock> {
  readonly clock: C;
  readonly sandbox: Sandbox;
  readonly db: Database;
  readonly producer: Producer;
  readonly #tokenKeys: readonly TokenKey[];
  readonly #close: () => Promise<void>;

  private constructor(parts: Parts<C>) {
    this.clock = parts.clock;
    this.sandbox = parts.sandbox;
    this.db = parts.db;
    this.producer = parts.producer;
    this.#tokenKeys = parts.tokenKeys;
    this.#close = parts.close;
  }

  /** @param people of the sandbox; they listen to nothing and like nothing by themselves. */
  static async start<C extends Clock>(clock: C, people: readonly string[]): Promise<Rig<C>> {
    const sandbox = await createSandbox({
      rateLimit: null,
      quota: null,
      clock,
      people: people.map((id) => ({ id, listening: 'quiet' as const, historyDays: 0, likedSongs: 0 })),
      apps: [{ clientId: APP.clientId, clientSecret: APP.clientSecret, redirectUris: [REDIRECT] }],
    });
    const store = await createTestDatabase();
    const { url: redisUrl, prefix } = testRedis();
    const logger = silentLogger();
    const redis = createRedis(redisUrl, 'general', logger);
    const tokenKeys: TokenKey[] = [{ id: 'test', key: randomBytes(32) }];
    const db = createDatabase({ url: store.url, poolSize: 8 });
    const live = createLivePublisher({ redis, prefix, logger });
    const producer = createProducer({ redisUrl, prefix, clock, logger });
    const context = createStatsContext({
      db,
      redis,
      prefix,
      producer,
      live,
      clock,
      logger,
      tokenKeys,
      spotify: {
        apps: [APP],
        dailyAllowance: 0,
        windowLimit: 100_000,
        accountsUrl: sandbox.accountsUrl,
        apiUrl: sandbox.apiUrl,
      },
    });
    const worker = createWorker('stats', handlers, context, {
      redisUrl,
      prefix,
      concurrency: 4,
      drainMs: 0,
      logger,
      clock,
      live,
      metrics: createQueueMetrics(createMetrics('test')),
    });
    await worker.ready();
    const close = async () => {
      await worker.close();
      await producer.close();
      await closeRedis(redis);
      await db.close();
      await sandbox.close();
      await store.drop();
    };
    return new Rig({ clock, sandbox, db, producer, tokenKeys, close });
  }

  /** Signs a person of the sandbox in; their user id. */
  async signIn(personId: string, timeZone = 'UTC'): Promise<number> {
    const { accountsUrl } = this.sandbox;
    const code = await approveConsent(accountsUrl, {
      clientId: APP.clientId,
      redirectUri: REDIRECT,
      scopes: SCOPES,
      personId: personId,
    });
    const oauth = createOAuth({ http: createHttp(), accountsUrl, nowMs: () => this.clock.nowMs() });
    const tokens = await oauth.exchangeCode(APP, { code, redirectUri: REDIRECT });
    const userId = await this.db.transaction(async (tx) => {
      const account = { accountId: personId, spotifyId: personId, displayName: personId, imageUrl: null };
      const outcome = await signInUser(tx, account, this.clock.now());
      if (!outcome.ok) throw new Error(`sign-in of ${personId}: ${outcome.reason}`);
      const consented = { appId: APP.id, tokens, authorizedAt: this.clock.now() };
      await saveConsent(tx, createTokenBox(this.#tokenKeys), outcome.userId, consented);
      return outcome.userId;
    });
    await this.db.prisma.user.update({ where: { id: userId }, data: { timeZone } });
    return userId;
  }

  /** Likes that many tracks of the catalogue, the one at `from` first. */
  like(personId: string, count: number, from = 0): void {
    const ids = this.sandbox.catalogue.tracks.slice(from, from + count).map((track) => track.id);
    const at = this.clock.nowMs() - 86_400_000;
    for (const [index, id] of ids.entries()) this.sandbox.control.like(personId, [id], at + index * 1_000);
  }

  async add<J extends JobName<'stats'>>(job: J, payload: PayloadOf<'stats', J>): Promise<string> {
    return (await this.producer.add('stats', job, payload, { requestId: 'test' })).id;
  }

  /** Carries a job out, to its end. */
  async run<J extends JobName<'stats'>>(job: J, payload: PayloadOf<'stats', J>): Promise<JobView> {
    const id = await this.add(job, payload);
    return waitFor(
      async () => {
        const view = await this.producer.get(id);
        return view && isFinished(view) ? view : null;
      },
      { what: `the end of ${job}`, timeoutMs: 20_000, everyMs: 10 },
    );
  }

  /** Calls to the Web API since they were last counted. */
  calls(): number {
    const count = this.sandbox.control.callCount({ pathPrefix: '/v1/' });
    this.sandbox.control.clearCalls();
    return count;
  }

  close(): Promise<void> {
    return this.#close();
  }
}
