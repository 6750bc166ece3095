import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase, type Database, getImport } from '@spindle/db';
import { seededRandom } from '@spindle/service-kit';
import { addListener, addToken, startGateway } from './gateway.ts';
import { bareInsert } from './import/bare-insert.ts';
import { writeExportZip } from './import/export-zip.ts';
import { upload } from './import/upload.ts';
import { conclude, figure, goal, line, option, percentile, round } from './report.ts';
import { type ServiceProcess, startWorkers } from './service-process.ts';

// An export in Spotify's own form, from the first byte of the upload to the last committed play, with
// the gateway and the worker as processes of their own, while somebody else uses the gateway.
// Options: --rows=1000000 --seed=1

const ROWS = option('rows', 1_000_000);
const GOAL_PLAYS_A_SECOND = 20_000;
const GOAL_SHARE_OF_BARE = 1 / 5;
const GOAL_ANSWER_MS = 50;
const GOAL_PEAK_BYTES = 300e6;
const PREFIX = `{bench-import-${process.pid}}`;

async function ended(db: Database, userId: number, importId: number) {
  for (;;) {
    const view = await getImport(db, userId, importId);
    if (view?.finishedAt) return view;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * Asks the gateway for one page after another, as an open browser would, until told to stop. Answers how
 * long it waited each time, ms.
 */
function askMeanwhile(origin: string, token: string): { stop(): Promise<number[]> } {
  const paths = ['/api/user', '/api/plays?limit=20', '/api/stats/summary?range=month', '/api/imports'];
  const waits: number[] = [];
  const pause = 20;
  let going = true;
  const asking = (async () => {
    for (let turn = 0; going; turn += 1) {
      const path = paths[turn % paths.length] ?? '/';
      const began = performance.now();
      const answer = await fetch(origin + path, { headers: { authorization: `Bearer ${token}` } });
      await answer.arrayBuffer();
      waits.push(performance.now() - began);
      if (answer.status !== 200) throw new Error(`${path}: ${answer.status}`);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  })();
  // Its failure is thrown by stop().
  asking.catch(() => {});
  return {
    async stop() {
      going = false;
      await asking;
      return waits;
    },
  };
}

const databaseUrl = process.env.DATABASE_URL ?? '';
const redisUrl = process.env.REDIS_URL ?? '';
const folder = await mkdtemp(join(tmpdir(), 'spindle-import-'));
const file = join(folder, 'my_spotify_data.zip');
const { plays } = await writeExportZip(file, ROWS, seededRandom(option('seed', 1)));
const { size } = await stat(file);
process.stdout.write(
  `\nImport of ${round(ROWS)} rows, ${round(plays)} of them plays, a zip of ${round(size / 1e6)} MB\n`,
);

const db = createDatabase({ url: databaseUrl, poolSize: 4 });
const shared = { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, QUEUE_PREFIX: PREFIX };
const running: ServiceProcess[] = [];
try {
  const [worker] = await startWorkers('import-worker', 1, shared);
  if (!worker) throw new Error('no worker was started');
  running.push(worker);
  const { origin, process: gateway } = await startGateway({ ...shared, IMPORT_MAX_FILE_MB: '10000' });
  running.push(gateway);
  const userId = await addListener(db, `bench-${process.pid}`);
  const onlooker = await addListener(db, `onlooker-${process.pid}`);
  const [token, onlookerToken] = [await addToken(db, userId), await addToken(db, onlooker)];
  const meanwhile = askMeanwhile(origin, onlookerToken);
  const startedAt = performance.now();
  const importId = await upload(origin, token, file);
  const uploadedMs = performance.now() - startedAt;
  const view = await ended(db, userId, importId);
  const seconds = (performance.now() - startedAt) / 1_000;
  const waits = await meanwhile.stop();
  const peak = await worker.peakBytes();
  const { totals } = view;
  const counted = await db.pool.query<{ plays: number; stored: number }>(
    `SELECT (SELECT sum(plays)::int FROM play_periods WHERE user_id = $1 AND grain = 0 AND kind = 0) AS plays,
            (SELECT count(*)::int FROM plays WHERE user_id = $1 AND ms_played >= 30000) AS stored`,
    [userId],
  );
  const [figures] = counted.rows;
  const disk = await db.pool.query<{ plays: number; rollups: number }>(
    `SELECT pg_total_relation_size('plays')::float8 AS plays, pg_total_relation_size('play_periods')::float8 AS rollups`,
  );
  const bare = await bareInsert(databaseUrl);
  const bareRate = bare.rows / (bare.ms / 1_000);
  const rate = totals.imported / seconds;

  line('upload', `${(uploadedMs / 1_000).toFixed(2)} s of ${seconds.toFixed(2)} s`);
  line('rows read', `${round(ROWS / seconds)} a second`);
  line('plays stored, rollups included', `${round(rate)} a second`);
  line('bare INSERT … SELECT unnest of the same plays', `${round(bareRate)} a second`);
  line('import against bare insert', `${(rate / bareRate).toFixed(3)} (1/${(bareRate / rate).toFixed(1)})`);
  const [onDisk] = disk.rows;
  if (onDisk)
    line(
      'on disk, with indexes',
      `${round(onDisk.plays / totals.imported)} bytes a play, ${round(onDisk.rollups / totals.imported)} of its rollups`,
    );
  line('peak memory of the worker', peak === null ? 'not told by this system' : `${round(peak / 1e6)} MB`);
  figure({
    what: `Import of ${round(ROWS)} rows, from upload to committed, rollups included`,
    value: `${round(rate)} plays a second`,
    baseline: `bare INSERT … SELECT unnest of the same plays: ${round(bareRate)}`,
    ratio: rate / bareRate,
  });
  goal(
    view.status === 'succeeded' && totals.read === ROWS && totals.imported === plays && bare.rows === plays,
    `every row read, every play stored once (${round(totals.imported)} of ${round(plays)})`,
  );
  goal(
    figures !== undefined && figures.plays === figures.stored && figures.plays > 0,
    `the rollups count each play of 30 s and more (${round(figures?.plays ?? 0)})`,
  );
  goal(
    rate >= GOAL_PLAYS_A_SECOND,
    `${round(rate)} plays a second from upload to committed (goal ${round(GOAL_PLAYS_A_SECOND)})`,
  );
  goal(
    rate >= bareRate * GOAL_SHARE_OF_BARE,
    `1/${(bareRate / rate).toFixed(1)} of the bare insert (goal 1/${Math.round(1 / GOAL_SHARE_OF_BARE)})`,
  );
  goal(
    percentile(waits, 0.95) < GOAL_ANSWER_MS,
    `others' answers meanwhile: p50 ${percentile(waits, 0.5).toFixed(1)} ms, p95 ${percentile(waits, 0.95).toFixed(1)} ms, ${round(waits.length)} of them (goal p95 ${GOAL_ANSWER_MS} ms)`,
  );
  if (peak !== null)
    goal(
      peak < GOAL_PEAK_BYTES,
      `worker within ${round(peak / 1e6)} MB (goal ${round(GOAL_PEAK_BYTES / 1e6)})`,
    );
} finally {
  for (const service of running.reverse()) await service.stop();
  await db.close();
  await rm(folder, { recursive: true });
}
conclude();
