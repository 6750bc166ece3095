import { startShare, stopShare, wantPlayback } from '@spindle/db';
import { ManualClock, seededRandom } from '@spindle/service-kit';
import {
  createSandbox,
  developmentQuota,
  type PersonOptions,
  type SandboxOptions,
  type TruePlay,
} from '@spindle/spotify-sandbox';
import { fixedPolling, type OfferedPlay, optimum, type Polling } from './comparison.ts';
import {
  createSimulation,
  type Shown,
  type SimulatedEvent,
  type Simulation,
  type Watch,
} from './simulation.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Monday. */
const START_MS = Date.UTC(2026, 10, 2);
/** What is shown must be right this soon after the track changed. */
export const RIGHT_WITHIN_MS = 10_000;

export interface Servers {
  readonly databaseUrl: string;
  readonly redisUrl: string;
}

export interface CaptureReport {
  /** Plays that Spotify's window offered in the stretch that is judged. */
  readonly offered: number;
  readonly stored: number;
  readonly missing: number;
  readonly doubled: number;
  readonly gaps: number;
  /** Calls to the Web API, by what they read. */
  readonly calls: { readonly total: number; readonly history: number; readonly player: number };
  readonly optimum: number;
  readonly every120s: Polling;
  readonly every30min: Polling;
  readonly failures: ReadonlyMap<string, number>;
  readonly live: {
    readonly changes: number;
    readonly right: number;
    readonly watchedMinutesADay: number;
    readonly peakDay: number;
  } | null;
}

const offered = (play: TruePlay): OfferedPlay => ({
  offeredFrom: play.offeredFromMs ?? Number.POSITIVE_INFINITY,
  offeredUntil: play.offeredUntilMs ?? Number.POSITIVE_INFINITY,
});

/** Compares PostgreSQL with the sandbox's ground truth, play by play, for what ended from `from` to `to`. */
async function compare(simulation: Simulation, users: ReadonlyMap<string, number>, from: number, to: number) {
  let missing = 0;
  let doubled = 0;
  let stored = 0;
  const truth: { plays: OfferedPlay[] }[] = [];
  for (const [personId, userId] of users) {
    const plays = simulation.sandbox.groundTruth
      .offeredPlays(personId)
      .filter(({ playedAtMs }) => playedAtMs !== null && playedAtMs >= from && playedAtMs < to);
    const { rows } = await simulation.db.pool.query<{ ended_at: Date; spotify_id: string }>(
      `SELECT p.ended_at, t.spotify_id FROM plays p JOIN tracks t ON t.id = p.track_id
        WHERE p.user_id = $1 AND (p.seen_by & 1) = 1 AND p.ended_at >= $2 AND p.ended_at < $3`,
      [userId, new Date(from), new Date(to)],
    );
    const found = new Map<string, number>();
    for (const row of rows) {
      const key = `${row.spotify_id}@${row.ended_at.getTime()}`;
      found.set(key, (found.get(key) ?? 0) + 1);
    }
    stored += rows.length;
    for (const play of plays) if (!found.has(`${play.itemId}@${play.playedAtMs}`)) missing += 1;
    doubled += rows.length - found.size;
    // A live reading that recently-played never confirmed, beside the same listen, is a double too.
    const { rows: twice } = await simulation.db.pool.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM plays a JOIN plays b ON b.user_id = a.user_id AND b.track_id = a.track_id
          AND (b.seen_by & 1) = 1 AND (a.seen_by & 1) = 0 AND a.played_at < b.ended_at AND b.played_at < a.ended_at
        WHERE a.user_id = $1 AND a.ended_at >= $2 AND a.ended_at < $3`,
      [userId, new Date(from), new Date(to)],
    );
    doubled += twice[0]?.n ?? 0;
    truth.push({ plays: plays.map(offered) });
  }
  return { missing, doubled, stored, truth };
}

function total(pollings: readonly Polling[]): Polling {
  return pollings.reduce(
    (sum, one) => ({ calls: sum.calls + one.calls, captured: sum.captured + one.captured }),
    {
      calls: 0,
      captured: 0,
    },
  );
}

async function report(
  simulation: Simulation,
  users: ReadonlyMap<string, number>,
  from: number,
  to: number,
  live: CaptureReport['live'],
): Promise<CaptureReport> {
  const { missing, doubled, stored, truth } = await compare(simulation, users, from, to);
  const span = { fromMs: from, toMs: to };
  const { control } = simulation.sandbox;
  const history = control.callCount({ ...span, pathPrefix: '/v1/me/player/recently-played' });
  const all = control.callCount({ ...span, pathPrefix: '/v1/' });
  return {
    offered: truth.reduce((sum, one) => sum + one.plays.length, 0),
    stored,
    missing,
    doubled,
    gaps: await simulation.db.prisma.captureGap.count(),
    calls: { total: all, history, player: all - history },
    optimum: truth.reduce((sum, one) => sum + optimum(one.plays), 0),
    every120s: total(truth.map((one) => fixedPolling(one.plays, from, to, 120_000))),
    every30min: total(truth.map((one) => fixedPolling(one.plays, from, to, 30 * MINUTE_MS))),
    failures: simulation.failures,
    live,
  };
}

/**
 * Of the changes of track while somebody watched, how many were shown right in time. Items that were
 * skipped within that time are no longer there to be shown, and are left out.
 */
function judgeLive(simulation: Simulation, users: ReadonlyMap<string, number>, watches: readonly Watch[]) {
  let changes = 0;
  let right = 0;
  for (const [personId, userId] of users) {
    const shown = simulation.shown.filter((one) => one.userId === userId);
    for (const watch of watches.filter((one) => one.userId === userId)) {
      // A page that has just been opened is not yet in the middle of anything.
      const plays = simulation.sandbox.groundTruth
        .plays(personId, { from: watch.from, to: watch.to + HOUR_MS })
        .filter((play) => play.kind === 'track' && !play.privateSession);
      for (const play of plays) {
        const begins = play.startedAtMs;
        if (begins < watch.from || begins + RIGHT_WITHIN_MS > watch.to) continue;
        if (play.endedAtMs - begins < RIGHT_WITHIN_MS) continue;
        changes += 1;
        if (rightBy(shown, play, begins + RIGHT_WITHIN_MS)) right += 1;
      }
    }
  }
  return { changes, right };
}

function rightBy(shown: readonly Shown[], play: TruePlay, deadline: number): boolean {
  let current: Shown | undefined;
  for (const one of shown) {
    if (one.at > deadline) break;
    current = one;
  }
  return current?.itemId === play.itemId;
}

/**
 * How long somebody looks at a friend's player, and how often a day: two hours a day in all. Of 800 calls a
 * day that is about what can be shown this closely; watched for longer, the readings become sparser.
 */
const LOOK_MS = 12 * MINUTE_MS;
const LOOKS_WITH_MUSIC = 1;
const LOOKS_AT_ANY_TIME = 1;

/**
 * When the players are looked at: twice a day each, once while music plays (people open the page because
 * they hear of it) and once at any waking hour. A twin of the sandbox tells when music will play: what
 * people hear follows from the seed alone.
 */
async function plannedWatches(
  options: SandboxOptions,
  people: readonly PersonOptions[],
  users: ReadonlyMap<string, number>,
  days: number,
): Promise<Watch[]> {
  const random = seededRandom(`watches of ${options.seed}`);
  const clock = new ManualClock(START_MS);
  const twin = await createSandbox({ ...options, clock, people: [...people] });
  clock.set(START_MS + days * DAY_MS);
  const watches = [...users].flatMap(([personId, userId]) =>
    Array.from({ length: days }, (_, day) => {
      const midnight = START_MS + day * DAY_MS;
      const plays = twin.groundTruth.plays(personId, {
        from: midnight + 8 * HOUR_MS,
        to: midnight + 22 * HOUR_MS,
      });
      const anyTime = () => midnight + (8 + random.next() * 14) * HOUR_MS;
      const withMusic = () => plays[random.int(Math.max(1, plays.length))]?.startedAtMs ?? anyTime();
      const starts = [
        ...Array.from({ length: LOOKS_WITH_MUSIC }, withMusic),
        ...Array.from({ length: LOOKS_AT_ANY_TIME }, anyTime),
      ];
      return starts.map((from) => ({ userId, from: Math.round(from), to: Math.round(from) + LOOK_MS }));
    }).flat(),
  );
  await twin.close();
  return watches;
}

/** Five listeners of a development-mode account who share in waking hours, for some days. */
export async function sharingFriends(
  servers: Servers,
  days: number,
  seed = 'spindle',
): Promise<CaptureReport> {
  const people = Array.from({ length: 5 }, (_, index) => ({
    id: `friend-${index + 1}`,
    profile: { timeZone: 'Europe/London' },
  }));
  const sandbox: SandboxOptions = {
    seed,
    mode: 'development',
    quota: developmentQuota(1000),
    historyDays: 3,
  };
  const simulation = await createSimulation({
    ...servers,
    startMs: START_MS,
    people,
    dailyAllowance: 800,
    sandbox,
  });
  try {
    const users = new Map<string, number>();
    for (const { id } of people) users.set(id, await simulation.signIn(id));
    const end = START_MS + days * DAY_MS;
    const shares: SimulatedEvent[] = [...users.values()].flatMap((userId) =>
      Array.from({ length: days }, (_, day) => day).flatMap((day) => [
        {
          at: START_MS + day * DAY_MS + 8 * HOUR_MS,
          run: async () => {
            await startShare(simulation.db, userId, null, simulation.clock.now());
            await wantPlayback(simulation.db.pool, userId, simulation.clock.now());
          },
        },
        {
          at: START_MS + day * DAY_MS + 23 * HOUR_MS,
          run: async () => {
            await stopShare(simulation.db.pool, userId, simulation.clock.now());
          },
        },
      ]),
    );
    const watches = await plannedWatches(sandbox, people, users, days);
    await simulation.run(end, shares, watches);
    const peakDay = simulation.sandbox.control.peakCalls(DAY_MS, { pathPrefix: '/v1/' });
    const watchedMs = watches.reduce((sum, watch) => sum + watch.to - watch.from, 0);
    const live = {
      ...judgeLive(simulation, users, watches),
      watchedMinutesADay: watchedMs / days / MINUTE_MS,
      peakDay,
    };
    // What was played last is read on the day after; judged is what ended within the span.
    await simulation.run(end + DAY_MS);
    return await report(simulation, users, START_MS, end, live);
  } finally {
    await simulation.close();
  }
}

/** Many listeners of an extended account of whom only the history is read, for one day after some of getting to know them. */
export async function quietCrowd(
  servers: Servers,
  listeners: number,
  warmUpDays: number,
  seed = 'spindle',
): Promise<CaptureReport> {
  const people = Array.from({ length: listeners }, (_, index) => ({ id: `listener-${index + 1}` }));
  const simulation = await createSimulation({
    ...servers,
    startMs: START_MS,
    people,
    dailyAllowance: 0,
    sandbox: { seed, mode: 'extended', quota: null, rateLimit: null, historyDays: 3 },
  });
  try {
    const users = new Map<string, number>();
    for (const { id } of people) users.set(id, await simulation.signIn(id));
    const from = START_MS + warmUpDays * DAY_MS;
    await simulation.run(from + DAY_MS);
    const judged = await report(simulation, users, from, from + DAY_MS, null);
    await simulation.run(from + 2 * DAY_MS);
    const settled = await report(simulation, users, from, from + DAY_MS, null);
    // Plays of the evening are read on the next day; the calls that count are those of the day.
    return { ...settled, calls: judged.calls };
  } finally {
    await simulation.close();
  }
}
