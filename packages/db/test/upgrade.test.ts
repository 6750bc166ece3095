import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { applyMigrations, knownMigrations, migrateDeploy } from '@spindle/prisma';
import { createEmptyDatabase, fillTables, type TestDatabase, waitFor } from '@spindle/testkit';
import pg from 'pg';
import { createDatabase, recountIfStale, requireMigrations } from '../src/index.ts';
import { rollupsAndRecount } from './support/rollups.ts';

const FIRST = '20261120000000_initial';
const STATISTICS = '20261121041604_statistics';
const PLAYLISTS = '20261121110144_playlists-and-library';

/** What that migration turned into something else; the second test looks at it. */
const REPLACED_BY_STATISTICS = ['hidden_artists', 'play_days'];

const releases: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const release of releases.reverse()) await release();
});

async function databaseAt(migration: string): Promise<{ database: TestDatabase; client: pg.Client }> {
  const database = await createEmptyDatabase();
  releases.push(() => database.drop());
  await applyMigrations(database.url, { upTo: migration });
  const client = new pg.Client({ connectionString: database.url, options: '-c TimeZone=UTC' });
  await client.connect();
  releases.push(() => client.end());
  return { database, client };
}

/** Plays of two listeners, as every version stored them. */
async function listen(client: pg.Client): Promise<void> {
  await client.query(
    `INSERT INTO plays (user_id, played_at, track_id, ended_at, ms_played, source, seen_by)
     SELECT u, at, 1 + i % 3, at + interval '3 min', CASE WHEN i % 4 > 0 THEN 170000 END, 2, 4
       FROM generate_series(1, 2) u, generate_series(1, 80) i,
            LATERAL (SELECT '2026-02-01 10:00Z'::timestamptz + i * u * interval '7 hours' AS at) t
     ON CONFLICT DO NOTHING`,
  );
}

type Rows = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

/** All rows of all tables but the migrations' own. */
async function readRows(client: pg.Client): Promise<Rows> {
  const { rows: tables } = await client.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables
      WHERE table_schema = 'public' AND table_name <> '_prisma_migrations'`,
  );
  const found: Record<string, Record<string, unknown>[]> = {};
  for (const { name } of tables) {
    const { rows } = await client.query<{ row: Record<string, unknown> }>(
      `SELECT to_jsonb(t) AS "row" FROM ${pg.escapeIdentifier(name)} t`,
    );
    found[name] = rows.map((one) => one.row);
  }
  return found;
}

/** Rows by the columns that they had before, in one order. */
function asBefore(rows: Rows[string] | undefined, columns: readonly string[]): string[] | null {
  return (
    rows?.map((row) => JSON.stringify(columns.map((column) => [column, row[column] ?? null]))).sort() ?? null
  );
}

describe('a database of any earlier version', () => {
  it('keeps its rows through every migration since, and its figures are right or wait for a recount', async () => {
    const known = await knownMigrations();
    for (const [index, migration] of known.entries()) {
      const { database, client } = await databaseAt(migration);
      // Before that version nothing wrote liked_tracks, as its migration says.
      await fillTables(database.url, migration < PLAYLISTS ? { except: ['liked_tracks'] } : {});
      await listen(client);
      const before = await readRows(client);
      expect(await migrateDeploy(database.url)).toEqual(known.slice(index + 1));
      const after = await readRows(client);
      for (const [table, rows] of Object.entries(before)) {
        if (migration < STATISTICS && REPLACED_BY_STATISTICS.includes(table)) continue;
        const moved = migration < PLAYLISTS && table === 'shuffled_playlists' ? ['checkpoint'] : [];
        const columns = Object.keys(rows[0] ?? {}).filter((column) => !moved.includes(column));
        expect([migration, table, asBefore(after[table], columns)]).toEqual([
          migration,
          table,
          asBefore(rows, columns),
        ]);
      }

      const db = createDatabase({ url: database.url, poolSize: 2 });
      try {
        await requireMigrations(db);
        const { rows: states } = await client.query<{ stale: number }>(
          `SELECT coalesce(h.stale, -1) AS stale FROM (SELECT DISTINCT user_id FROM plays) p LEFT JOIN history_states h USING (user_id)`,
        );
        if (migration < STATISTICS) expect(new Set(states.map((one) => one.stale))).toEqual(new Set([2]));
        await client.query('UPDATE history_states SET stale = 2 WHERE user_id <= 2');
        for (const userId of [1, 2]) {
          await recountIfStale(db, userId, new Date('2026-11-01T12:00:00Z'));
          const { kept, recounted } = await rollupsAndRecount(db, userId);
          expect(kept).toEqual(recounted);
          expect(kept.periods.length).toBeGreaterThan(50);
        }
      } finally {
        await db.close();
      }
    }
  }, 120_000);

  it('of the first version: hidden artists become rules, and what operations were to write moves', async () => {
    const { database, client } = await databaseAt(FIRST);
    await fillTables(database.url, {
      except: ['liked_tracks'],
      values: {
        'shuffled_playlists.checkpoint': (row) =>
          row === 3
            ? null
            : JSON.stringify({
                uris: ['spotify:track:a', `spotify:track:${row}`],
                refresh: row === 2,
                page: row,
              }),
      },
    });
    const { rows: hidden } = await client.query(
      'SELECT user_id, artist_id FROM hidden_artists ORDER BY user_id, artist_id',
    );
    await migrateDeploy(database.url);
    const { rows: rules } = await client.query(
      `SELECT user_id, artist_id FROM exclusion_rules WHERE kind = 'artist' ORDER BY user_id, artist_id`,
    );
    expect(rules).toEqual(hidden);
    expect(hidden).toHaveLength(3);
    const { rows: operations } = await client.query(
      'SELECT uris, target, checkpoint FROM shuffled_playlists ORDER BY id',
    );
    expect(operations).toEqual([
      { uris: ['spotify:track:a', 'spotify:track:1'], target: 'new', checkpoint: { page: 1 } },
      { uris: ['spotify:track:a', 'spotify:track:2'], target: 'refresh', checkpoint: { page: 2 } },
      { uris: null, target: 'new', checkpoint: null },
    ]);
  });
});

describe('a migration', () => {
  it('waits for a table in use in short turns, between which others get on', async () => {
    const { database, client } = await databaseAt(FIRST);
    await client.query('BEGIN');
    await client.query('LOCK TABLE plays IN ACCESS SHARE MODE');
    let done = false;
    const migrating = applyMigrations(database.url, { lockTimeoutMs: 200, lockPauseMs: 100 }).then(
      (names) => {
        done = true;
        return names;
      },
    );
    const reader = new pg.Client({ connectionString: database.url });
    await reader.connect();
    // It has given up at least twice, and left nothing behind, while a reader always gets its answer.
    await waitFor(
      async () => {
        await reader.query('SELECT count(*) FROM plays');
        const { rows } = await reader.query<{ turns: number }>(
          'SELECT count(*)::int AS turns FROM _prisma_migrations WHERE rolled_back_at IS NOT NULL',
        );
        return (rows[0]?.turns ?? 0) >= 2;
      },
      { what: 'two turns of the migration', timeoutMs: 20_000 },
    );
    expect(done).toBe(false);
    await client.query('COMMIT');
    expect(await migrating).toEqual((await knownMigrations()).slice(1));
    await reader.end();
  });

  it('that was killed in the middle has done nothing, and is done by the next', async () => {
    const { database, client } = await databaseAt(FIRST);
    await client.query('BEGIN');
    // The second migration has made types and tables by the time that it wants this one.
    await client.query('LOCK TABLE users IN ACCESS SHARE MODE');
    const script = fileURLToPath(new URL('./support/migrating-process.ts', import.meta.url));
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
      env: { ...process.env, NODE_OPTIONS: '', MIGRATED_DATABASE: database.url },
      stdio: 'ignore',
    });
    const waiting = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    // A transaction would see what went on at its first look, again and again.
    const onlooker = new pg.Client({ connectionString: database.url });
    await onlooker.connect();
    const pid = await waitFor(async () => (await onlooker.query<{ pid: number }>(waiting)).rows[0]?.pid, {
      what: 'the migration to wait for the table',
      timeoutMs: 20_000,
    });
    child.kill('SIGKILL');
    await once(child, 'exit');
    // As the server does when it notices.
    await onlooker.query('SELECT pg_terminate_backend($1)', [pid]);
    await onlooker.end();
    await client.query('COMMIT');
    const { rows } = await client.query(
      "SELECT to_regtype('exclusion_kind') AS type, to_regclass('play_periods') AS table",
    );
    expect(rows).toEqual([{ type: null, table: null }]);
    expect(await migrateDeploy(database.url)).toEqual((await knownMigrations()).slice(1));
  });

  it('is applied once though several migrate at the same moment', async () => {
    const { database } = await databaseAt(FIRST);
    const applied = await Promise.all([1, 2, 3].map(() => migrateDeploy(database.url)));
    expect(applied.flat().sort()).toEqual((await knownMigrations()).slice(1));
  });
});
