import { setTimeout as sleep } from 'node:timers/promises';
import { createDatabase } from '@spindle/db';
import { seededRandom } from '@spindle/service-kit';
import type { PersonOptions } from '@spindle/spotify-sandbox';
import { waitFor } from '@spindle/testkit';
import { hasEnded, type ServiceName, type System, startSystem } from '../system.ts';
import { Caller } from './caller.ts';
import { createKeeper, type Keeper, victims } from './killer.ts';
import { giveParty, type Party } from './party.ts';
import { type Life, live, reconnect } from './people.ts';
import { Records } from './records.ts';
import { type Recovery, strikeAndWatch, type Watch } from './recovery.ts';
import { askAgainForFailed } from './retry-failed.ts';
import { judgeAccepted, judgeImports, judgeLocks, stuckJobs } from './truth/jobs.ts';
import type { Judged, Verdict } from './truth/judged.ts';
import { judgeVotes } from './truth/party.ts';
import { judgePlaylists } from './truth/playlists.ts';
import { judgeDoubles, judgePlays, judgeRollups } from './truth/plays.ts';
import { judgeTrackers } from './truth/trackers.ts';

export interface SimulationOptions {
  readonly seed: string;
  readonly users: number;
  /** How long people live while things are killed, real ms. */
  readonly lifeMs: number;
  /** Simulated milliseconds for each real one. */
  readonly speed: number;
  /** Between two kills, real ms, at least and at most. */
  readonly killEveryMs: readonly [least: number, most: number];
  /** How long what was killed is away, real ms, at least and at most. */
  readonly awayMs: readonly [least: number, most: number];
  /** How long is waited for things to be right again after a kill, real ms; what takes longer counts as never. */
  readonly recoveryMs: number;
  /** How long everything may take to settle after the last kill and fault, real ms. */
  readonly settleMs: number;
  /** Processes; gateways at least two. */
  readonly services: readonly ServiceName[];
  readonly parties: number;
  readonly guests: number;
  /** Between two things that one person does, real ms, on average. */
  readonly restMs: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly say?: (line: string) => void;
}

/** What a run came to. */
export interface Outcome {
  readonly seed: string;
  readonly users: number;
  readonly speed: number;
  readonly simulatedHours: number;
  readonly lifeMs: number;
  readonly settledMs: number;
  readonly recoveries: readonly Recovery[];
  readonly verdicts: Readonly<Record<string, Verdict>>;
  readonly spotifyCalls: Readonly<Record<string, number>>;
  readonly requests: { readonly sent: number; readonly repeated: number };
  readonly logs: readonly { readonly name: string; readonly text: string }[];
}

const WATCHER = 'watcher';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Many processes begin at once, on machines that do other things, too. */
const READY_MS = 180_000;
const CRON_SECRET = 'the-secret-of-the-chaos-cron';
/** The longest that recently-played lags behind here, simulated ms. */
const LATEST_MS = 20 * 60_000;

function peopleOf({ users, parties }: SimulationOptions): PersonOptions[] {
  const listeners = Array.from({ length: users }, (_, n): PersonOptions => {
    const id = `person-${n + 1}`;
    const common = { id, displayName: id, product: 'premium' as const };
    return {
      ...common,
      profile: { alwaysListening: n % 2 === 0, tracksPerDay: 200, privateSessionRate: 0, podcastRate: 0.02 },
    };
  });
  const quiet = [WATCHER, ...Array.from({ length: parties }, (_, n) => `host-${n + 1}`)].map(
    (id): PersonOptions => ({ id, displayName: id, listening: 'quiet', product: 'premium' }),
  );
  return [...listeners, ...quiet];
}

/** The end of this day, ms since 1970: half of life lies before it, so that trackers turn to a new day. */
function midnight(): number {
  return Math.ceil(Date.now() / DAY_MS) * DAY_MS;
}

/** Spotify at its worst: what it does now and then, all day long. */
function addFaults({ sandbox }: System): void {
  const { control } = sandbox;
  const add = (fault: Parameters<typeof control.addFault>[0]['fault'], path: string, probability: number) =>
    control.addFault({ fault, path, probability });
  add({ kind: 'rate-limit', retryAfterSeconds: 20 }, '/v1/**', 0.0005);
  add({ kind: 'server-error' }, '/v1/**', 0.04);
  add({ kind: 'server-error', html: true }, '/v1/**', 0.01);
  add({ kind: 'drop', when: 'before' }, '/v1/**', 0.02);
  add({ kind: 'drop', when: 'after' }, '/v1/**', 0.03);
  add({ kind: 'slow', delayMs: 700 }, '/v1/**', 0.02);
  add({ kind: 'not-json', truncated: true }, '/v1/**', 0.01);
  add({ kind: 'server-error' }, '/api/token', 0.05);
  add({ kind: 'invalid-grant' }, '/api/token', 0.03);
}

const between = (random: { next(): number }, [least, most]: readonly [number, number]) =>
  least + random.next() * (most - least);

async function killForAWhile(
  options: SimulationOptions,
  life: Life,
  watch: Watch,
  keeper: Keeper,
): Promise<Recovery[]> {
  const random = seededRandom(`${options.seed}/kills`);
  const order = victims(random);
  const strikes: Promise<Recovery>[] = [];
  while (!life.isOver()) {
    await sleep(between(random, options.killEveryMs));
    const victim = order.next().value;
    const all = random.int(3) === 0;
    const awayMs = between(random, options.awayMs);
    // One that is away cannot be killed; its turn comes again.
    if (life.isOver() || keeper.isAway(victim)) continue;
    options.say?.(`kill ${victim}${all ? ' (all)' : ''}, away ${Math.round(awayMs)} ms`);
    strikes.push(strikeAndWatch(watch, keeper, victim, { all, awayMs }));
  }
  return Promise.all(strikes);
}

/**
 * People live on the whole system while its processes and servers are killed and Spotify misbehaves; then all
 * faults end, everything has time to settle, and what is there is held against what should be.
 */
export async function simulate(options: SimulationOptions): Promise<Outcome> {
  const say = options.say ?? (() => {});
  const people = peopleOf(options);
  const system = await startSystem({
    speed: options.speed,
    beginMs: midnight() - (options.lifeMs * options.speed) / 2,
    services: options.services,
    ownPostgres: true,
    readyMs: READY_MS,
    environment: {
      SPOTIFY_MODE: 'extended',
      SPOTIFY_DAILY_ALLOWANCE: '0',
      SPOTIFY_WINDOW_CALLS: '600',
      RATE_LIMIT_SCALE: '1000',
      LOG_LEVEL: 'warn',
      CRON_SECRET,
      ...options.environment,
    },
    sandbox: {
      seed: options.seed,
      mode: 'extended',
      people,
      quota: null,
      historyDays: 1,
      deviceSleepMs: 30 * 86_400_000,
      rateLimit: { windowMs: 30_000, limit: 800 },
      recentlyPlayed: { longLagChance: 0.02, longLagToMs: LATEST_MS },
    },
  });
  const keeper = createKeeper(system);
  try {
    return await run(
      options,
      system,
      keeper,
      people.map(({ id }) => id),
      say,
    );
  } finally {
    keeper.rest();
    await system.stop();
  }
}

async function run(
  options: SimulationOptions,
  system: System,
  keeper: Keeper,
  ids: readonly string[],
  say: (line: string) => void,
): Promise<Outcome> {
  const { sandbox } = system;
  const records = new Records();
  const callers = new Map(ids.map((id, place) => [id, new Caller(system, records, id, place)]));
  const callerOf = (id: string): Caller => {
    const caller = callers.get(id);
    if (!caller) throw new Error(`there is nobody called ${id}`);
    return caller;
  };
  const sinceMs = new Map<string, number>();
  say(`${ids.length} people sign in`);
  const queue = [...ids];
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
        records.libraries.set(
          id,
          sandbox.groundTruth.playlists(id).map((one) => one.id),
        );
        await callerOf(id).signIn();
        sinceMs.set(id, sandbox.clock.nowMs());
      }
    }),
  );

  let isOver = false;
  const life: Life = {
    system,
    records,
    seed: options.seed,
    restMs: options.restMs,
    isOver: () => isOver,
  };
  const parties: Party[] = [];
  const ends: Promise<void>[] = [];
  const begin = sandbox.clock.nowMs();
  for (let n = 0; n < options.parties; n++) {
    const given = await giveParty(life, callerOf(`host-${n + 1}`), options.guests, n === 0);
    parties.push(given.party);
    ends.push(given.over);
  }
  const own = await giveParty(life, callerOf(WATCHER), 1, false);
  parties.push(own.party);
  ends.push(own.over);
  for (let n = 0; n < options.users; n++) ends.push(live(life, callerOf(`person-${n + 1}`), n));
  const watch: Watch = {
    life,
    caller: callerOf(WATCHER),
    partyCode: own.party.code,
    limitMs: options.recoveryMs,
    files: 0,
  };
  say('life begins');
  addFaults(system);
  const timer = setTimeout(() => {
    isOver = true;
  }, options.lifeMs);
  const recoveries = await killForAWhile(options, life, watch, keeper);
  clearTimeout(timer);
  sandbox.control.clearFaults();
  await Promise.all(ends);
  for (const party of parties) party.close();
  const simulatedHours = (sandbox.clock.nowMs() - begin) / HOUR_MS;

  say('faults and kills are over; everything settles');
  const settledFrom = Date.now();
  const db = createDatabase({ url: system.environment.DATABASE_URL ?? '', poolSize: 4 });
  try {
    const { rows } = await db.pool.query<{ personId: string; userId: number; timeZone: string }>(
      'SELECT spotify_id AS "personId", id AS "userId", time_zone AS "timeZone" FROM users ORDER BY id',
    );
    const judged: Judged = { system, db, records, people: rows, sinceMs, untilMs: sandbox.clock.nowMs() };
    await settle(options, judged, callerOf, say);
    const settledMs = Date.now() - settledFrom;
    say('what is there is held against what should be');
    const jobs = await judgeAccepted(judged, callers);
    const locks = await judgeLocks(judged);
    // From here on nothing changes any more.
    keeper.rest();
    const ending = system.processes.filter((one) => !hasEnded(one.child));
    await system.halt();
    const stops = ending.filter((one) => one.child.exitCode !== 0);
    const verdicts: Record<string, Verdict> = {
      plays: await judgePlays(judged),
      doubles: await judgeDoubles(judged),
      trackers: await judgeTrackers(judged),
      playlists: await judgePlaylists(judged),
      votes: await judgeVotes(judged),
      imports: await judgeImports(judged),
      jobs,
      locks,
      rollups: await judgeRollups(judged),
      processes: {
        figures: { crashes: keeper.crashes.length, stops: ending.length },
        differences: [
          ...keeper.crashes,
          ...stops.map(
            (one) => `${one.name} did not stop in order: ${one.child.exitCode ?? one.child.signalCode}`,
          ),
        ],
      },
      people: { figures: { complaints: records.complaints.length }, differences: records.complaints },
    };
    return {
      seed: options.seed,
      users: options.users,
      speed: options.speed,
      simulatedHours,
      lifeMs: options.lifeMs,
      settledMs,
      recoveries,
      verdicts,
      spotifyCalls: sandbox.control.callCounts().byStatus,
      requests: { sent: records.requests, repeated: records.repeated },
      logs: system.processes.map((one) => ({
        name: `${one.name}-${one.port}-${one.child.pid}`,
        text: one.log(),
      })),
    };
  } finally {
    await db.close();
  }
}

/** Waits until nothing is on its way any more, for so long at most; what is missing then is a difference. */
async function settle(
  options: SimulationOptions,
  judged: Judged,
  callerOf: (id: string) => Caller,
  say: (line: string) => void,
): Promise<void> {
  const { system, db, people, untilMs } = judged;
  const until = Date.now() + options.settleMs;
  const wait = (what: string, look: () => Promise<boolean>) =>
    waitFor(look, { what, timeoutMs: Math.max(0, until - Date.now()), everyMs: 500 }).catch(
      (error: unknown) => say(`not settled: ${String(error)}`),
    );
  for (const { personId } of people) await reconnect(callerOf(personId));
  await wait('operations and imports to end', async () => {
    const { rows } = await db.pool.query<{ count: number }>(
      `SELECT (SELECT count(*) FROM shuffled_playlists WHERE status IN ('queued', 'running'))::int
            + (SELECT count(*) FROM imports WHERE status IN ('queued', 'running'))::int AS count`,
    );
    return rows[0]?.count === 0;
  });
  await askAgainForFailed(judged, callerOf);
  await wait('plays that Spotify shows late', async () => system.sandbox.clock.nowMs() > untilMs + LATEST_MS);
  // As an operator's own schedule would: everybody is read once, whoever is due later too.
  const swept = await fetch(`${system.url}/api/cron/sync-spotify`, {
    headers: { authorization: `Bearer ${CRON_SECRET}` },
  });
  say(`the sweep over all: ${swept.status} ${(await swept.text()).slice(0, 300)}`);
  await wait('figures to be up to date', async () => {
    const { rows } = await db.pool.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM history_states WHERE stale = 2',
    );
    return rows[0]?.count === 0;
  });
  await fetch(`${system.url}/api/trackers/update`, {
    method: 'POST',
    headers: { 'x-cron-secret': CRON_SECRET, prefer: 'wait=60' },
  });
  await wait('queues to be empty', async () => (await stuckJobs(judged)).length === 0);
}
