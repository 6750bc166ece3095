import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { copyOut, readTables, restoreBackup, writeBackup } from '@spindle/backup';
import { createEmptyDatabase } from '@spindle/testkit';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { conclude, figure, goal, line, option, round } from './report.ts';
import { fillWorld } from './stats/world.ts';

// The backup of a listener with a million plays among a hundred listeners, rollups included, and its restore into
// an empty database; beside them the bare COPY of the same tables to nowhere.
// Options: --plays=1000000

const PLAYS = option('plays', 1_000_000);
/** A backup against the bare COPY of its tables to nowhere, and a restore against the same, times. */
const GOAL_BACKUP = 4;
const GOAL_RESTORE = 25;

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1_000;
}

const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() });
const databaseUrl = process.env.DATABASE_URL ?? '';
const folder = await mkdtemp(join(tmpdir(), 'spindle-backup-'));
const file = join(folder, 'backup.tar.zst');
const target = await createEmptyDatabase();
try {
  process.stdout.write('\nFilling a hundred listeners …\n');
  await fillWorld(databaseUrl, [PLAYS], new Date());
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const tables = await readTables(client);
  const { rows: size } = await client.query<{ bytes: string; plays: number }>(
    'SELECT pg_database_size(current_database()) AS bytes, (SELECT count(*)::int FROM plays) AS plays',
  );
  const [figures] = size;
  const bare = await seconds(async () => {
    for (const { name } of tables) await pipeline(client.query(copyTo(`COPY ${name} TO STDOUT`)), nowhere());
  });
  const ordered = await seconds(async () => {
    for (const table of tables) await pipeline(client.query(copyTo(copyOut(table))), nowhere());
  });
  await client.end();

  let rows = 0;
  const backup = await seconds(async () => {
    const { closing } = await writeBackup(databaseUrl, createWriteStream(file), {
      spindleVersion: 'bench',
      now: () => new Date(),
    });
    rows = closing.tables.reduce((sum, one) => sum + one.rows, 0);
  });
  const { size: bytes } = await stat(file);
  const restore = await seconds(() => restoreBackup(target.url, file));

  const count = figures?.plays ?? 0;
  process.stdout.write(
    `\n${round(count)} plays, ${round(rows)} rows in all, a database of ${round(Number(figures?.bytes) / 1e6)} MB\n`,
  );
  line(
    'size of the backup',
    `${round(bytes / 1e6)} MB, ${(bytes / count).toFixed(1)} bytes a play with all else`,
  );
  line('bare COPY of all tables to nowhere', `${bare.toFixed(1)} s`);
  line('the same in the order of the keys', `${ordered.toFixed(1)} s`);
  line('backup', `${backup.toFixed(1)} s, ${(backup / bare).toFixed(1)} times the bare COPY`);
  line(
    'restore, checked twice, with indexes and keys',
    `${restore.toFixed(1)} s, ${(restore / bare).toFixed(1)} times the bare COPY`,
  );
  const baseline = `bare COPY of all tables to nowhere: ${bare.toFixed(1)} s`;
  figure({
    what: `Backup of ${round(rows)} rows, ${round(count)} of them plays`,
    value: `${backup.toFixed(1)} s, ${round(bytes / 1e6)} MB`,
    baseline,
    ratio: backup / bare,
  });
  figure({
    what: 'Restore of the same, checked twice',
    value: `${restore.toFixed(1)} s`,
    baseline,
    ratio: restore / bare,
  });
  goal(backup < bare * GOAL_BACKUP, `a backup takes less than ${GOAL_BACKUP} times the bare COPY`);
  goal(restore < bare * GOAL_RESTORE, `a restore takes less than ${GOAL_RESTORE} times the bare COPY`);
} finally {
  await target.drop();
  await rm(folder, { recursive: true });
}
conclude();
