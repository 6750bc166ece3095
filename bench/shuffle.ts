import { playlistRequestSchema } from '@spindle/contracts';
import { createPlaylistOperation } from '@spindle/db';
import { createProducer, isFinished, type JobView, type Producer } from '@spindle/queues';
import { systemClock } from '@spindle/service-kit';
import { newSeed } from '@spindle/shuffle/seeded';
import { MAX_URIS_PER_WRITE, PAGE_LIMIT } from '@spindle/spotify';
import { addToken, startGateway } from './gateway.ts';
import { conclude, figure, goal, line, option, percentile, round } from './report.ts';
import { type ServiceProcess, startWorkers } from './service-process.ts';
import { createWorld, type SpotifyWorld } from './spotify-world.ts';

// Shuffles against a Spotify that takes 80 ms for every call: a long one through the gateway, against the
// least possible number of calls and the time that these take one after another; then everybody at once on
// 1, 2 and 4 workers; then small ones behind large ones.
// Options: --delay=80 --items=10000 --users=1000 --tracks=30 --large=24 --atOnce=6

const DELAY_MS = option('delay', 80);
const ITEMS = option('items', 10_000);
const USERS = option('users', 1_000);
const TRACKS = option('tracks', 30);
const LARGE = option('large', 24);
const LARGE_ITEMS = 4_000;
const SMALL = 100;
const WORKERS = [1, 2, 4];
/** So few that one worker waits for Spotify rather than for this machine, and more of them can do more. */
const AT_ONCE = option('atOnce', 6);
const PREFIX = `{bench-shuffle-${process.pid}}`;
const GOAL_CALLS = 1.03;
const GOAL_TIME = 1;
/** A small shuffle waits for the turn of a large one (3 s) and for its own calls, not for the large one. */
const GOAL_SMALL_S = 6;

const databaseUrl = process.env.DATABASE_URL ?? '';
const redisUrl = process.env.REDIS_URL ?? '';
const sorted = (uris: readonly (string | null)[]) => [...uris].sort();
const same = (one: readonly (string | null)[], other: readonly (string | null)[]) =>
  JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));

/** @param atOnce playlists that each has in hand */
const startShufflers = (world: SpotifyWorld, count: number, atOnce = 24): Promise<ServiceProcess[]> =>
  startWorkers('playlist-worker', count, { ...world.environment, PLAYLIST_JOBS_AT_ONCE: String(atOnce) });

async function stopAll(services: readonly ServiceProcess[]): Promise<void> {
  await Promise.all(services.map((service) => service.stop()));
}

/** Calls to the Web API since the last time. */
function calls(world: SpotifyWorld): number {
  const count = world.sandbox.control.callCount({ pathPrefix: '/v1' });
  world.sandbox.control.clearCalls();
  return count;
}

interface Given {
  readonly userId: number;
  readonly person: string;
  readonly playlistId: string;
  readonly uris: readonly string[];
}

function give(world: SpotifyWorld, place: number, name: string, count: number): Given {
  const person = world.people[place] ?? '';
  const uris = world.uris(count, place * 7);
  const playlistId = world.sandbox.control.givePlaylist(person, { name, uris });
  return { userId: world.users[place] ?? 0, person, playlistId, uris };
}

/** Enqueues a shuffle as the gateway does. */
async function enqueue(
  world: SpotifyWorld,
  producer: Producer,
  { userId, playlistId }: Given,
): Promise<string> {
  const request = playlistRequestSchema.parse({ kind: 'shuffle', playlistId, target: 'new' });
  const operationId = await createPlaylistOperation(
    world.db.pool,
    {
      userId,
      sourceId: playlistId,
      sourceName: 'A playlist',
      mode: 'uniform',
      seed: newSeed(),
      name: 'Shuffled',
      target: 'new',
      request,
    },
    systemClock.now(),
  );
  const options = { requestId: 'bench', ownerId: userId };
  return (await producer.add('shuffle-playlist', 'shuffle', { operationId }, options)).id;
}

async function ended(producer: Producer, id: string): Promise<JobView> {
  for (;;) {
    const view = await producer.waitFor(id, 60_000);
    if (view && isFinished(view)) return view;
    if (!view) throw new Error(`job ${id} is gone`);
  }
}

/** From being asked for to written, ms, as the queue has it. */
const tookMs = (view: JobView) => Date.parse(view.finishedAt ?? '') - Date.parse(view.createdAt);

function madeOf(view: JobView): string {
  if (view.state !== 'succeeded') throw new Error(`a shuffle failed: ${JSON.stringify(view.failure)}`);
  return (view.result as { playlists: { playlistId: string }[] }).playlists[0]?.playlistId ?? '';
}

async function oneLong(world: SpotifyWorld): Promise<void> {
  const [worker] = await startShufflers(world, 1);
  const { origin, process: gateway } = await startGateway({ ...world.environment });
  try {
    const { userId, playlistId, uris } = give(world, 0, 'Long', ITEMS);
    const token = await addToken(world.db, userId);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const shuffle = async () => {
      calls(world);
      const began = performance.now();
      const answer = await fetch(`${origin}/api/playlist/shuffle`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ playlistId }),
      });
      let job = ((await answer.json()) as { job: JobView }).job;
      while (!isFinished(job)) {
        await new Promise((resolve) => setTimeout(resolve, 25));
        job = (await (await fetch(`${origin}/api/jobs/${job.id}`, { headers })).json()) as JobView;
      }
      return { made: madeOf(job), ms: performance.now() - began, calls: calls(world) };
    };
    const least = (reads: boolean) =>
      (reads ? Math.ceil(ITEMS / PAGE_LIMIT) : 0) + Math.ceil(ITEMS / MAX_URIS_PER_WRITE);
    for (const [name, reads] of [
      ['read and written', true],
      ['again, into the same playlist', false],
    ] as const) {
      const run = await shuffle();
      const leastMs = least(reads) * DELAY_MS;
      line(`${round(ITEMS)} tracks, ${name}`, `${(run.ms / 1_000).toFixed(1)} s, ${round(run.calls)} calls`);
      const items = (world.sandbox.groundTruth.playlist(run.made)?.items ?? []).map((item) => item.uri);
      figure({
        what: `Shuffle of ${round(ITEMS)} tracks, ${name}: calls of Spotify`,
        value: round(run.calls),
        baseline: `the least possible: ${round(least(reads))}`,
        ratio: run.calls / least(reads),
      });
      if (reads)
        figure({
          what: `The same: from request to written, ${DELAY_MS} ms a call`,
          value: `${(run.ms / 1_000).toFixed(1)} s`,
          baseline: `these calls one after another: ${(leastMs / 1_000).toFixed(1)} s`,
          ratio: run.ms / leastMs,
        });
      goal(same(items, uris), 'it holds each track as often as the source');
      goal(
        run.calls <= least(reads) * GOAL_CALLS + 2,
        `${(run.calls / least(reads)).toFixed(3)} of the ${round(least(reads))} calls that are the least (goal ${GOAL_CALLS}, and 2)`,
      );
      if (reads)
        goal(
          run.ms <= leastMs * GOAL_TIME,
          `${(run.ms / leastMs).toFixed(2)} of the time of these calls one after another, ${(leastMs / 1_000).toFixed(1)} s (goal ${GOAL_TIME})`,
        );
      else line('of the time of these calls one after another', (run.ms / leastMs).toFixed(2));
    }
  } finally {
    await stopAll([gateway, ...(worker ? [worker] : [])]);
  }
}

async function everybody(world: SpotifyWorld, producer: Producer): Promise<void> {
  let first = 0;
  for (const count of WORKERS) {
    const given = world.users.map((_, place) => give(world, place, `Round ${count}`, TRACKS));
    const workers = await startShufflers(world, count, AT_ONCE);
    try {
      calls(world);
      const began = performance.now();
      const jobs = await Promise.all(given.map((one) => enqueue(world, producer, one)));
      const views = await Promise.all(jobs.map((id) => ended(producer, id)));
      const seconds = (performance.now() - began) / 1_000;
      const rate = given.length / seconds;
      first ||= rate;
      if (count > 1)
        figure({
          what: `${round(given.length)} shuffles at once on ${count} workers`,
          value: `${rate.toFixed(0)} a second`,
          baseline: `1 worker: ${first.toFixed(0)}`,
          ratio: rate / first,
        });
      const made = calls(world);
      const right = views.filter((view, index) => {
        const items = world.sandbox.groundTruth.playlist(madeOf(view))?.items ?? [];
        return same(
          items.map((item) => item.uri),
          given[index]?.uris ?? [],
        );
      }).length;
      const waits = views.map(tookMs);
      line(
        `${round(given.length)} listeners at once, ${count} ${count === 1 ? 'worker' : 'workers'}`,
        `${rate.toFixed(0)} shuffles a second (${(rate / first).toFixed(2)}×), ${round(made / seconds)} calls a second, p50 ${(percentile(waits, 0.5) / 1_000).toFixed(1)} s, p95 ${(percentile(waits, 0.95) / 1_000).toFixed(1)} s`,
      );
      goal(
        right === given.length,
        `${round(right)} of ${round(given.length)} hold each track as often as their source`,
      );
    } finally {
      await stopAll(workers);
    }
  }
}

async function smallBehindLarge(world: SpotifyWorld, producer: Producer): Promise<void> {
  const workers = await startShufflers(world, 1);
  try {
    const smalls = (name: string) =>
      Array.from({ length: SMALL }, (_, index) => give(world, LARGE + index, name, TRACKS));
    const run = async (given: readonly Given[]) => {
      const jobs = await Promise.all(given.map((one) => enqueue(world, producer, one)));
      return Promise.all(jobs.map((id) => ended(producer, id)));
    };
    const alone = (await run(smalls('Alone'))).map(tookMs);
    const large = Array.from({ length: LARGE }, (_, place) => give(world, place, 'Large', LARGE_ITEMS));
    const largeJobs = await Promise.all(large.map((one) => enqueue(world, producer, one)));
    // They hold every place of the worker before the small ones come.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const behind = (await run(smalls('Behind'))).map(tookMs);
    const largeMs = (await Promise.all(largeJobs.map((id) => ended(producer, id)))).map(tookMs);
    const seconds = (values: readonly number[], share: number) => percentile(values, share) / 1_000;
    line(
      `${SMALL} small shuffles alone`,
      `p50 ${seconds(alone, 0.5).toFixed(2)} s, p95 ${seconds(alone, 0.95).toFixed(2)} s`,
    );
    line(
      `behind ${LARGE} of ${round(LARGE_ITEMS)} tracks, on one worker`,
      `p50 ${seconds(behind, 0.5).toFixed(2)} s, p95 ${seconds(behind, 0.95).toFixed(2)} s; the large ones p50 ${seconds(largeMs, 0.5).toFixed(1)} s`,
    );
    figure({
      what: `Small shuffles behind ${LARGE} of ${round(LARGE_ITEMS)} tracks, p95`,
      value: `${seconds(behind, 0.95).toFixed(1)} s`,
      baseline: `a large one, p50: ${seconds(largeMs, 0.5).toFixed(1)} s`,
      ratio: seconds(behind, 0.95) / seconds(largeMs, 0.5),
    });
    goal(
      seconds(behind, 0.95) < GOAL_SMALL_S,
      `95 % of the small ones within ${seconds(behind, 0.95).toFixed(1)} s (goal ${GOAL_SMALL_S} s), ${(seconds(behind, 0.95) / seconds(largeMs, 0.5)).toFixed(2)} of what a large one takes`,
    );
  } finally {
    await stopAll(workers);
  }
}

const world = await createWorld({
  databaseUrl,
  redisUrl,
  prefix: PREFIX,
  listeners: USERS,
  delayMs: DELAY_MS,
});
const producer = createProducer({ redisUrl, prefix: PREFIX, clock: systemClock });
try {
  process.stdout.write(`\nShuffles, ${DELAY_MS} ms a call\n`);
  await oneLong(world);
  await everybody(world, producer);
  await smallBehindLarge(world, producer);
} finally {
  await producer.close();
  await world.close();
}
conclude();
