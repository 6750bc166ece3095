import { randomBytes } from 'node:crypto';
import type { LiveEventName } from '@spindle/contracts';
import { createDatabase, type Database, nextDueAt, type Reading, sourcesIn } from '@spindle/db';
import {
  createLivePublisher,
  createProducer,
  createQueueMetrics,
  createWorker,
  type JobName,
  type JobView,
  liveAdapterOptions,
  type PayloadOf,
  type Producer,
  type QueueWorker,
} from '@spindle/queues';
import {
  closeRedis,
  createMetrics,
  createRedis,
  createTokenBox,
  ManualClock,
  silentLogger,
  type TokenKey,
} from '@spindle/service-kit';
import { createHttp, createOAuth } from '@spindle/spotify';
import {
  createSandbox,
  type PersonOptions,
  type Sandbox,
  type SandboxOptions,
} from '@spindle/spotify-sandbox';
import { createTestDatabase, testRedis, waitFor } from '@spindle/testkit';
import { createSyncContext, type SyncContext, type SyncContextParts } from '../../src/context.ts';
import { handlers } from '../../src/handlers.ts';
import { REDIRECT, signIn } from './sign-in.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
/** A Monday, 08:00 UTC. */
export const START_MS = Date.UTC(2026, 10, 2, 8);

export const APP = { id: 'main', clientId: 'test-client', clientSecret: 'test-secret', account: 'developer' };

/** Plays appear a second after they ended, all of them, unless a test asks for less. */
export const PROMPT = { lagMedianMs: 1_000, lagSpread: 0, longLagChance: 0, lossChance: 0 };

export interface RigOptions {
  /** People who do nothing until a script tells them to. */
  readonly people: readonly (string | PersonOptions)[];
  readonly sandbox?: SandboxOptions;
  /** Calls in 24 h of our own governor; 0 (unless told): no limit. */
  readonly dailyAllowance?: number;
  /** Whether plays may be passed on to servers of a test; unless told they may not. */
  readonly relayAllowPrivate?: boolean;
}

export interface StoredListen {
  readonly spotifyId: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly msPlayed: number | null;
  readonly sources: readonly string[];
}

export interface LiveMessage {
  readonly event: LiveEventName;
  readonly rooms: readonly string[];
  // biome-ignore lint/suspicious/noExplicitAny: tests look into events of every kind
  readonly data: any;
}

/**
 * The worker as it runs, on real PostgreSQL and Redis, against the sandbox over HTTP; only the clock is
 * moved by hand. Jobs go through the queue, the due times through PostgreSQL.
 */
export class Rig {
  readonly clock: ManualClock;
  readonly sandbox: Sandbox;
  readonly db: Database;
  readonly producer: Producer;
  readonly context: SyncContext;
  /** What another worker process would need to work beside this one. */
  readonly parts: SyncContextParts;
  readonly databaseUrl: string;
  readonly prefix: string;
  readonly #worker: QueueWorker;
  readonly #drop: () => Promise<void>;

  private constructor(
    parts: SyncContextParts & { clock: ManualClock; producer: Producer },
    sandbox: Sandbox,
    worker: QueueWorker,
    context: SyncContext,
    store: { url: string; drop: () => Promise<void> },
  ) {
    this.parts = parts;
    this.clock = parts.clock;
    this.db = parts.db;
    this.prefix = parts.prefix;
    this.producer = parts.producer;
    this.sandbox = sandbox;
    this.context = context;
    this.databaseUrl = store.url;
    this.#worker = worker;
    this.#drop = store.drop;
  }

  static async start(options: RigOptions): Promise<Rig> {
    const clock = new ManualClock(START_MS);
    const people = options.people.map((one): PersonOptions => {
      const person = typeof one === 'string' ? { id: one } : one;
      return { listening: 'quiet', historyDays: 0, ...person };
    });
    const sandbox = await createSandbox({
      mode: 'extended',
      rateLimit: null,
      quota: null,
      recentlyPlayed: PROMPT,
      ...options.sandbox,
      clock,
      people,
      apps: [{ clientId: APP.clientId, clientSecret: APP.clientSecret, redirectUris: [REDIRECT] }],
    });
    const store = await createTestDatabase();
    const { url: redisUrl, prefix } = testRedis();
    const logger = silentLogger();
    const db = createDatabase({ url: store.url, poolSize: 12 });
    const redis = createRedis(redisUrl, 'general', logger);
    const producer = createProducer({ redisUrl, prefix, clock, logger });
    const live = createLivePublisher({ redis, prefix, logger });
    const tokenKeys: TokenKey[] = [{ id: 'test', key: randomBytes(32) }];
    const parts = {
      publicUrl: 'http://spindle.test',
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
        dailyAllowance: options.dailyAllowance ?? 0,
        accountsUrl: sandbox.accountsUrl,
        apiUrl: sandbox.apiUrl,
        windowLimit: 10_000,
      },
      ...(options.relayAllowPrivate && { relayAllowPrivate: true }),
    };
    const context = createSyncContext(parts);
    const worker = createWorker('sync', handlers, context, {
      redisUrl,
      prefix,
      concurrency: 8,
      logger,
      clock,
      metrics: createQueueMetrics(createMetrics('test')),
      live,
    });
    await worker.ready();
    return new Rig(parts, sandbox, worker, context, store);
  }

  signIn(personId: string, scopes?: readonly string[]): Promise<number> {
    const { accountsUrl } = this.sandbox;
    return signIn(personId, {
      sandbox: this.sandbox,
      db: this.db,
      oauth: createOAuth({ http: createHttp(), accountsUrl, nowMs: () => this.clock.nowMs() }),
      box: createTokenBox(this.parts.tokenKeys),
      app: APP,
      now: () => this.clock.now(),
      ...(scopes ? { scopes } : {}),
    });
  }

  /** Runs one job through the queue and waits for its end, or for its being put off. */
  async run<J extends JobName<'sync'>>(job: J, payload: PayloadOf<'sync', J>): Promise<JobView> {
    const { id } = await this.producer.add('sync', job, payload, { requestId: 'test' });
    return waitFor(
      async () => {
        const view = await this.producer.get(id);
        return view && ['succeeded', 'failed', 'waiting'].includes(view.state) ? view : null;
      },
      { what: `the end of ${job}`, timeoutMs: 15_000, everyMs: 5 },
    );
  }

  /** Reads somebody at once, as when they ask for it. */
  read(reading: Reading, userId: number): Promise<JobView> {
    return this.run(reading, { userId, reason: 'request' });
  }

  /** One tick of the dispatcher and everything that comes of it. */
  async tick(): Promise<void> {
    await this.producer.add('sync', 'dispatch-due', {}, { requestId: 'tick' });
    await this.idle();
  }

  /** Waits until no job is left that may run now. */
  async idle(): Promise<void> {
    await waitFor(
      async () => {
        const sync = (await this.producer.counts()).find((one) => one.queue === 'sync');
        return sync !== undefined && sync.counts.queued === 0 && sync.counts.running === 0;
      },
      { what: 'an idle queue', timeoutMs: 15_000, everyMs: 5 },
    );
  }

  /** Lets time pass until `endMs`, stepping from one due reading to the next. */
  async runUntil(endMs: number): Promise<void> {
    for (;;) {
      const due = (await nextDueAt(this.db))?.getTime() ?? Number.POSITIVE_INFINITY;
      if (due > endMs) break;
      this.clock.set(Math.max(due, this.clock.nowMs()));
      await this.tick();
    }
    this.clock.set(endMs);
  }

  /** The stored plays of a listener, oldest first. */
  async plays(userId: number): Promise<StoredListen[]> {
    const { rows } = await this.db.pool.query<{
      spotify_id: string;
      played_at: Date;
      ended_at: Date;
      ms_played: number | null;
      seen_by: number;
    }>(
      `SELECT t.spotify_id, p.played_at, p.ended_at, p.ms_played, p.seen_by
         FROM plays p JOIN tracks t ON t.id = p.track_id WHERE p.user_id = $1 ORDER BY p.ended_at`,
      [userId],
    );
    return rows.map((row) => ({
      spotifyId: row.spotify_id,
      startedAt: row.played_at.getTime(),
      endedAt: row.ended_at.getTime(),
      msPlayed: row.ms_played,
      sources: sourcesIn(row.seen_by),
    }));
  }

  /** What recently-played has shown of a person, as `track@end`. */
  offered(personId: string): string[] {
    return this.sandbox.groundTruth
      .offeredPlays(personId)
      .map((play) => `${play.itemId}@${play.playedAtMs}`)
      .sort();
  }

  /** The live events that were sent, oldest first. */
  async liveMessages(event?: LiveEventName): Promise<LiveMessage[]> {
    const entries = await this.parts.redis.xrange(liveAdapterOptions(this.prefix).streamName, '-', '+');
    return entries
      .map(([, fields]) => {
        const message = JSON.parse(fields[fields.indexOf('data') + 1] ?? '{}');
        return { event: message.packet.data[0], rooms: message.opts.rooms, data: message.packet.data[1] };
      })
      .filter((message) => event === undefined || message.event === event);
  }

  async close(): Promise<void> {
    await this.#worker.close();
    await this.producer.close();
    await closeRedis(this.parts.redis);
    await this.db.close();
    await this.sandbox.close();
    await this.#drop();
  }
}

/** Plays as `track@end`, the form of {@link Rig.offered}. */
export const keysOf = (plays: readonly StoredListen[]): string[] =>
  plays.map((play) => `${play.spotifyId}@${play.endedAt}`).sort();
