import {
  createDatabase,
  type Database,
  ingestPlays,
  loadListener,
  loadTimeline,
  type PlayObservation,
  recountIfStale,
  resolveRange,
  summarize,
  topItems,
} from '@spindle/db';
import { partitionPlays } from '@spindle/prisma';
import { createTestDatabase } from '@spindle/testkit';
import { addListener } from './gateway.ts';
import { conclude, figure, goal, line, option, percentile, round } from './report.ts';

// Plays by year against plays in one table: the same listener, the same batches and questions, in turns.
// Options: --plays=300000 --batches=40

const PLAYS = option('plays', 300_000);
const BATCHES = option('batches', 40);
const BATCH = 500;
const TRACKS = 5_000;
const YEARS = 10;
const DAY_MS = 86_400_000;
/** Partitioned against not, times. */
const GOAL = 3;

const now = new Date();
const median = (values: readonly number[]) => percentile(values, 0.5);

async function fill(db: Database): Promise<number> {
  const userId = await addListener(db, 'listener');
  await db.pool.query(
    `INSERT INTO tracks (spotify_id, name, name_key, artist_key, duration_ms)
     SELECT lpad(i::text, 22, '0'), 'Track ' || i, 'track ' || i, 'artist', 180000 FROM generate_series(1, $1) i`,
    [TRACKS],
  );
  await db.pool.query(
    `INSERT INTO plays (user_id, played_at, track_id, ended_at, ms_played, source, seen_by)
     SELECT $1, at, (SELECT min(id) FROM tracks) + (i * 79) % $4::int, at + interval '170 s', 170000, 2, 4
       FROM generate_series(1, $2::int) i, LATERAL (SELECT $5::timestamptz - make_interval(secs => i * ($3::float8 * 365 * 86400 / $2)) AS at) t`,
    [userId, PLAYS, YEARS, TRACKS, now],
  );
  await db.pool.query('INSERT INTO history_states (user_id, stale, stale_since) VALUES ($1, 2, $2)', [
    userId,
    now,
  ]);
  await recountIfStale(db, userId, now);
  return userId;
}

/** Plays of one day of the history, between those that are there. */
function batch(firstTrack: number, number: number): PlayObservation[] {
  const day = now.getTime() - (1 + ((number * 83) % (YEARS * 360))) * DAY_MS;
  return Array.from({ length: BATCH }, (_, index) => {
    const startedAt = day + index * 170_500 + 1_234;
    const length = { endedAt: startedAt + 170_000, msPlayed: 170_000, durationMs: 180_000 };
    return { trackId: firstTrack + ((index * 31 + number) % TRACKS), source: 'live', startedAt, ...length };
  });
}

async function ask(db: Database, userId: number, number: number): Promise<void> {
  const listener = await loadListener(db.pool, userId);
  if (!listener) throw new Error('There is no listener.');
  const from = new Date(now.getTime() - (400 + number * 29) * DAY_MS).toISOString().slice(0, 10);
  const to = new Date(now.getTime() - (300 + number * 29) * DAY_MS).toISOString().slice(0, 10);
  const range = resolveRange({ from, to }, listener, now);
  await summarize(db.pool, listener, range, now);
  await topItems(db.pool, listener, range, { kind: 'tracks', by: 'plays', limit: 50, offset: 0 });
  await loadTimeline(db.pool, listener, range);
}

const stores = [await createTestDatabase(), await createTestDatabase()];
const worlds: { db: Database; userId: number; firstTrack: number; ingest: number[]; ask: number[] }[] = [];
let convertMs = 0;
for (const [index, { url }] of stores.entries()) {
  const db = createDatabase({ url, poolSize: 4 });
  const userId = await fill(db);
  if (index === 1) {
    const startedAt = performance.now();
    await partitionPlays(url, now);
    convertMs = performance.now() - startedAt;
  }
  await db.pool.query('VACUUM ANALYZE');
  const { rows } = await db.pool.query<{ id: number }>('SELECT min(id) AS id FROM tracks');
  worlds.push({ db, userId, firstTrack: rows[0]?.id ?? 0, ingest: [], ask: [] });
}
for (let number = 0; number < BATCHES; number += 1) {
  for (const { db, userId, firstTrack, ingest, ask: asked } of worlds) {
    let startedAt = performance.now();
    await db.transaction((tx) => ingestPlays(tx, userId, batch(firstTrack, number)));
    ingest.push(performance.now() - startedAt);
    startedAt = performance.now();
    await ask(db, userId, number);
    asked.push(performance.now() - startedAt);
  }
}
const [plain, divided] = worlds;
if (!plain || !divided) throw new Error('There are no worlds.');
process.stdout.write(
  `\n${round(PLAYS)} plays of one listener over ${YEARS} years, one table and ${YEARS + 5} partitions\n`,
);
line('dividing them', `${(convertMs / 1_000).toFixed(1)} s`);
for (const [what, key] of [
  [`storing ${BATCH} plays, rollups included`, 'ingest'],
  ['summary, top tracks and timeline of 100 days', 'ask'],
] as const) {
  const [one, many] = [median(plain[key]), median(divided[key])];
  line(what, `${many.toFixed(1)} ms partitioned, ${one.toFixed(1)} ms not: ${(many / one).toFixed(2)}`);
  figure({
    what: `Plays by year: ${what}`,
    value: `${many.toFixed(1)} ms`,
    baseline: `one table: ${one.toFixed(1)} ms`,
    ratio: many / one,
  });
  goal(many < one * GOAL, `${what}: less than ${GOAL} times that of one table`);
}
for (const { db } of worlds) await db.close();
for (const store of stores) await store.drop();
conclude();
