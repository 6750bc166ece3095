import { loadNowPlaying, startShare, wantPlayback } from '@spindle/db';
import { seededRandom } from '@spindle/service-kit';
import type { TruePlayback } from '@spindle/spotify-sandbox';
import { createSimulation, type SimulatedEvent } from './capture/simulation.ts';
import { conclude, figure, goal, line, option, percentile, round } from './report.ts';

// What people see of somebody's player over a simulated evening with skips, pauses and jumps, beside what
// the player really did; and what that costs in calls. Beside it a poll every ten seconds in the same run.
// Options: --hours=4 --seed=1 --every=2 (seconds between looks)

const HOURS = option('hours', 4);
const EVERY_MS = option('every', 2) * 1_000;
const START_MS = Date.UTC(2026, 10, 2, 18);
const MINUTE_MS = 60_000;
const POLL_MS = 10_000;
/** A bar that is off by less is right: clients report their place no better. */
const PLACE_MS = 3_000;
const random = seededRandom(`evening ${option('seed', 1)}`);

/** What is shown at a moment. `progressMs` only while something plays. */
interface Seen {
  readonly itemId: string | null;
  readonly playing: boolean;
  readonly progressMs: number;
}

const sameAs = (truth: Seen, seen: Seen): boolean =>
  (truth.playing || seen.playing ? truth.itemId === seen.itemId : true) &&
  truth.playing === seen.playing &&
  (!truth.playing || Math.abs(truth.progressMs - seen.progressMs) <= PLACE_MS);

const toSeen = (truth: TruePlayback): Seen => ({
  itemId: truth.itemId,
  playing: truth.playing,
  progressMs: truth.progressMs,
});

/** How long something was shown wrongly each time, and for what part of the evening it was right. */
class Judge {
  readonly #spans: number[] = [];
  #looks = 0;
  #right = 0;
  #wrongSince: number | null = null;

  look(at: number, isRight: boolean): void {
    this.#looks += 1;
    if (isRight) {
      this.#right += 1;
      if (this.#wrongSince !== null) this.#spans.push(at - this.#wrongSince);
      this.#wrongSince = null;
    } else this.#wrongSince ??= at;
  }

  get rightShare(): number {
    return this.#right / this.#looks;
  }
  seconds(share: number): number {
    return this.#spans.length === 0 ? 0 : percentile(this.#spans, share) / 1_000;
  }
}

const simulation = await createSimulation({
  databaseUrl: process.env['DATABASE_URL'] ?? '',
  redisUrl: process.env['REDIS_URL'] ?? '',
  startMs: START_MS,
  people: [{ id: 'mara', listening: 'quiet', historyDays: 0 }],
  dailyAllowance: 0,
  sandbox: { seed: 'evening', mode: 'extended', quota: null, rateLimit: null },
});
const { clock, sandbox, db } = simulation;
const end = START_MS + HOURS * 60 * MINUTE_MS;

/** Mara listens to a long list; every few minutes she skips, pauses for a while, or jumps in a track. */
function evening(): void {
  const uris = sandbox.catalogue.tracks.slice(0, 200).map((track) => track.uri);
  const steps: Parameters<typeof sandbox.control.script>[1][number][] = [
    { at: START_MS + MINUTE_MS, action: 'play', uris },
  ];
  let at = START_MS + 4 * MINUTE_MS;
  while (at < end - 10 * MINUTE_MS) {
    const what = random.int(10);
    if (what < 5) steps.push({ at, action: 'skip' });
    else if (what < 8) steps.push({ at, action: 'seek', positionMs: 20_000 + random.int(60_000) });
    else {
      const pause = 30_000 + random.int(4 * MINUTE_MS);
      steps.push({ at, action: 'pause' }, { at: at + pause, action: 'resume' });
      at += pause;
    }
    at += 2 * MINUTE_MS + random.int(6 * MINUTE_MS);
  }
  sandbox.control.script('mara', steps);
}

try {
  const userId = await simulation.signIn('mara');
  await startShare(db, userId, null, clock.now());
  await wantPlayback(db.pool, userId, clock.now());
  evening();
  const ours = new Judge();
  const poll = new Judge();
  let polled: { at: number; seen: Seen } | null = null;
  let polls = 0;
  let tracks = 0;
  let lastItem: string | null = null;

  async function look(): Promise<void> {
    const at = clock.nowMs();
    const truth = toSeen(sandbox.groundTruth.nowPlaying('mara'));
    if (truth.playing && truth.itemId !== lastItem) {
      tracks += 1;
      lastItem = truth.itemId;
    }
    const view = await loadNowPlaying(db.pool, userId, clock.now());
    ours.look(
      at,
      sameAs(truth, {
        itemId: view?.track?.spotifyId ?? null,
        playing: view?.isPlaying === true,
        progressMs: view?.startedAt ? at - Date.parse(view.startedAt) : 0,
      }),
    );
    if (polled === null || at - polled.at >= POLL_MS) {
      polled = { at, seen: truth };
      polls += 1;
    }
    const { seen } = polled;
    const progressMs = seen.progressMs + (seen.playing ? at - polled.at : 0);
    poll.look(at, sameAs(truth, { ...seen, progressMs }));
  }

  const looks: SimulatedEvent[] = [];
  for (let at = START_MS + 2 * MINUTE_MS; at < end; at += EVERY_MS) looks.push({ at, run: look });
  const began = performance.now();
  const before = sandbox.control.callCount({ pathPrefix: '/v1/me/player' });
  await simulation.run(end, looks, [{ userId, from: START_MS, to: end }]);
  const calls = sandbox.control.callCount({ pathPrefix: '/v1/me/player' }) - before;

  process.stdout.write(
    `\nAn evening of ${HOURS} hours, ${tracks} tracks with skips, pauses and jumps, watched all the time (${round((performance.now() - began) / 1_000)} s)\n`,
  );
  const tell = (name: string, judge: Judge, count: number) =>
    line(
      name,
      `right ${(judge.rightShare * 100).toFixed(1)} % of the time; wrong for ${judge.seconds(0.5).toFixed(0)} s at p50, ${judge.seconds(0.95).toFixed(0)} s at p95; ${count} calls, ${(count / tracks).toFixed(1)} a track`,
    );
  tell('Spindle', ours, calls);
  tell('a poll every 10 s', poll, polls);
  figure({
    what: `What people see of a player over ${HOURS} hours of skips and jumps: right so much of the time`,
    value: `${(ours.rightShare * 100).toFixed(1)} %`,
    baseline: `a poll every 10 s: ${(poll.rightShare * 100).toFixed(1)} %`,
    ratio: ours.rightShare / poll.rightShare,
  });
  figure({
    what: 'The same: calls of Spotify',
    value: round(calls),
    baseline: `a poll every 10 s: ${round(polls)}`,
    ratio: calls / polls,
  });
  goal(calls <= polls, `no more calls than a poll every 10 s (${calls} of ${polls})`);
  goal(ours.rightShare >= 0.9, `right nine tenths of the time (${(ours.rightShare * 100).toFixed(1)} %)`);
} finally {
  await simulation.close();
}
conclude();
