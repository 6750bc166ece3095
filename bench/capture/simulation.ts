import { randomBytes } from 'node:crypto';
import {
  claimDue,
  createDatabase,
  type Database,
  markWatched,
  nextDueAt,
  type Reading,
  saveConsent,
  signInUser,
  startCapture,
} from '@spindle/db';
import type { Processor, QueueName } from '@spindle/queues';
import {
  closeRedis,
  createRedis,
  createTokenBox,
  ManualClock,
  RetryLater,
  silentLogger,
  type TokenKey,
} from '@spindle/service-kit';
import { createHttp, createOAuth, SCOPES } from '@spindle/spotify';
import {
  approveConsent,
  createSandbox,
  type PersonOptions,
  type Sandbox,
  type SandboxOptions,
} from '@spindle/spotify-sandbox';
import { createSyncContext, type SyncContext } from '@spindle/sync-worker/context';
import { handlers } from '@spindle/sync-worker/handlers';

export interface SimulationOptions {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** Epoch ms at which the simulation begins. */
  readonly startMs: number;
  readonly people: readonly PersonOptions[];
  /** 0: no limit of our own. */
  readonly dailyAllowance: number;
  readonly sandbox?: SandboxOptions;
}

/** What a reading of a player showed, from then on. */
export interface Shown {
  readonly at: number;
  readonly userId: number;
  readonly itemId: string | null;
}

/** Somebody looks at a listener's player. */
export interface Watch {
  readonly userId: number;
  readonly from: number;
  readonly to: number;
}

/** Something that happens at a moment of the simulation. */
export interface SimulatedEvent {
  readonly at: number;
  readonly run: () => Promise<void>;
}

export interface Simulation {
  readonly clock: ManualClock;
  readonly db: Database;
  readonly sandbox: Sandbox;
  /** Every reading of a player, in order. */
  readonly shown: readonly Shown[];
  /** Readings that failed, by what they threw; waiting for quota is no failure. */
  readonly failures: ReadonlyMap<string, number>;
  /** Signs a person in through the sandbox's consent page and starts their capture. */
  signIn(personId: string): Promise<number>;
  /** Lets time pass until `endMs`: every reading that is due, every event, every watch. */
  run(endMs: number, events?: readonly SimulatedEvent[], watches?: readonly Watch[]): Promise<void>;
  close(): Promise<void>;
}

const APP = { id: 'bench', clientId: 'bench-client', clientSecret: 'bench-secret', account: 'developer' };
const REDIRECT = 'http://127.0.0.1/auth/callback';
/** A page that shows a player says so this often, and each time it holds a little longer. */
const WATCH_EVERY_MS = 60_000;
const WATCH_HOLDS_MS = 90_000;
const WATCH_STALE_MS = 5_000;
const LEASE_MS = 60_000;
/** The dispatcher looks for due readings this often. */
const TICK_MS = 1_000;
const AT_ONCE = 12;

/** Watches as the gateway tells of them: a mark at once and then every minute. */
function watchEvents(db: Database, clock: ManualClock, watches: readonly Watch[]): SimulatedEvent[] {
  return watches.flatMap(({ userId, from, to }) => {
    const events: SimulatedEvent[] = [];
    for (let at = from; at < to; at += WATCH_EVERY_MS) {
      const until = new Date(Math.min(at + WATCH_HOLDS_MS, to));
      events.push({
        at,
        run: () => markWatched(db, userId, { now: clock.now(), until, staleMs: WATCH_STALE_MS }),
      });
    }
    return events;
  });
}

/** Runs one reading as the worker would, without a queue between. */
async function runReading(context: SyncContext, reading: Reading, userId: number): Promise<void> {
  const processor = handlers[reading] as Processor<SyncContext, 'sync' & QueueName, 'history'>;
  const job: Parameters<typeof processor>[2] = {
    id: `sync.${reading}-${userId}`,
    name: reading,
    requestId: 'bench',
    ownerId: undefined,
    attempt: 1,
    maxAttempts: 1,
    log: context.logger,
    signal: new AbortController().signal,
    progress: async () => {},
    takeTurns: async () => {},
    fanOut: () => Promise.reject(new Error('a reading has no children')),
  };
  await processor(context, { userId, reason: 'scheduled' }, job);
}

/**
 * The real scheduler, governor, client and ingest in simulated time: steps from one due reading to the
 * next through the same functions that the worker runs, against the sandbox over real HTTP.
 */
export async function createSimulation(options: SimulationOptions): Promise<Simulation> {
  const clock = new ManualClock(options.startMs);
  const sandbox = await createSandbox({
    ...options.sandbox,
    clock,
    people: [...options.people],
    apps: [
      {
        clientId: APP.clientId,
        clientSecret: APP.clientSecret,
        redirectUris: [REDIRECT],
        allowList: options.people.slice(0, 5).map((person) => person.id),
      },
    ],
  });
  const db = createDatabase({ url: options.databaseUrl, poolSize: 16 });
  await db.pool.query('TRUNCATE users, tracks, albums, artists, play_contexts CASCADE');
  const redis = createRedis(options.redisUrl, 'general', silentLogger());
  const tokenKeys: TokenKey[] = [{ id: 'bench', key: randomBytes(32) }];
  const context = createSyncContext({
    publicUrl: 'http://spindle.test',
    db,
    redis,
    prefix: `{bench-${randomBytes(4).toString('hex')}}`,
    producer: { add: () => Promise.reject(new Error('a reading enqueues nothing')) },
    live: { publish: async () => {} },
    clock,
    logger: silentLogger(),
    tokenKeys,
    spotify: {
      apps: [APP],
      dailyAllowance: options.dailyAllowance,
      accountsUrl: sandbox.accountsUrl,
      apiUrl: sandbox.apiUrl,
    },
  });
  const oauth = createOAuth({
    http: createHttp(),
    accountsUrl: sandbox.accountsUrl,
    nowMs: () => clock.nowMs(),
  });
  const personOf = new Map<number, string>();
  const shown: Shown[] = [];
  const failures = new Map<string, number>();

  async function read(reading: Reading, userId: number): Promise<void> {
    try {
      await runReading(context, reading, userId);
    } catch (error) {
      if (error instanceof RetryLater) return;
      const name = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      failures.set(name, (failures.get(name) ?? 0) + 1);
      return;
    }
    if (reading === 'history') return;
    const { rows } = await db.pool.query<{ item: string | null }>(
      `SELECT t.spotify_id AS item FROM now_playing n LEFT JOIN tracks t ON t.id = n.track_id WHERE n.user_id = $1`,
      [userId],
    );
    shown.push({ at: clock.nowMs(), userId, itemId: rows[0]?.item ?? null });
  }

  async function readDue(): Promise<void> {
    for (const reading of ['playback', 'history'] satisfies Reading[]) {
      for (;;) {
        const due = await claimDue(db, reading, clock.now(), { limit: AT_ONCE, leaseMs: LEASE_MS });
        await Promise.all(due.map((userId) => read(reading, userId)));
        if (due.length < AT_ONCE) break;
      }
    }
  }

  return {
    clock,
    db,
    sandbox,
    shown,
    failures,
    async signIn(personId) {
      const code = await approveConsent(sandbox.accountsUrl, {
        clientId: APP.clientId,
        redirectUri: REDIRECT,
        scopes: SCOPES,
        personId: personId,
      });
      const tokens = await oauth.exchangeCode(APP, { code, redirectUri: REDIRECT });
      const userId = await db.transaction(async (tx) => {
        const account = { accountId: personId, spotifyId: personId, displayName: personId, imageUrl: null };
        const outcome = await signInUser(tx, account, clock.now());
        if (!outcome.ok) throw new Error(`sign-in of ${personId}: ${outcome.reason}`);
        const consented = { appId: APP.id, tokens, authorizedAt: clock.now() };
        await saveConsent(tx, createTokenBox(tokenKeys), outcome.userId, consented);
        await startCapture(tx, outcome.userId, clock.now());
        return outcome.userId;
      });
      personOf.set(userId, personId);
      return userId;
    },
    async run(endMs, events = [], watches = []) {
      const agenda = [...events, ...watchEvents(db, clock, watches)].sort((a, b) => a.at - b.at);
      let next = 0;
      while (clock.nowMs() < endMs) {
        const due = (await nextDueAt(db))?.getTime() ?? Number.POSITIVE_INFINITY;
        const tick = Math.ceil(due / TICK_MS) * TICK_MS;
        const at = Math.min(
          Math.max(tick, clock.nowMs()),
          agenda[next]?.at ?? Number.POSITIVE_INFINITY,
          endMs,
        );
        clock.set(Math.max(at, clock.nowMs()));
        while (next < agenda.length && (agenda[next]?.at ?? 0) <= clock.nowMs()) {
          await agenda[next]?.run();
          next += 1;
        }
        await readDue();
      }
    },
    async close() {
      await sandbox.close();
      await closeRedis(redis);
      await db.close();
    },
  };
}
