import { createHash } from 'node:crypto';
import type { ImportView, LiveEventName } from '@spindle/contracts';
import {
  addImportFile,
  appendChunk,
  CHUNK_BYTES,
  createDatabase,
  createImport,
  type Database,
  finishFile,
  getImport,
  lockHistory,
  noteImportJob,
  queueImport,
  recountHistory,
  sourcesIn,
} from '@spindle/db';
import {
  createLivePublisher,
  createProducer,
  createQueueMetrics,
  createWorker,
  liveAdapterOptions,
  type Producer,
  type QueueWorker,
} from '@spindle/queues';
import { closeRedis, createMetrics, createRedis, ManualClock, silentLogger } from '@spindle/service-kit';
import { createTestDatabase, testRedis, waitFor } from '@spindle/testkit';
import { type ArchiveLimits, DEFAULT_LIMITS } from '../../src/archive/limits.ts';
import { handlers } from '../../src/handlers.ts';
import type { Row } from './export-rows.ts';

/** Now, for every test of this worker. */
export const NOW_MS = Date.UTC(2026, 10, 2, 8);

/** A file to upload: rows become a JSON list. */
export type UploadedFile = readonly [name: string, content: readonly Row[] | string | Buffer];

export interface StoredListen {
  readonly name: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly msPlayed: number | null;
  readonly flags: number;
  readonly sources: readonly string[];
}

const bytesOf = (content: UploadedFile[1]): Buffer =>
  Buffer.from(typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content));

/** The import worker on real PostgreSQL and Redis; uploads come in as the gateway stores them. */
export class ImportRig {
  readonly clock = new ManualClock(NOW_MS);
  readonly db: Database;
  readonly producer: Producer;
  readonly redis: ReturnType<typeof createRedis>;
  readonly environment: Readonly<Record<'DATABASE_URL' | 'REDIS_URL' | 'QUEUE_PREFIX', string>>;
  readonly #drop: () => Promise<void>;
  readonly #workers: QueueWorker[] = [];
  #listeners = 0;

  private constructor(store: { url: string; drop: () => Promise<void> }) {
    const { url, prefix } = testRedis();
    const logger = silentLogger();
    this.environment = { DATABASE_URL: store.url, REDIS_URL: url, QUEUE_PREFIX: prefix };
    this.#drop = store.drop;
    this.db = createDatabase({ url: store.url, poolSize: 8 });
    this.redis = createRedis(url, 'general', logger);
    this.producer = createProducer({ redisUrl: url, prefix, clock: this.clock, logger });
  }

  static async start(): Promise<ImportRig> {
    return new ImportRig(await createTestDatabase());
  }

  /** Starts a worker inside this process. */
  async work(limits: Partial<ArchiveLimits> = {}): Promise<void> {
    const { REDIS_URL: redisUrl, QUEUE_PREFIX: prefix } = this.environment;
    const logger = silentLogger();
    const { db, clock, redis } = this;
    const live = createLivePublisher({ redis, prefix, logger });
    const metrics = createQueueMetrics(createMetrics('test'));
    const context = { db, live, clock, limits: { ...DEFAULT_LIMITS, ...limits } };
    const options = { redisUrl, prefix, concurrency: 2, logger, clock, metrics, live };
    const worker = createWorker('imports', handlers, context, options);
    this.#workers.push(worker);
    await worker.ready();
  }

  async listener(displayName: string, timeZone = 'UTC'): Promise<number> {
    this.#listeners += 1;
    const name = `listener-${this.#listeners}`;
    const data = { accountId: name, spotifyId: name, handle: name, displayName, timeZone };
    return (await this.db.prisma.user.create({ data })).id;
  }

  /** Stores an upload and queues it. Answers the ids of the import and of its job. */
  async upload(userId: number, ...files: UploadedFile[]): Promise<{ importId: number; jobId: string }> {
    const importId = await createImport(this.db, userId, this.clock.now());
    for (const [name, content] of files) {
      const bytes = bytesOf(content);
      const fileId = await addImportFile(this.db, importId, { name });
      for (let at = 0; at < bytes.length; at += CHUNK_BYTES)
        await appendChunk(this.db, fileId, at / CHUNK_BYTES, bytes.subarray(at, at + CHUNK_BYTES));
      const sha256 = createHash('sha256').update(bytes).digest();
      await finishFile(this.db, fileId, { bytes: bytes.length, sha256 });
    }
    await queueImport(this.db, importId);
    const options = { ownerId: userId, requestId: 'test' };
    const { id: jobId } = await this.producer.add('imports', 'import', { importId }, options);
    await noteImportJob(this.db, importId, jobId);
    return { importId, jobId };
  }

  /** The import once it has ended. */
  ended(userId: number, importId: number, timeoutMs = 20_000): Promise<ImportView> {
    const look = async () => {
      const view = await getImport(this.db, userId, importId);
      return view && ['succeeded', 'failed', 'undone'].includes(view.status) ? view : null;
    };
    return waitFor(look, { what: `the end of import ${importId}`, timeoutMs, everyMs: 5 });
  }

  /** Uploads, waits for the end. */
  async import(userId: number, ...files: UploadedFile[]): Promise<ImportView> {
    const { importId } = await this.upload(userId, ...files);
    return this.ended(userId, importId);
  }

  /** The stored plays of a listener, oldest first. */
  async plays(userId: number): Promise<StoredListen[]> {
    const rows = await this.db.prisma.play.findMany({
      where: { userId },
      include: { track: { select: { name: true } } },
      orderBy: [{ endedAt: 'asc' }, { playedAt: 'asc' }],
    });
    return rows.map((play) => ({
      name: play.track.name,
      startedAt: play.playedAt.getTime(),
      endedAt: play.endedAt.getTime(),
      msPlayed: play.msPlayed,
      flags: play.flags,
      sources: sourcesIn(play.seenBy),
    }));
  }

  /** The rollups as kept, and as a recount of the plays has them. */
  async rollups(userId: number): Promise<{ kept: unknown[]; recounted: unknown[] }> {
    const read = async (): Promise<unknown[]> => {
      const periods = `SELECT grain, kind, period::text, item_id, plays, ms_played::text, ms_assumed::text,
                              first_day::text, last_day::text
                         FROM play_periods WHERE user_id = $1 ORDER BY grain, kind, period, item_id`;
      const sessions = `SELECT started_at, ended_at, plays, ms_played::text, ms_assumed::text
                          FROM listening_sessions WHERE user_id = $1 ORDER BY started_at`;
      const both = [periods, sessions].map((sql) => this.db.pool.query(sql, [userId]));
      return (await Promise.all(both)).flatMap(({ rows }) => rows);
    };
    const kept = await read();
    await this.db.transaction(async (tx) => {
      await lockHistory(tx, userId);
      await recountHistory(tx, userId, this.clock.now());
    });
    return { kept, recounted: await read() };
  }

  /** The data of the live events of one name, oldest first. */
  async liveEvents(name: LiveEventName): Promise<unknown[]> {
    const { streamName } = liveAdapterOptions(this.environment.QUEUE_PREFIX);
    const entries = await this.redis.xrange(streamName, '-', '+');
    return entries
      .map(([, fields]) => JSON.parse(fields[fields.indexOf('data') + 1] ?? '{}').packet.data)
      .filter(([event]) => event === name)
      .map(([, data]) => data);
  }

  async stop(): Promise<void> {
    for (const worker of this.#workers) await worker.close();
    await this.producer.close();
    await closeRedis(this.redis);
    await this.db.close();
    await this.#drop();
  }
}
