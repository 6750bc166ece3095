import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  createDatabase,
  lockRunningListen,
  savePlayerReading,
  startShare,
  upsertTracks,
  whileSharing,
} from '@spindle/db';
import { createLivePublisher, FEED_ROOM } from '@spindle/queues';
import { closeRedis, createRedis, silentLogger } from '@spindle/service-kit';
import type { ViewersAnswer, ViewersRequest } from './feed/viewers.ts';
import { addListener, startGateway } from './gateway.ts';
import { conclude, figure, goal, line, option, percentile, round } from './report.ts';

// Viewers of the public feed on one gateway, each a websocket of its own in another process, while fifty
// people who share change their tracks as the worker tells it: whether every change reaches every viewer,
// how soon, and what a viewer costs the gateway in memory.
// Options: --viewers=5000 --sharers=50 --rate=2 (changes a second) --seconds=30

const VIEWERS = option('viewers', 5_000);
const SHARERS = option('sharers', 50);
const RATE = option('rate', 2);
const SECONDS = option('seconds', 30);
const GOAL_MS = 500;
/** After the last change, the stragglers have this long. */
const SETTLE_MS = 15_000;
const TRACKS = 200;
const LENGTH_MS = 180_000;
const PREFIX = `{bench-feed-${process.pid}}`;

async function ask<Answer extends ViewersAnswer>(
  child: ChildProcess,
  request: ViewersRequest,
): Promise<Answer> {
  child.send(request);
  const [answer] = await once(child, 'message');
  return answer as Answer;
}
type Joined = Extract<ViewersAnswer, { joined: number }>;
type Counted = Extract<ViewersAnswer, { received: number }>;

const databaseUrl = process.env.DATABASE_URL ?? '';
const redisUrl = process.env.REDIS_URL ?? '';
const logger = silentLogger();
const db = createDatabase({ url: databaseUrl, poolSize: 4 });
const redis = createRedis(redisUrl, 'general', logger);
const live = createLivePublisher({ redis, prefix: PREFIX, logger });

const tracks = await db.transaction((tx) =>
  upsertTracks(
    tx,
    Array.from({ length: TRACKS }, (_, index) => {
      const by = { spotifyId: `artist${index % 40}`, name: `Artist number ${index % 40}` };
      return {
        spotifyId: `track${index}`,
        name: `A song of ordinary length ${index}`,
        durationMs: LENGTH_MS,
        explicit: false,
        isrc: null,
        discNumber: 1,
        trackNumber: 1,
        artists: [by],
        album: {
          spotifyId: `album${index % 60}`,
          name: `Album number ${index % 60}`,
          albumType: 'album' as const,
          releaseDate: null,
          releaseDatePrecision: null,
          totalTracks: 12,
          images: [640, 300, 64].map((width) => ({
            url: `https://i.scdn.co/image/${'ab67616d0000b273'.repeat(2)}${width}`,
            width,
            height: width,
          })),
          artists: [by],
        },
      };
    }),
    new Date(),
  ),
);
const trackIds = [...tracks.values()];
const sharers: number[] = [];
for (let n = 0; n < SHARERS; n++) {
  const userId = await addListener(db, `sharer-${n}`);
  await startShare(db, userId, null, new Date());
  sharers.push(userId);
}

/** A reading in which another track plays, stored and told as the worker does. */
async function change(userId: number, trackId: number): Promise<void> {
  const observedAt = new Date();
  await db.transaction(async (tx) => {
    await lockRunningListen(tx, userId);
    const reading = {
      kind: 'track' as const,
      isPlaying: true,
      trackId,
      title: null,
      subtitle: null,
      durationMs: LENGTH_MS,
      progressMs: 0,
      observedAt,
      deviceName: 'Kitchen',
      deviceType: 'Speaker',
      isPrivate: false,
      contextUri: null,
    };
    await savePlayerReading(tx, userId, reading, null);
  });
  await whileSharing(
    db,
    userId,
    () => new Date(),
    (view) => live.publish('feed-changed', [FEED_ROOM], view),
  );
}

const { origin, process: gateway } = await startGateway({
  DATABASE_URL: databaseUrl,
  REDIS_URL: redisUrl,
  QUEUE_PREFIX: PREFIX,
});
const viewers = fork(fileURLToPath(new URL('feed/viewers.ts', import.meta.url)), {
  execArgv: ['--disable-warning=ExperimentalWarning'],
});

// A few come and go first, so that what the gateway loads once counts for nobody.
await fetch(`${origin}/api/feed`);
const warm = await ask<Joined>(viewers, { ask: 'connect', origin, viewers: 20 });
const before = await gateway.residentBytes();
const connecting = performance.now();
const { joined } = await ask<Joined>(viewers, { ask: 'connect', origin, viewers: VIEWERS - warm.joined });
const connectedMs = performance.now() - connecting;
await sleep(3_000);
const after = await gateway.residentBytes();
const all = joined + warm.joined;
process.stdout.write(
  `\n${round(all)} viewers, ${SHARERS} sharers, ${RATE} changes a second for ${SECONDS} s\n`,
);
line('connected within', `${round(connectedMs)} ms`);

const changes = RATE * SECONDS;
const startedAt = performance.now();
for (let n = 0; n < changes; n++) {
  await sleep(Math.max(0, startedAt + (n * 1_000) / RATE - performance.now()));
  await change(sharers[(n * 7) % SHARERS] ?? 0, trackIds[n % trackIds.length] ?? 0);
}
const wanted = changes * all;
const settling = performance.now();
let counted = await ask<Counted>(viewers, { ask: 'count' });
while (counted.received < wanted && performance.now() - settling < SETTLE_MS) {
  await sleep(500);
  counted = await ask<Counted>(viewers, { ask: 'count' });
}

const p95 = percentile(counted.latencies, 0.95);
line('from a change to a viewer, median', `${round(percentile(counted.latencies, 0.5))} ms`);
line('p95', `${round(p95)} ms`);
line('p99', `${round(percentile(counted.latencies, 0.99))} ms`);
line('at most', `${round(percentile(counted.latencies, 1))} ms`);
line('arrivals', `${round(counted.received)} of ${round(wanted)}`);
line('connections lost', round(counted.lost));
if (before !== null && after !== null) {
  line('gateway’s memory before and after they came', `${round(before / 1e6)} MB, ${round(after / 1e6)} MB`);
  line('memory of a viewer', `${round((after - before) / joined / 1_024)} KiB`);
}
const peak = await gateway.peakBytes();
if (peak !== null) line('gateway’s memory at most', `${round(peak / 1e6)} MB`);
figure({
  what: `Feed: changes at ${round(all)} viewers, p95 ${round(p95)} ms`,
  value: round(counted.received),
  baseline: `each change at every viewer: ${round(wanted)}`,
  ratio: counted.received / wanted,
});
goal(all === VIEWERS, `all ${round(VIEWERS)} viewers let in`);
goal(counted.received === wanted, 'every change reached every viewer, once');
goal(p95 <= GOAL_MS, `within ${GOAL_MS} ms at p95`);

viewers.disconnect();
await gateway.stop();
await closeRedis(redis);
await db.close();
conclude();
