import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { conclude, figure, goal, line, option, round } from './report.ts';
import { bareQueueRate } from './scale/bare-queue.ts';
import { requests } from './scale/gateway-requests.ts';
import { importAll, writeExports } from './scale/imports.ts';
import { CORES, type Use } from './scale/machine.ts';
import { sweep } from './scale/sync-sweep.ts';

// What more processes bring: a sweep over everybody's history and imports on 1, 2 and 4 workers, requests
// on 1 and 2 gateways behind nginx. Beside each the limit of what it stands on, in the same run: BullMQ with
// jobs that do nothing, PostgreSQL with a bare INSERT. Where the cores of this machine are full, more
// processes cannot bring more; so it also says how much one of them does in a second of its own computing,
// which tells what it would do with cores of its own.
// Options: --listeners=400 --delay=300 --files=8 --rows=50000 --seconds=6 --connections=50

const LISTENERS = option('listeners', 400);
const DELAY_MS = option('delay', 300);
const FILES = option('files', 8);
const ROWS = option('rows', 50_000);
const SECONDS = option('seconds', 6);
const CONNECTIONS = option('connections', 50);
const WORKERS = [1, 2, 4];
/** As the sync worker has it. */
const SYNC_JOBS_AT_ONCE = 16;
/** While workers wait for Spotify and not for this machine, twice as many of them do nearly twice as much. */
const GOAL_WAITING_GROWTH = 1.6;

const redisUrl = process.env.REDIS_URL ?? '';
const times = (value: number, first: number) => `${(value / first).toFixed(2)}×`;
const cores = ({ busyCores, peakBytes }: Use) =>
  (busyCores === null ? '' : `, ${busyCores.toFixed(1)} of ${CORES} cores busy`) +
  (peakBytes === null ? '' : `, ${round(peakBytes / 1e6)} MB each at most`);
const named = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;
const perCpu = (count: number, { cpuSeconds }: Use) => (cpuSeconds ? count / cpuSeconds : null);

process.stdout.write('\nBullMQ itself\n');
const bareJobs = await bareQueueRate(redisUrl, SYNC_JOBS_AT_ONCE);
line('jobs that do nothing, one worker', `${round(bareJobs)} a second`);

for (const [which, delayMs, title] of [
  [
    'next',
    DELAY_MS,
    `A sweep over ${round(LISTENERS)} listeners, little new, Spotify answering after ${DELAY_MS} ms`,
  ],
  [
    'first',
    0,
    `The first sweep over ${round(LISTENERS)} listeners, fifty plays each, Spotify answering at once`,
  ],
] as const) {
  process.stdout.write(`\n${title}\n`);
  const rates: number[] = [];
  const economy: (number | null)[] = [];
  for (const workers of WORKERS) {
    const run = await sweep({ redisUrl, workers, listeners: LISTENERS, which, delayMs });
    const rate = run.listeners / run.seconds;
    rates.push(rate);
    economy.push(perCpu(run.listeners, run));
    line(
      named(workers, 'worker'),
      `${round(rate)} listeners a second (${times(rate, rates[0] ?? rate)}), ${round(run.plays / run.seconds)} plays stored a second${cores(run)}`,
    );
    goal(
      run.failure === null && run.missing === 0 && (which === 'next' || run.plays > 0),
      run.failure ?? `${round(run.missing)} of the plays that were offered missing`,
    );
  }
  const [one = 1, two = 1, four = 1] = rates;
  const [cheap, , dear] = economy;
  if (which === 'next') {
    goal(
      two / one >= GOAL_WAITING_GROWTH,
      `two workers do ${times(two, one)} as much (goal ${GOAL_WAITING_GROWTH}×)`,
    );
    for (const [count, rate] of [
      [2, two],
      [4, four],
    ] as const)
      figure({
        what: `Sync sweep while Spotify takes ${delayMs} ms a call, ${count} workers`,
        value: `${round(rate)} listeners a second`,
        baseline: `1 worker: ${round(one)}`,
        ratio: rate / one,
      });
  } else {
    const best = Math.max(...rates);
    line('share of what BullMQ delivers', (best / bareJobs).toFixed(3));
    figure({
      what: 'First sweep, Spotify answering at once: the most that this machine stores',
      value: `${round(best)} listeners (${round(best * 50)} plays) a second`,
      baseline: `BullMQ with empty jobs: ${round(bareJobs)} jobs a second`,
      ratio: best / bareJobs,
    });
  }
  if (cheap && dear)
    line(
      'listeners in a second of computing, 1 and 4',
      `${round(cheap)}, ${round(dear)}: ${(dear / cheap).toFixed(2)}`,
    );
}

const folder = await mkdtemp(join(tmpdir(), 'spindle-scale-'));
try {
  process.stdout.write(`\n${FILES} exports of ${round(ROWS)} rows\n`);
  const files = await writeExports(folder, FILES, ROWS);
  let first = 0;
  let best = { rate: 0, bareRate: 1, workers: 1 };
  const economy: (number | null)[] = [];
  for (const workers of WORKERS) {
    const run = await importAll({ redisUrl, workers, files });
    const rate = run.plays / run.seconds;
    first ||= rate;
    if (rate > best.rate) best = { rate, bareRate: run.bareRate, workers };
    economy.push(perCpu(run.plays, run));
    line(
      named(workers, 'worker'),
      `${round(rate)} plays a second (${times(rate, first)})${cores(run)}; bare INSERT over ${named(workers, 'connection')} ${round(run.bareRate)} (${(rate / run.bareRate).toFixed(2)} of it)`,
    );
    goal(run.plays === run.wanted, `all ${round(run.wanted)} plays are stored`);
  }
  figure({
    what: `Imports on ${named(best.workers, 'worker')}, rollups included`,
    value: `${round(best.rate)} plays a second (1 worker: ${round(first)})`,
    baseline: `bare INSERT over as many connections: ${round(best.bareRate)}`,
    ratio: best.rate / best.bareRate,
  });
  const [one, , four] = economy;
  if (one && four)
    line(
      'plays in a second of computing, 1 and 4',
      `${round(one)}, ${round(four)}: ${(four / one).toFixed(2)}`,
    );
} finally {
  await rm(folder, { recursive: true });
}

process.stdout.write(`\nRequests of open pages, ${CONNECTIONS} connections\n`);
let firstRate = 0;
for (const gateways of [1, 2]) {
  const run = await requests({ redisUrl, gateways, connections: CONNECTIONS, seconds: SECONDS });
  firstRate ||= run.perSecond;
  const cpu = perCpu(run.perSecond * run.seconds, run);
  line(
    `${named(gateways, 'gateway')} behind ${run.kind}`,
    `${round(run.perSecond)} a second (${times(run.perSecond, firstRate)}), p99 ${run.p99} ms${cores(run)}${cpu === null ? '' : `, ${round(cpu)} in a second of a gateway’s computing`}`,
  );
  goal(run.wrong === 0, 'every one was answered with 200');
  if (gateways === 2)
    figure({
      what: 'Requests of open pages, 2 gateways behind nginx',
      value: `${round(run.perSecond)} a second`,
      baseline: `1 gateway: ${round(firstRate)}`,
      ratio: run.perSecond / firstRate,
    });
}
conclude();
