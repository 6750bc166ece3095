import { randomBytes } from 'node:crypto';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDatabase } from '@spindle/db';
import { freePort } from '@spindle/testkit';
import { addListener, startGateway } from './gateway.ts';
import { conclude, figure, goal, line, option, percentile, round } from './report.ts';
import { startFront } from './rooms/front.ts';
import type { BenchGuest, BenchVote, ScreensAnswer, VotersAnswer } from './rooms/messages.ts';
import {
  addProposal,
  addTracks,
  ask,
  type BenchRoom,
  makeRoom,
  recount,
  startDoomedGateway,
  startHelper,
} from './rooms/world.ts';
import { startService } from './service-process.ts';

// Party rooms under load: guests who vote over HTTP while every one of them has a screen open. How long it
// takes from a vote to every screen, whether a vote is lost or counted twice, whether a track is promoted
// once when all vote for it at the same instant, and what is left when one of two gateways is killed.
// Beside it a bare broadcast of the same bytes.
// Options: --guests=1000 --rooms=200 --small=20 --rate=300 (votes a second) --seconds=10

const GUESTS = option('guests', 1_000);
const ROOMS = option('rooms', 200);
const SMALL = option('small', 20);
const RATE = option('rate', 300);
const SECONDS = option('seconds', 10);
const TRACKS = 20;
const GOAL_MS = 300;
/** After the last vote, the stragglers have this long. */
const SETTLE_MS = 20_000;
/** More likes than come together while votes are spread, fewer than guests. */
const THRESHOLD = Math.floor(GUESTS * 0.6);

const redisUrl = process.env.REDIS_URL ?? '';
const databaseUrl = process.env.DATABASE_URL ?? '';
const secret = () => randomBytes(32).toString('base64url');
const environment = {
  DATABASE_URL: databaseUrl,
  REDIS_URL: redisUrl,
  QUEUE_PREFIX: `{bench-rooms-${process.pid}}`,
  NODE_ENV: 'production',
  RATE_LIMIT_SCALE: '0',
  SPOTIFY_CLIENT_ID: 'bench',
  SESSION_SECRET: secret(),
  JWT_SECRET: secret(),
  TOKEN_KEYS: `k1:${randomBytes(32).toString('base64')}`,
};

type Measured = Extract<ScreensAnswer, { histogram: readonly number[] }>;
type Opened = Extract<ScreensAnswer, { opened: number }>;
type Compared = Extract<ScreensAnswer, { wrong: number }>;

const db = createDatabase({ url: databaseUrl, poolSize: 8 });
const voters = startHelper('voters.ts');
const screens = startHelper('screens.ts');

/** The ms within which this share of all arrivals came. */
function quantile(histogram: readonly number[], share: number): number {
  const all = histogram.reduce((sum, one) => sum + one, 0);
  let seen = 0;
  for (const [ms, count] of histogram.entries()) {
    seen += count;
    if (seen >= all * share) return ms;
  }
  return Number.NaN;
}

const openScreens = async (origin: string, guests: readonly BenchGuest[]): Promise<void> => {
  const startedAt = performance.now();
  const { opened } = await ask<Opened>(screens, { ask: 'open', origin, guests });
  line('screens open', `${round(opened)}, within ${round(performance.now() - startedAt)} ms`);
  goal(opened === guests.length, 'every guest’s screen was let in');
};

async function voteAll(
  origin: string,
  rooms: readonly BenchRoom[],
  guests: readonly BenchGuest[],
  how: { readonly rate: number | null; readonly votes: number; readonly tracks?: BenchRoom['tracks'] },
): Promise<{ votes: readonly BenchVote[]; failed: number; seconds: number }> {
  const tracks = Object.fromEntries(rooms.map((one) => [one.room.code, how.tracks ?? one.tracks]));
  const startedAt = performance.now();
  const request = { ask: 'vote', origin, guests, tracks, rate: how.rate, votes: how.votes };
  const { votes, failed } = await ask<VotersAnswer>(voters, request);
  return { votes, failed, seconds: (performance.now() - startedAt) / 1_000 };
}

/** Waits until every screen shows what the table says. */
async function untilAllShow(totals: Record<string, Record<string, number>>): Promise<Compared> {
  const until = performance.now() + SETTLE_MS;
  for (;;) {
    const compared = await ask<Compared>(screens, { ask: 'compare', totals });
    if (compared.wrong === 0 || performance.now() > until) return compared;
    await sleep(300);
  }
}

/** What is said of any run of votes. */
async function judge(
  rooms: readonly BenchRoom[],
  guests: readonly BenchGuest[],
  votes: readonly BenchVote[],
  failed: number,
  measured: readonly BenchVote[] = votes,
): Promise<Measured> {
  // What was stored and not counted, since its gateway died, is counted by the others within ten seconds.
  let counted = await recount(db, rooms, guests, votes);
  for (let n = 0; n < 30 && counted.miscounted > 0; n++) {
    await sleep(500);
    counted = await recount(db, rooms, guests, votes);
  }
  const compared = await untilAllShow(counted.totals);
  const result = await ask<Measured>(screens, { ask: 'measure', votes: measured, guests });
  const answers = measured.map((vote) => vote.answeredAt - vote.sentAt);
  line(
    'a vote’s own answer, p50 / p95',
    `${round(percentile(answers, 0.5))} / ${round(percentile(answers, 0.95))} ms`,
  );
  line(
    'from a vote to every screen, p50 / p95 / p99',
    [0.5, 0.95, 0.99].map((share) => round(quantile(result.histogram, share))).join(' / ') + ' ms',
  );
  line('arrivals', round(result.histogram.reduce((sum, one) => sum + one, 0)));
  line('lost / never sent / miscounted', `${counted.lost} / ${counted.invented} / ${counted.miscounted}`);
  goal(failed === 0, 'every vote was answered');
  goal(
    counted.lost + counted.invented + counted.miscounted === 0,
    'no vote lost or counted twice, by a recount of the table',
  );
  goal(compared.wrong === 0, `all ${round(compared.screens)} screens show what the table says`);
  return result;
}

/** The share of the processors that others use, over a second. */
async function busyWithOthers(): Promise<number> {
  const sum = () =>
    cpus().reduce(
      (total, { times }) => ({
        idle: total.idle + times.idle,
        all: total.all + times.user + times.nice + times.sys + times.irq + times.idle,
      }),
      { idle: 0, all: 0 },
    );
  const before = sum();
  await sleep(1_000);
  const after = sum();
  return 1 - (after.idle - before.idle) / Math.max(1, after.all - before.all);
}

const busy = await busyWithOthers();
if (busy > 0.2) {
  process.stdout.write(
    `\nTHIS MACHINE IS BUSY: others use ${round(busy * 100)} % of its ${cpus().length} processors. What follows says as much of them.\n`,
  );
}
const hostId = await addListener(db, 'host');
const trackIds = await addTracks(db, TRACKS + 2);
const { origin, process: gateway } = await startGateway(environment);
const opsPort = await freePort();
const worker = await startService('party-worker', opsPort, { ...environment, OPS_PORT: String(opsPort) });

// One large room.
process.stdout.write(`\n${round(GUESTS)} guests in one room, one gateway, ${RATE} votes a second\n`);
const large = await makeRoom(db, hostId, trackIds, { guests: GUESTS, tracks: TRACKS, threshold: THRESHOLD });
await openScreens(origin, large.guests);
await sleep(1_500);
const sustained = await voteAll(origin, [large], large.guests, { rate: RATE, votes: RATE * SECONDS });
line(
  'votes',
  `${round(sustained.votes.length)}, ${round(sustained.votes.length / sustained.seconds)} a second`,
);
const one = await judge([large], large.guests, sustained.votes, sustained.failed);
const p95 = quantile(one.histogram, 0.95);
line('events at a screen, bytes of one', `${round(one.eventsOfScreen)}, ${round(one.bytesOfEvent)}`);
goal(p95 < GOAL_MS, `within ${GOAL_MS} ms on every screen at p95`);
goal(sustained.votes.length / sustained.seconds > RATE * 0.9, `${RATE} votes a second were held`);

// All at the same instant.
process.stdout.write(`\nAll ${round(GUESTS)} vote for one track at the same instant\n`);
const wanted = await addProposal(db, large.room, trackIds, TRACKS);
const burst = await voteAll(origin, [large], large.guests, {
  rate: null,
  votes: GUESTS,
  tracks: [wanted],
});
line('all answered within', `${round(burst.seconds * 1_000)} ms`);
const all = [...sustained.votes, ...burst.votes];
const together = await judge([large], large.guests, all, burst.failed, burst.votes);
const moments = together.promotedAt[wanted.id] ?? [];
const { rows } = await db.pool.query<{ state: string; promoted_at: Date }>(
  'SELECT state, promoted_at FROM room_tracks WHERE id = $1',
  [Number(wanted.id)],
);
goal(
  moments.length === 1 && rows[0]?.promoted_at.toISOString() === moments[0],
  'promoted exactly once, at the moment that every screen was told',
);
const peak = await gateway.peakBytes();
if (peak !== null) line('gateway’s memory at most', `${round(peak / 1e6)} MB`);
await ask(screens, { ask: 'close' });

// The same bytes as often, by a server that does nothing else.
process.stdout.write(`\nA bare broadcast of the same bytes to ${round(GUESTS)} screens\n`);
const bare = startHelper('bare-broadcast.ts');
const { port: barePort } = await new Promise<{ port: number }>((resolve) => bare.once('message', resolve));
await ask(screens, { ask: 'open-bare', origin: `http://127.0.0.1:${barePort}`, screens: GUESTS });
const everyMs = (sustained.seconds * 1_000) / Math.max(1, one.eventsOfScreen);
await ask(bare, { bytes: Math.round(one.bytesOfEvent), everyMs, times: 80 });
await sleep(1_000);
const { histogram } = await ask<Measured>(screens, { ask: 'measure-bare' });
const bareP95 = quantile(histogram, 0.95);
line('p50 / p95', `${round(quantile(histogram, 0.5))} / ${round(bareP95)} ms`);
line('a vote to every screen, in broadcasts (p95)', (p95 / Math.max(1, bareP95)).toFixed(1));
figure({
  what: `Party of ${round(GUESTS)} guests, ${RATE} votes a second: a vote at every screen, p95`,
  value: `${round(p95)} ms`,
  baseline: `a bare broadcast of the same bytes: ${round(bareP95)} ms`,
  ratio: p95 / Math.max(1, bareP95),
});
bare.kill();
await ask(screens, { ask: 'close' });

// Many small rooms.
process.stdout.write(`\n${round(ROOMS)} rooms of ${SMALL}, one gateway, ${RATE} votes a second over all\n`);
const small: BenchRoom[] = [];
for (let n = 0; n < ROOMS; n++) {
  small.push(await makeRoom(db, hostId, trackIds, { guests: SMALL, tracks: 5, threshold: 1_000 }));
}
// From room to room, not one room after the other.
const mixed = Array.from({ length: SMALL }, (_, n) => small.flatMap(({ guests }) => guests[n] ?? [])).flat();
await openScreens(origin, mixed);
await sleep(1_500);
const spread = await voteAll(origin, small, mixed, { rate: RATE, votes: RATE * SECONDS });
line('votes', `${round(spread.votes.length)}, ${round(spread.votes.length / spread.seconds)} a second`);
const many = await judge(small, mixed, spread.votes, spread.failed);
goal(quantile(many.histogram, 0.95) < GOAL_MS, `within ${GOAL_MS} ms on every screen at p95`);
goal(spread.votes.length / spread.seconds > RATE * 0.9, `${RATE} votes a second were held`);
const manyP95 = quantile(many.histogram, 0.95);
figure({
  what: `${round(ROOMS)} parties of ${SMALL} guests, ${RATE} votes a second over all: a vote at every screen, p95`,
  value: `${round(manyP95)} ms`,
  baseline: `goal: ${GOAL_MS} ms`,
  ratio: manyP95 / GOAL_MS,
});
await ask(screens, { ask: 'close' });

// Two gateways, one of which dies.
const [stays] = [Number(new URL(origin).port)];
const dies = await freePort();
const doomed = await startDoomedGateway(dies, {
  ...environment,
  PUBLIC_URL: `http://127.0.0.1:${dies}`,
});
const front = await startFront([stays, dies]);
process.stdout.write(
  `\n${round(GUESTS)} guests in one room, two gateways behind ${front.kind === 'nginx' ? 'nginx' : 'a round-robin proxy'}, one killed in the middle\n`,
);
if (front.kind !== 'nginx') {
  process.stdout.write('  NO nginx ON THE PATH: a small TCP proxy of this benchmark stands in its place.\n');
}
const shared = await makeRoom(db, hostId, trackIds, { guests: GUESTS, tracks: TRACKS, threshold: THRESHOLD });
await openScreens(front.origin, shared.guests);
await sleep(1_500);
const killing = sleep((SECONDS * 1_000) / 2).then(() => doomed.kill());
const halved = await voteAll(front.origin, [shared], shared.guests, { rate: RATE, votes: RATE * SECONDS });
await killing;
line('votes', `${round(halved.votes.length)}, ${round(halved.votes.length / halved.seconds)} a second`);
const again = halved.votes.filter((vote) => vote.tries > 1).length;
line('votes that had to be sent again', round(again));
const survived = await judge([shared], shared.guests, halved.votes, halved.failed);
line('screens that reconnected, with all they missed', `${survived.reconnects}, ${survived.recovered}`);
figure({
  what: `The same on two gateways behind ${front.kind}, one killed: votes stored as they were answered`,
  value: `${round(halved.votes.length)}, ${round(again)} of them sent again`,
  baseline: 'all of them, once',
  ratio: null,
});
goal(survived.reconnects >= GUESTS * 0.3, 'the screens of the dead gateway came back by themselves');

await front.stop();
await worker.stop();
await gateway.stop();
voters.disconnect();
screens.disconnect();
await db.close();
conclude();
