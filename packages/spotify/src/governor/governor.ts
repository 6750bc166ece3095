import { createHash, randomUUID } from 'node:crypto';
import type { QuotaAccount } from '@spindle/contracts';
import { type Clock, RetryLater, type SpotifyApp } from '@spindle/service-kit';
import type { Redis } from 'ioredis';
import { Counter, type Registry } from 'prom-client';
import { FALLBACK_RETRY_S } from '../classify.ts';
import { QuotaExceeded, RateLimited } from '../errors.ts';
import type { Bucket } from './buckets.ts';
import { HISTORY_FLOOR, INTERACTIVE_RESERVE, LANES, type Lane, laneCeiling, WINDOW_SHARES } from './lanes.ts';
import { isCounted, type LedgerCell, readCells, readCooldowns, readWaiting } from './ledger-text.ts';
import { ACQUIRE, READ, REFUSED } from './scripts.ts';

const CELL_MS = 5 * 60_000;
const DAY_MS = 24 * 3_600_000;
const WINDOW_MS = 30_000;
/** How long a probe has before another may be sent. */
const PROBE_MS = 30_000;
/** The learned limit never falls below this: one call in ten seconds must go. */
const LEAST_WINDOW = 3;
const GROW_EVERY_MS = 60_000;

export interface GovernorOptions {
  readonly redis: Redis;
  /** Start of all keys; hash-tagged, so that a cluster keeps them together. */
  readonly prefix: string;
  readonly clock: Clock;
  readonly apps: readonly SpotifyApp[];
  /** Calls that a developer account may make in any 24 hours; 0: no limit of our own. */
  readonly dailyAllowance: number;
  /** Calls in 30 s that an app starts with; Spotify's own number is not published and is learned. */
  readonly windowLimit?: number;
  readonly metrics?: Registry;
}

export interface CallRequest {
  readonly appId: string;
  readonly bucket: Bucket;
  readonly lane: Lane;
  /** For whom; shown to the operator when the call has to wait. */
  readonly userId?: number;
}

export interface Grant extends CallRequest {
  /** Scope of the cooldown that this call tries out; empty when there is none. */
  readonly probing: string;
}

/** What is left of a day, for those who plan ahead. */
export interface Budget {
  /** Null: unlimited. */
  readonly allowance: number | null;
  readonly used: number;
  /** Calls that the lane may make now. Infinity when unlimited. */
  readonly left: number;
  /** Calls of each past hour that will leave the rolling day next, oldest hour first (24 values). */
  readonly hourly: readonly number[];
}

/** Whether so many calls can be made, for those who ask before they begin. */
export interface Outlook {
  /** Calls that can be made now; null: unlimited. */
  readonly left: number | null;
  readonly enough: boolean;
  /** From when on they suffice; null: they do, or never will. */
  readonly enoughAt: Date | null;
  /** In words for the person who asks, when they do not. */
  readonly reason: string | null;
}

const REASONS: Record<string, string> = {
  allowance: "Today's allowance of Spotify calls is used up.",
  window: 'Many calls at once: this one waits for its turn.',
};

const OUTLOOK = {
  closed: 'Spotify has closed this function to the app for a while.',
  short: "Today's allowance of Spotify calls does not suffice.",
  never: 'It takes more calls than Spotify allows this app in a whole day.',
} as const;

/**
 * One limiter for all processes, in Redis: nobody calls Spotify without a grant. Keeps a rolling
 * 24-hour ledger by developer account, bucket and lane; a rolling 30-second window for each app whose
 * size is learned (halved at a 429, grown back by a tenth a minute); and cooldowns that outlive
 * restarts, after which a single probe goes first. It never sleeps: who must wait gets
 * {@link RetryLater} with the moment. The rules between lanes are in {@link laneCeiling} for the day and
 * {@link WINDOW_SHARES} for the window.
 */
export class Governor {
  readonly #options: GovernorOptions;
  readonly #windowLimit: number;
  readonly #calls: Counter<'bucket' | 'lane' | 'outcome'> | undefined;
  readonly #parked: Counter<'lane' | 'reason'> | undefined;

  constructor(options: GovernorOptions) {
    this.#options = options;
    this.#windowLimit = options.windowLimit ?? 60;
    if (options.metrics) {
      const registers = [options.metrics];
      this.#calls = new Counter({
        name: 'spindle_spotify_calls_total',
        help: 'Calls to Spotify by bucket, lane and outcome.',
        labelNames: ['bucket', 'lane', 'outcome'],
        registers,
      });
      this.#parked = new Counter({
        name: 'spindle_spotify_parked_total',
        help: 'Calls that the governor told to wait.',
        labelNames: ['lane', 'reason'],
        registers,
      });
    }
  }

  /**
   * Leave for one call. The call counts from now on, whatever becomes of it.
   *
   * @throws RetryLater with the moment from which it is worth asking again.
   */
  async acquire(request: CallRequest): Promise<Grant> {
    const { clock, dailyAllowance } = this.#options;
    const account = this.#accountOf(request.appId);
    const keys = this.#keys(account, request.appId);
    const now = clock.nowMs();
    const limited = dailyAllowance > 0 && request.lane !== 'sign-in';
    const capture = limited && ['live', 'metadata', 'trackers'].includes(request.lane);
    const [first, second] = (await this.#run(
      ACQUIRE,
      [keys.cells, keys.sums, keys.cooldowns, keys.window, keys.limit],
      [
        ...[now, CELL_MS, DAY_MS, WINDOW_MS, `${request.lane}|${request.bucket}`, randomUUID()],
        ...[this.#windowLimit, PROBE_MS, scopesOf(request)],
        limited ? laneCeiling(request.lane, dailyAllowance, Number.MAX_SAFE_INTEGER) : -1,
        HISTORY_FLOOR * dailyAllowance,
        capture ? dailyAllowance * (1 - INTERACTIVE_RESERVE) : -1,
        GROW_EVERY_MS,
        // Signing in never waits behind the machine's own calls.
        request.lane === 'sign-in' ? -1 : WINDOW_SHARES[request.lane],
      ],
    )) as [string, string];
    const who = `${request.lane}|${request.bucket}|${request.userId ?? ''}`;
    if (first === '0') {
      await this.#options.redis.hdel(keys.waiting, who);
      return { ...request, probing: second };
    }
    const until = Number(first);
    this.#parked?.inc({ lane: request.lane, reason: second });
    // The sliding window turns over in seconds; only longer waits interest the operator.
    if (until - now > WINDOW_MS) {
      await this.#options.redis.hset(
        keys.waiting,
        who,
        `${until}|${request.lane}|${request.bucket}|${request.userId ?? ''}|${second}`,
      );
    }
    throw new RetryLater({
      until: new Date(until),
      reason: `governor: ${second}`,
      waiting: REASONS[second] ?? 'Spotify asks us to wait.',
    });
  }

  /** What became of a granted call. Answers the error to throw, with the wait that all now keep. */
  async report(grant: Grant, outcome: { readonly error?: unknown }): Promise<unknown> {
    const { clock } = this.#options;
    const keys = this.#keys(this.#accountOf(grant.appId), grant.appId);
    const { error } = outcome;
    this.#calls?.inc({ bucket: grant.bucket, lane: grant.lane, outcome: outcomeName(error) });
    if (error instanceof RateLimited || error instanceof QuotaExceeded) {
      const quota = error instanceof QuotaExceeded;
      const now = clock.nowMs();
      const told = error.until.getTime() - now;
      const until = Number(
        await this.#run(
          REFUSED,
          [keys.cooldowns, keys.window, keys.limit],
          [
            now,
            quota || grant.bucket === 'accounts' ? `bucket:${grant.bucket}` : `app:${grant.appId}`,
            // Exactly the fallback means that Spotify did not say: then the wait grows by itself.
            told === FALLBACK_RETRY_S * 1000 ? 0 : error.until.getTime(),
            quota ? 'quota exceeded' : 'rate limited',
            FALLBACK_RETRY_S * 1000,
            quota ? '0' : '1',
            ...[LEAST_WINDOW, WINDOW_MS, this.#windowLimit],
          ],
        ),
      );
      return quota
        ? new QuotaExceeded({ until: new Date(until), bucket: grant.bucket, cause: error })
        : new RateLimited({ until: new Date(until), cause: error });
    }
    if (grant.probing !== '') await this.#options.redis.hdel(keys.cooldowns, grant.probing);
    return error;
  }

  /** What a lane of an account may still do, and how the day went. */
  async budget(account: string, lane: Lane): Promise<Budget> {
    const { sums, hourly } = await this.#read(account);
    const allowance = this.#options.dailyAllowance;
    const used = total(sums);
    const ceiling = laneCeiling(lane, allowance, total(sums, 'history'));
    return {
      allowance: allowance > 0 ? allowance : null,
      used,
      left: allowance > 0 ? Math.max(0, ceiling - used) : Number.POSITIVE_INFINITY,
      hourly,
    };
  }

  /** Whether `calls` can be made for a lane now, as far as the ledger and Spotify's lock-outs tell. */
  async outlook(
    request: Pick<CallRequest, 'appId' | 'lane'> & {
      readonly buckets: readonly Bucket[];
      readonly calls: number;
    },
  ): Promise<Outlook> {
    const { appId, lane, buckets, calls } = request;
    const { clock, dailyAllowance, redis } = this.#options;
    const now = clock.nowMs();
    const account = this.#accountOf(appId);
    const [ledger, cooldowns] = await Promise.all([
      this.#read(account),
      redis.hgetall(this.#keys(account, appId).cooldowns),
    ]);
    const scopes = new Set(buckets.flatMap((bucket) => scopesOf({ appId, bucket }).split(',')));
    const closed = readCooldowns(cooldowns, now)
      // A window of 30 seconds turns over by itself.
      .filter(({ scope, until }) => scopes.has(scope) && Date.parse(until) - now > WINDOW_MS)
      .map(({ until }) => Date.parse(until));
    const closedUntil = Math.max(0, ...closed);
    const limited = dailyAllowance > 0 && lane !== 'sign-in';
    const day = limited ? dayOutlook(ledger, lane, dailyAllowance, calls) : { left: null, from: 0 };
    const left = closedUntil > 0 ? 0 : day.left;
    if (day.from === null) {
      return { left, enough: false, enoughAt: null, reason: OUTLOOK.never };
    }
    const from = Math.max(closedUntil, day.from);
    if (from === 0) return { left, enough: true, enoughAt: null, reason: null };
    const reason = closedUntil > 0 ? OUTLOOK.closed : OUTLOOK.short;
    return { left, enough: false, enoughAt: new Date(from), reason };
  }

  /** Whether an app is (still) configured. */
  knows(appId: string): boolean {
    return this.#options.apps.some((app) => app.id === appId);
  }

  /** Account of an app, by the configuration. @throws RangeError for an app that is not configured. */
  accountOf(appId: string): string {
    return this.#accountOf(appId);
  }

  /** The ledger of every account, for the operator. */
  async snapshot(): Promise<QuotaAccount[]> {
    const accounts = [...new Set(this.#options.apps.map((app) => app.account))];
    return Promise.all(accounts.map((account) => this.#snapshot(account)));
  }

  async #snapshot(account: string): Promise<QuotaAccount> {
    const { redis, clock, dailyAllowance } = this.#options;
    const now = clock.nowMs();
    const apps = this.#options.apps.filter((app) => app.account === account);
    const keys = this.#keys(account, apps[0]?.id ?? '');
    const [{ sums, hourly }, cooldowns, waiting] = await Promise.all([
      this.#read(account),
      redis.hgetall(keys.cooldowns),
      redis.hgetall(keys.waiting),
    ]);
    const used = total(sums);
    const usedByHistory = total(sums, 'history');
    const buckets = [...new Set([...sums.keys()].map((key) => key.split('|')[1] ?? ''))].sort();
    const thisHour = Math.floor(now / 3_600_000);
    return {
      account,
      apps: apps.map((app) => app.id),
      allowance: dailyAllowance > 0 ? dailyAllowance : null,
      used,
      left: dailyAllowance > 0 ? Math.max(0, dailyAllowance - used) : null,
      lanes: LANES.map((lane) => ({
        lane,
        used: madeBy(sums, lane),
        left:
          dailyAllowance > 0 && lane !== 'sign-in'
            ? Math.max(0, laneCeiling(lane, dailyAllowance, usedByHistory) - used)
            : null,
      })),
      buckets: buckets.map((bucket) => ({
        bucket,
        used: LANES.reduce((sum, lane) => sum + (sums.get(`${lane}|${bucket}`) ?? 0), 0),
        byLane: Object.fromEntries(
          LANES.flatMap((lane) => {
            const calls = sums.get(`${lane}|${bucket}`) ?? 0;
            return calls > 0 ? [[lane, calls]] : [];
          }),
        ),
      })),
      hourly: hourly.map((calls, index) => ({
        hour: new Date((thisHour - 23 + index) * 3_600_000).toISOString(),
        calls,
      })),
      windows: await Promise.all(
        apps.map(async (app) => {
          const appKeys = this.#keys(account, app.id);
          return {
            app: app.id,
            limit: Number((await redis.hget(appKeys.limit, 'limit')) ?? this.#windowLimit),
            used: await redis.zcount(appKeys.window, now - WINDOW_MS, '+inf'),
          };
        }),
      ),
      cooldowns: readCooldowns(cooldowns, now),
      waiting: readWaiting(waiting, now),
    };
  }

  async #read(account: string): Promise<ReturnType<typeof readCells>> {
    const keys = this.#keys(account, '');
    const now = this.#options.clock.nowMs();
    const [sums, cells] = (await this.#run(READ, [keys.cells, keys.sums], [now, CELL_MS, DAY_MS])) as [
      string[],
      string[],
    ];
    return readCells(sums, cells, now, { cellMs: CELL_MS, dayMs: DAY_MS });
  }

  #accountOf(appId: string): string {
    const app = this.#options.apps.find((one) => one.id === appId);
    if (!app) throw new RangeError(`the Spotify app "${appId}" is not configured`);
    return app.account;
  }

  #keys(account: string, appId: string) {
    const start = `${this.#options.prefix}:governor:${account}`;
    return {
      cells: `${start}:cells`,
      sums: `${start}:sums`,
      cooldowns: `${start}:cooldowns`,
      waiting: `${start}:waiting`,
      window: `${start}:window:${appId}`,
      limit: `${start}:limit:${appId}`,
    };
  }

  /** EVALSHA, and EVAL where a restarted Redis has forgotten the script. */
  async #run(script: string, keys: string[], args: (string | number)[]): Promise<unknown> {
    const sha = createHash('sha1').update(script).digest('hex');
    try {
      return await this.#options.redis.evalsha(sha, keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.includes('NOSCRIPT')) throw error;
      return this.#options.redis.eval(script, keys.length, ...keys, ...args);
    }
  }
}

/** Calls that count against the allowance. */
function total(sums: ReadonlyMap<string, number>, lane?: Lane): number {
  let sum = 0;
  for (const [key, calls] of sums) {
    if (isCounted(key) && (lane === undefined || key.startsWith(`${lane}|`))) sum += calls;
  }
  return sum;
}

/** All calls of a lane, those to the token endpoint among them. */
function madeBy(sums: ReadonlyMap<string, number>, lane: Lane): number {
  return [...sums].reduce((sum, [key, calls]) => sum + (key.startsWith(`${lane}|`) ? calls : 0), 0);
}

/** What a lane has left of the rolling day, and from when on (0: now; null: never) it has `calls`. */
function dayOutlook(
  ledger: { readonly sums: ReadonlyMap<string, number>; readonly leaving: readonly LedgerCell[] },
  lane: Lane,
  allowance: number,
  calls: number,
): { readonly left: number; readonly from: number | null } {
  let used = total(ledger.sums);
  let usedByHistory = total(ledger.sums, 'history');
  const left = () => Math.max(0, laneCeiling(lane, allowance, usedByHistory) - used);
  const now = left();
  if (now >= calls) return { left: now, from: 0 };
  for (const cell of ledger.leaving) {
    used -= cell.calls;
    // Its floor is kept free for history again as its calls leave, which gives others less back.
    usedByHistory -= cell.byHistory;
    if (left() >= calls) return { left: now, from: cell.leavesAt };
  }
  return { left: now, from: null };
}

/** The cooldowns that concern a call; the token endpoint is another service than the Web API. */
function scopesOf({ bucket, appId }: Pick<CallRequest, 'bucket' | 'appId'>): string {
  return bucket === 'accounts' ? `bucket:${bucket}` : `bucket:${bucket},app:${appId}`;
}

function outcomeName(error: unknown): string {
  if (error === undefined) return 'ok';
  return error instanceof Error ? error.constructor.name : 'unknown';
}
