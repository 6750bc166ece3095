import { randomBytes } from 'node:crypto';
import { playlistRequestSchema, type ShuffleResult, shuffleResultSchema } from '@spindle/contracts';
import {
  createDatabase,
  createPlaylistOperation,
  type Database,
  type NewPlaylist,
  saveConsent,
  signInUser,
} from '@spindle/db';
import { sourceOf } from '@spindle/library';
import {
  createLivePublisher,
  createProducer,
  createQueueMetrics,
  createWorker,
  isFinished,
  type JobView,
  type Producer,
  type QueueWorker,
} from '@spindle/queues';
import {
  type Clock,
  type ClockScale,
  closeRedis,
  createMetrics,
  createRedis,
  createTokenBox,
  scaledClock,
  silentLogger,
  type TokenKey,
} from '@spindle/service-kit';
import { newSeed } from '@spindle/shuffle/seeded';
import { createHttp, createOAuth, SCOPES, type SpotifyCaller } from '@spindle/spotify';
import { approveConsent, createSandbox, type Sandbox, type SandboxOptions } from '@spindle/spotify-sandbox';
import { createTestDatabase, testRedis, waitFor } from '@spindle/testkit';
import type { z } from 'zod';
import { createPlaylistContext, type PlaylistContextParts } from '../../src/context.ts';
import { handlers } from '../../src/handlers.ts';
import type { MortalSettings } from './mortal-worker.ts';

const REDIRECT = 'http://127.0.0.1/auth/callback';
const APP = { id: 'main', clientId: 'test-client', clientSecret: 'test-secret', account: 'developer' };
type OperationJobName = 'top-playlist' | 'shuffle' | 'share-liked';
/** Waits of seconds pass in milliseconds. */
const SPEED = 100;

export interface OperationRow {
  readonly name: string;
  readonly playlistId: string | null;
  readonly status: string;
  readonly trackCount: number;
  readonly leftOut: unknown;
  readonly checkpoint: unknown;
  readonly failureCode: string | null;
  readonly finishedAt: Date | null;
}

/**
 * The worker as it runs, on real PostgreSQL and Redis, against the sandbox over HTTP, on a clock that
 * runs fast.
 */
export class Rig {
  readonly clock: Clock;
  readonly sandbox: Sandbox;
  readonly db: Database;
  readonly producer: Producer;
  readonly #parts: PlaylistContextParts;
  readonly #redisUrl: string;
  readonly #databaseUrl: string;
  readonly #scale: ClockScale;
  readonly #drop: () => Promise<void>;
  #worker: QueueWorker | undefined;

  private constructor(
    parts: PlaylistContextParts,
    sandbox: Sandbox,
    producer: Producer,
    places: { redisUrl: string; databaseUrl: string; scale: ClockScale; drop: () => Promise<void> },
  ) {
    this.#parts = parts;
    this.clock = parts.clock;
    this.db = parts.db;
    this.sandbox = sandbox;
    this.producer = producer;
    this.#redisUrl = places.redisUrl;
    this.#databaseUrl = places.databaseUrl;
    this.#scale = places.scale;
    this.#drop = places.drop;
  }

  static async start(
    people: readonly string[],
    options: SandboxOptions = {},
    spotify: { readonly dailyAllowance: number } = { dailyAllowance: 0 },
  ): Promise<Rig> {
    const scale = { simEpochMs: Date.UTC(2026, 10, 2, 8), wallOriginMs: Date.now(), speed: SPEED };
    const clock = scaledClock(scale);
    const sandbox = await createSandbox({
      rateLimit: null,
      quota: null,
      ...options,
      clock,
      people: people.map((id) => ({ id, listening: 'quiet' as const, historyDays: 0 })),
      apps: [{ clientId: APP.clientId, clientSecret: APP.clientSecret, redirectUris: [REDIRECT] }],
    });
    const store = await createTestDatabase();
    const { url: redisUrl, prefix } = testRedis();
    const logger = silentLogger();
    const redis = createRedis(redisUrl, 'general', logger);
    const tokenKeys: TokenKey[] = [{ id: 'test', key: randomBytes(32) }];
    const producer = createProducer({ redisUrl, prefix, clock, logger });
    const parts: PlaylistContextParts = {
      producer,
      db: createDatabase({ url: store.url, poolSize: 8 }),
      redis,
      prefix,
      live: createLivePublisher({ redis, prefix, logger }),
      clock,
      logger,
      tokenKeys,
      spotify: {
        apps: [APP],
        dailyAllowance: spotify.dailyAllowance,
        accountsUrl: sandbox.accountsUrl,
        apiUrl: sandbox.apiUrl,
      },
    };
    const rig = new Rig(parts, sandbox, producer, {
      redisUrl,
      databaseUrl: store.url,
      scale,
      drop: store.drop,
    });
    await rig.startWorker();
    return rig;
  }

  /** What a worker in a process of its own is told. */
  get mortal(): MortalSettings {
    const { prefix, tokenKeys, spotify } = this.#parts;
    return {
      databaseUrl: this.#databaseUrl,
      redisUrl: this.#redisUrl,
      prefix,
      scale: this.#scale,
      tokenKeys: tokenKeys.map(({ id, key }) => ({ id, key: Buffer.from(key).toString('base64') })),
      spotify,
    };
  }

  /** The queue as it is after Redis has lost everything. */
  async forgetQueue(): Promise<void> {
    const { redis, prefix } = this.#parts;
    const keys = await redis.keys(`${prefix}*`);
    if (keys.length > 0) await redis.del(...keys);
  }

  async startWorker(): Promise<void> {
    const { prefix, logger, clock, live } = this.#parts;
    this.#worker = createWorker('shuffle-playlist', handlers, createPlaylistContext(this.#parts), {
      redisUrl: this.#redisUrl,
      prefix,
      concurrency: 4,
      drainMs: 0,
      logger,
      clock,
      live,
      metrics: createQueueMetrics(createMetrics('test')),
    });
    await this.#worker.ready();
  }

  /** Stops the worker at once: jobs in hand are told to end and go back into the queue. */
  async stopWorker(): Promise<void> {
    await this.#worker?.close();
    this.#worker = undefined;
  }

  /** Signs a person of the sandbox in, with these scopes of Spotify; their user id. */
  async signIn(personId: string, scopes: readonly string[] = SCOPES): Promise<number> {
    const { accountsUrl } = this.sandbox;
    const code = await approveConsent(accountsUrl, {
      clientId: APP.clientId,
      redirectUri: REDIRECT,
      scopes: scopes,
      personId: personId,
    });
    const oauth = createOAuth({ http: createHttp(), accountsUrl, nowMs: () => this.clock.nowMs() });
    const tokens = await oauth.exchangeCode(APP, { code, redirectUri: REDIRECT });
    return this.db.transaction(async (tx) => {
      const account = { accountId: personId, spotifyId: personId, displayName: personId, imageUrl: null };
      const outcome = await signInUser(tx, account, this.clock.now());
      if (!outcome.ok) throw new Error(`sign-in of ${personId}: ${outcome.reason}`);
      const consented = { appId: APP.id, tokens, authorizedAt: this.clock.now() };
      await saveConsent(tx, createTokenBox(this.#parts.tokenKeys), outcome.userId, consented);
      return outcome.userId;
    });
  }

  /** Spotify as this listener's own client uses it. */
  as(userId: number): SpotifyCaller {
    return createPlaylistContext(this.#parts).spotify.as(userId, { lane: 'interactive' });
  }

  /** URIs of that many tracks of the catalogue that can be played. */
  uris(count: number, from = 0): string[] {
    const playable = this.sandbox.catalogue.tracks.filter((track) => track.playable);
    const uris = playable.slice(from, from + count).map((track) => track.uri);
    if (uris.length < count) throw new Error('the catalogue is too small');
    return uris;
  }

  async operation(userId: number, uris: readonly string[], more: Partial<NewPlaylist> = {}): Promise<number> {
    const playlist: NewPlaylist = {
      userId,
      sourceId: 'top-tracks:2026:plays',
      sourceName: 'Top tracks, 2026, by plays',
      mode: 'tops',
      seed: '',
      name: 'My 2026',
      uris,
      target: 'new',
      request: null,
      ...more,
    };
    return createPlaylistOperation(this.db.pool, playlist, this.clock.now());
  }

  /** An operation that was asked for, such as `{ kind: 'shuffle', playlistId: 'liked' }`. */
  async asked(
    userId: number,
    input: z.input<typeof playlistRequestSchema>,
    more: Partial<NewPlaylist> = {},
  ): Promise<number> {
    const request = playlistRequestSchema.parse(input);
    const playlist: NewPlaylist = {
      userId,
      sourceId: sourceOf(request),
      sourceName: 'A playlist',
      mode: request.kind === 'shuffle' ? request.mode : 'liked',
      seed: request.kind === 'shuffle' ? (request.seed ?? newSeed()) : '',
      name: request.name ?? 'A playlist',
      target: request.target,
      request,
      ...more,
    };
    return createPlaylistOperation(this.db.pool, playlist, this.clock.now());
  }

  async add(operationId: number, job: OperationJobName = 'top-playlist'): Promise<string> {
    const { id } = await this.producer.add(
      'shuffle-playlist',
      job,
      { operationId },
      { requestId: 'test', ownerId: 1 },
    );
    return id;
  }

  /** Shuffles, or shares, to the end. */
  async make(
    userId: number,
    input: z.input<typeof playlistRequestSchema>,
    more: Partial<NewPlaylist> = {},
  ): Promise<JobView & { readonly operationId: number }> {
    const operationId = await this.asked(userId, input, more);
    const job = await this.ended(await this.add(operationId, input.kind));
    return { ...job, operationId };
  }

  /** {@link make} where it must succeed. */
  async made(
    userId: number,
    input: z.input<typeof playlistRequestSchema>,
    more: Partial<NewPlaylist> = {},
  ): Promise<ShuffleResult & { readonly operationId: number }> {
    const job = await this.make(userId, input, more);
    if (job.state !== 'succeeded') throw new Error(`it failed: ${JSON.stringify(job.failure)}`);
    return { ...shuffleResultSchema.parse(job.result), operationId: job.operationId };
  }

  /** Calls to the Web API since the last time, by method and path. */
  calls(): string[] {
    const calls = this.sandbox.control.calls().filter((call) => call.path.startsWith('/v1'));
    this.sandbox.control.clearCalls();
    return calls.map((call) => `${call.method} ${call.path}`);
  }

  async ended(jobId: string): Promise<JobView> {
    return waitFor(
      async () => {
        const view = await this.producer.get(jobId);
        return view && isFinished(view) ? view : null;
      },
      { what: 'the end of the job', timeoutMs: 60_000, everyMs: 10 },
    );
  }

  /** Carries an operation out, to its end. */
  async run(operationId: number): Promise<JobView> {
    return this.ended(await this.add(operationId));
  }

  /** For half a minute after a change Spotify shows a passing snapshot, which makes a reader look again. */
  async untilSettled(): Promise<void> {
    const settledAt = this.clock.nowMs() + 31_000;
    await this.until(() => this.clock.nowMs() > settledAt, 'the snapshot to settle');
  }

  /** Waits for what a look gives, unless that is nothing. */
  until<T>(
    look: () => T | null | false | undefined | Promise<T | null | false | undefined>,
    what: string,
  ): Promise<T> {
    return waitFor(async () => look(), { what, timeoutMs: 30_000, everyMs: 2 });
  }

  row(operationId: number): Promise<OperationRow> {
    return this.db.prisma.shuffledPlaylist.findUniqueOrThrow({ where: { id: operationId } });
  }

  /** What a person likes, newest first, as far as it can be played. */
  liked(personId: string): string[] {
    return this.sandbox.groundTruth
      .likedSongs(personId)
      .flatMap(({ id }) => (this.sandbox.catalogue.track(id)?.playable ? [`spotify:track:${id}`] : []));
  }

  /** What a playlist really holds. */
  items(playlistId: string | null): (string | null)[] {
    return (this.sandbox.groundTruth.playlist(playlistId ?? '')?.items ?? []).map((item) => item.uri);
  }

  /** Ids of the playlists of this name in a person's library. */
  named(personId: string, name: string): string[] {
    return this.sandbox.groundTruth
      .playlists(personId)
      .filter((playlist) => playlist.name === name)
      .map((playlist) => playlist.id);
  }

  async close(): Promise<void> {
    await this.stopWorker();
    await this.producer.close();
    await closeRedis(this.#parts.redis);
    await this.db.close();
    await this.sandbox.close();
    await this.#drop();
  }
}
