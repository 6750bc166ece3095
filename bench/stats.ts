import { createDatabase } from '@spindle/db';
import pg from 'pg';
import { addToken, startGateway } from './gateway.ts';
import { conclude, figure, goal, option, percentile, round } from './report.ts';
import { ask, load } from './stats/load.ts';
import { type Question, questions } from './stats/questions.ts';
import { fillWorld, type MeasuredListener } from './stats/world.ts';

// Every statistic of a listener with a million plays among a hundred listeners, as the gateway answers it:
// worked out anew each time, one after another and over ten connections at once; and over ten connections
// asked again, as pages do. Beside it the plain GROUP BY over the same plays, and listeners with a tenth
// and a hundredth of the plays.
// Options: --asks=60 --connections=10 --plays=1000000

const ASKS = option('asks', 60);
const CONNECTIONS = option('connections', 10);
const MOST = option('plays', 1_000_000);
const SIZES = [MOST, MOST / 10, MOST / 100];
const GOAL_MS = 50;
/** Plain queries of a million plays take long enough; a few tell. */
const PLAIN_ASKS = 20;

/** Answers at p95, ms. */
interface Measured {
  /** Worked out anew, one after another. */
  readonly anew: number;
  /** Worked out anew over all connections at once. */
  readonly crowded: number;
  /** Asked before, over all connections at once. */
  readonly again: number;
}

const now = new Date();
const databaseUrl = process.env.DATABASE_URL ?? '';
process.stdout.write('\nFilling a hundred listeners …\n');
const filling = performance.now();
const listeners = await fillWorld(databaseUrl, SIZES, now);
process.stdout.write(`  ${round((performance.now() - filling) / 1_000)} s, rollups included\n`);

const db = createDatabase({ url: databaseUrl, poolSize: 2 });
const { origin, process: gateway } = await startGateway({
  DATABASE_URL: databaseUrl,
  REDIS_URL: process.env.REDIS_URL ?? '',
  QUEUE_PREFIX: `{bench-stats-${process.pid}}`,
});
const plain = new pg.Pool({ connectionString: databaseUrl, max: CONNECTIONS });

/** Ids of what a listener heard, in no order of how often. */
async function heard(
  userId: number,
  column: 'p.track_id' | 't.album_id' | 'a.artist_id',
): Promise<(n: number) => number> {
  const { rows } = await db.pool.query<{ id: number }>(
    `SELECT DISTINCT ${column} AS id FROM plays p JOIN tracks t ON t.id = p.track_id
       JOIN track_artists a ON a.track_id = t.id WHERE p.user_id = $1 ORDER BY 1 LIMIT 5000`,
    [userId],
  );
  return (n) => rows[(n * 37) % rows.length]?.id ?? 0;
}

async function questionsOf({ userId, plays }: MeasuredListener): Promise<Question[]> {
  const [track, album, artist] = [
    await heard(userId, 'p.track_id'),
    await heard(userId, 't.album_id'),
    await heard(userId, 'a.artist_id'),
  ];
  return questions(now, Math.min(10, plays / 274 / 365), { track, album, artist });
}

async function measure(question: Question, token: string): Promise<Measured> {
  const p95 = async (from: number, count: number, connections: number) => {
    const asking = Array.from({ length: count }, (_, n) => () => ask(origin, token, question.path(from + n)));
    return percentile(await load(asking, connections), 0.95);
  };
  // Code and pages of the database are warm after a few, as they are on an instance that is in use.
  await p95(300, CONNECTIONS, CONNECTIONS);
  const anew = await p95(200, ASKS / 2, 1);
  const crowded = await p95(100, ASKS, CONNECTIONS);
  return { anew, crowded, again: await p95(100, ASKS, CONNECTIONS) };
}

async function measurePlain(question: Question, userId: number): Promise<number | null> {
  const { plain: sql } = question;
  if (sql === null) return null;
  const asking = Array.from({ length: PLAIN_ASKS }, (_, n) => async () => {
    const { from, to } = question.days(n);
    await plain.query(sql, [userId, from, to]);
  });
  return percentile(await load(asking, CONNECTIONS), 0.95);
}

const NONE: Measured = { anew: 0, crowded: 0, again: 0 };
const cell = (value: number | null, digits = 1, width = 10): string =>
  (value === null ? '–' : value.toFixed(digits)).padStart(width);

try {
  const results = new Map<string, Measured[]>();
  const plainResults = new Map<string, number | null>();
  for (const listener of [...listeners].reverse()) {
    const token = await addToken(db, listener.userId);
    for (const question of await questionsOf(listener)) {
      const list = results.get(question.name) ?? [];
      list.push(await measure(question, token));
      results.set(question.name, list);
      if (listener.plays === MOST)
        plainResults.set(question.name, await measurePlain(question, listener.userId));
    }
  }
  const heads = [...SIZES].reverse().map((size) => round(size).padStart(10));
  process.stdout.write(
    `\nAnswers at the gateway, p95 in ms, by plays of the listener: worked out anew one after another;\n` +
      `with ${round(MOST)} plays also anew over ${CONNECTIONS} connections, and asked again over ${CONNECTIONS} connections;\n` +
      `beside it the plain GROUP BY over ${CONNECTIONS} connections, and how many times as long that takes as anew over as many.\n\n` +
      `${''.padEnd(38)}${heads.join('')}${`anew ×${CONNECTIONS}`.padStart(10)}${`again ×${CONNECTIONS}`.padStart(10)}${'GROUP BY'.padStart(10)}${'times'.padStart(9)}\n`,
  );
  for (const [name, sizes] of results) {
    const most = sizes.at(-1);
    const group = plainResults.get(name) ?? null;
    const cells = [...sizes.map(({ anew }) => anew), most?.crowded ?? null, most?.again ?? null].map((ms) =>
      cell(ms),
    );
    const times = group === null || !most ? null : group / most.crowded;
    process.stdout.write(`  ${name.padEnd(36)}${cells.join('')}${cell(group, 0)}${cell(times, 1, 9)}\n`);
  }
  process.stdout.write('\n');
  const worst = (of: (measured: Measured) => number): string => {
    const [[name, sizes] = ['', []]] = [...results].sort(
      ([, a], [, b]) => of(b.at(-1) ?? NONE) - of(a.at(-1) ?? NONE),
    );
    return `${of(sizes.at(-1) ?? NONE).toFixed(1)} ms, ${name}`;
  };
  const within = (of: (measured: Measured) => number) =>
    [...results.values()].every((sizes) => of(sizes.at(-1) ?? NONE) < GOAL_MS);
  const [slowest] = [...results]
    .flatMap(([name, sizes]) => {
      const group = plainResults.get(name);
      const most = sizes.at(-1);
      return group && most ? [{ name, group, ms: most.crowded, times: group / most.crowded }] : [];
    })
    .sort((a, b) => a.times - b.times);
  if (slowest)
    figure({
      what: `Statistics of ${round(MOST)} plays worked out anew over ${CONNECTIONS} connections, p95: the one that gains least (${slowest.name})`,
      value: `${slowest.ms.toFixed(1)} ms`,
      baseline: `the plain GROUP BY: ${round(slowest.group)} ms`,
      ratio: slowest.ms / slowest.group,
    });
  const againMs = Math.max(...[...results.values()].map((sizes) => (sizes.at(-1) ?? NONE).again));
  figure({
    what: 'Every statistic asked again, the slowest, p95',
    value: `${againMs.toFixed(1)} ms`,
    baseline: `goal: ${GOAL_MS} ms`,
    ratio: againMs / GOAL_MS,
  });
  goal(
    within(({ again }) => again),
    `every statistic of ${round(MOST)} plays within ${GOAL_MS} ms at p95 over ${CONNECTIONS} connections (slowest: ${worst(({ again }) => again)})`,
  );
  goal(
    within(({ anew }) => anew),
    `each of them within ${GOAL_MS} ms at p95 when it is worked out anew (slowest: ${worst(({ anew }) => anew)})`,
  );
} finally {
  await plain.end();
  await gateway.stop();
  await db.close();
}
conclude();
