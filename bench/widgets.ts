import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createDatabase, createWidgetLink, savePlayerReading, startShare, upsertTracks } from '@spindle/db';
import { findNginx, startFront } from '@spindle/nginx';
import { closeRedis, createRedis, silentLogger } from '@spindle/service-kit';
import { createArtworkCache } from '@spindle/spotify';
import { createSandbox } from '@spindle/spotify-sandbox';
import { freePort } from '@spindle/testkit';
import autocannon from 'autocannon';
import { addListener, startGateway } from './gateway.ts';
import { conclude, figure, goal, line, option, round } from './report.ts';

// JSON and SVG of somebody who shares, as many ask for them at once: requests a second beside a bare
// Express handler that returns the same bytes in the same run, answered whole and by 304; and how many
// calls of Spotify that cost. Then the same picture out of nginx's cache, beside the gateway that made it.
// Options: --seconds=6 --connections=50

const SECONDS = option('seconds', 6);
const CONNECTIONS = option('connections', 50);
const GOAL_WHOLE = 0.6;
const GOAL_UNCHANGED = 0.8;
const PREFIX = `{bench-widgets-${process.pid}}`;
const BARE = fileURLToPath(new URL('widgets/bare-express.ts', import.meta.url));

interface Rate {
  readonly perSecond: number;
  readonly p99: number;
}

async function fire(url: string, headers: Record<string, string>, status: number): Promise<Rate> {
  const run = (duration: number) => autocannon({ url, headers, connections: CONNECTIONS, duration });
  await run(1);
  const result = await run(SECONDS);
  const counts = result.statusCodeStats ?? {};
  const strange = Object.keys(counts).filter((code) => Number(code) !== status);
  if (strange.length > 0 || result.errors > 0)
    throw new Error(`${url} answered ${strange.join(', ')} and failed ${result.errors} times`);
  return { perSecond: result.requests.average, p99: result.latency.p99 };
}

async function startBare(file: string, type: string) {
  const port = await freePort();
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', BARE, String(port), file, type],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env['PATH'], NODE_ENV: 'production' },
    },
  );
  await once(child.stdout, 'data');
  return { url: `http://127.0.0.1:${port}/card`, stop: () => child.kill('SIGKILL') };
}

/** Ours beside the bare one, whole and unchanged. */
async function compare(name: string, url: string, folder: string): Promise<void> {
  const answer = await fetch(url);
  const body = await answer.text();
  const type = answer.headers.get('content-type') ?? '';
  const file = join(folder, 'body');
  await writeFile(file, body);
  const bare = await startBare(file, type);
  try {
    const bareTag = (await fetch(bare.url)).headers.get('etag') ?? '';
    const bareWhole = await fire(bare.url, {}, 200);
    const ourWhole = await fire(url, {}, 200);
    const bareSame = await fire(bare.url, { 'if-none-match': bareTag }, 304);
    // A card that moves is drawn anew every few seconds: its tag is good for as long.
    const wholeRatio = ourWhole.perSecond / bareWhole.perSecond;
    line(
      `${name}, ${Math.round(Buffer.byteLength(body) / 1_024)} KiB`,
      `${round(ourWhole.perSecond)}/s of ${round(bareWhole.perSecond)}/s bare, p99 ${ourWhole.p99} ms`,
    );
    figure({
      what: `${name} of somebody who shares, ${CONNECTIONS} connections`,
      value: `${round(ourWhole.perSecond)} a second`,
      baseline: `bare Express, the same bytes: ${round(bareWhole.perSecond)}`,
      ratio: wholeRatio,
    });
    goal(
      wholeRatio >= GOAL_WHOLE,
      `${name}: ${wholeRatio.toFixed(2)} of the bare handler (goal ${GOAL_WHOLE})`,
    );
    const tag = (await fetch(url)).headers.get('etag');
    if (tag === null) return;
    const ourSame = await fire(url, { 'if-none-match': tag }, 304);
    const sameRatio = ourSame.perSecond / bareSame.perSecond;
    line(
      `${name}, unchanged`,
      `${round(ourSame.perSecond)}/s of ${round(bareSame.perSecond)}/s bare, p99 ${ourSame.p99} ms`,
    );
    figure({
      what: `${name}, unchanged (304)`,
      value: `${round(ourSame.perSecond)} a second`,
      baseline: `bare Express: ${round(bareSame.perSecond)}`,
      ratio: sameRatio,
    });
    goal(
      sameRatio >= GOAL_UNCHANGED,
      `${name}, 304: ${sameRatio.toFixed(2)} of the bare handler (goal ${GOAL_UNCHANGED})`,
    );
  } finally {
    bare.stop();
  }
}

/** The front of production before a gateway, beside the gateway alone. */
async function compareFront(origin: string, path: string): Promise<void> {
  const nginx = findNginx();
  if (!nginx) {
    process.stdout.write('  There is no nginx on this machine: its cache is not measured.\n');
    return;
  }
  const front = await startFront(nginx, { gateways: [Number(new URL(origin).port)] });
  try {
    const alone = await fire(origin + path, {}, 200);
    const cached = await fire(front.origin + path, {}, 200);
    const ratio = cached.perSecond / alone.perSecond;
    line(
      'SVG out of nginx’s cache, one worker',
      `${round(cached.perSecond)}/s of ${round(alone.perSecond)}/s without, p99 ${cached.p99} ms`,
    );
    figure({
      what: `SVG out of nginx’s cache, one worker, ${CONNECTIONS} connections`,
      value: `${round(cached.perSecond)} a second`,
      baseline: `the gateway alone: ${round(alone.perSecond)}`,
      ratio,
    });
    goal(ratio >= 1, `nginx: ${ratio.toFixed(2)} of the gateway alone (goal 1)`);
  } finally {
    await front.stop();
  }
}

const databaseUrl = process.env['DATABASE_URL'] ?? '';
const redisUrl = process.env['REDIS_URL'] ?? '';
const folder = await mkdtemp(join(tmpdir(), 'spindle-widgets-'));
const db = createDatabase({ url: databaseUrl, poolSize: 2 });
const redis = createRedis(redisUrl, 'general', silentLogger());
const sandbox = await createSandbox({ people: [] });
const { origin, process: gateway } = await startGateway({
  DATABASE_URL: databaseUrl,
  REDIS_URL: redisUrl,
  QUEUE_PREFIX: PREFIX,
  SPOTIFY_ACCOUNTS_URL: sandbox.accountsUrl,
  SPOTIFY_API_URL: sandbox.apiUrl,
});
try {
  const now = new Date();
  const userId = await addListener(db, 'sharer');
  const artist = { spotifyId: 'a'.repeat(22), name: 'Glass Harbour' };
  const image = { url: 'https://i.scdn.co/image/cover', width: 300, height: 300 };
  await db.transaction(async (tx) => {
    const item = {
      spotifyId: 't'.repeat(22),
      name: 'Second Signal',
      durationMs: 3_600_000,
      explicit: false,
      isrc: null,
      discNumber: 1,
      trackNumber: 1,
      artists: [artist],
      album: {
        spotifyId: 'b'.repeat(22),
        name: 'Copper',
        albumType: 'album',
        releaseDate: '2020',
        releaseDatePrecision: 'year',
        totalTracks: 9,
        images: [image],
        artists: [artist],
      },
    };
    const trackId = (await upsertTracks(tx, [item], now)).get(item.spotifyId) ?? null;
    // Paused, so that the card is the same for as long as it is asked for.
    const reading = { isPlaying: false, progressMs: 60_000, observedAt: now, isPrivate: false };
    const device = { deviceName: null, deviceType: null, contextUri: null };
    await savePlayerReading(
      tx,
      userId,
      { ...reading, ...device, kind: 'track', trackId, title: null, subtitle: null, durationMs: 3_600_000 },
      null,
    );
  });
  await startShare(db, userId, null, now);
  const { key } = await createWidgetLink(db, userId, 'bench', now);
  const cover = `data:image/jpeg;base64,${Buffer.alloc(15_000, 7).toString('base64')}`;
  await createArtworkCache(redis, PREFIX).store(image.url, cover);

  process.stdout.write(`\nCards and data, ${CONNECTIONS} connections, ${SECONDS} s each\n`);
  const before = sandbox.control.callCount();
  await compare('SVG', `${origin}/api/widgets/${key}/now-playing.svg`, folder);
  await compare('JSON', `${origin}/api/widgets/${key}/now-playing`, folder);
  await compareFront(origin, `/api/widgets/${key}/now-playing.svg`);
  const calls = sandbox.control.callCount() - before;
  goal(calls === 0, `calls of Spotify meanwhile: ${calls}`);
} finally {
  await gateway.stop();
  await sandbox.close();
  await closeRedis(redis);
  await db.close();
  await rm(folder, { recursive: true });
}
conclude();
