import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, type Database, requireMigrations } from '@spindle/db';
import { applyMigrations, knownMigrations } from '@spindle/prisma';
import { createTokenBox } from '@spindle/service-kit';
import { createEmptyDatabase, createTestDatabase, fillTables, type TestDatabase } from '@spindle/testkit';
import { BOXED, PLAIN, readBackup, restoreBackup } from '../src/index.ts';
import { backUpTo, contentsOf, withClient, withFolder } from './support/copies.ts';
import { addListener, addTracks, listen, statisticsOf } from './support/listening.ts';

const releases: (() => Promise<unknown>)[] = [];
let source: TestDatabase;
let db: Database;
let folder: string;
let userId: number;
let tracks: number[];

const emptyDatabase = async () => {
  const database = await createEmptyDatabase();
  releases.push(() => database.drop());
  return database;
};

const open = (url: string) => {
  const one = createDatabase({ url, poolSize: 3 });
  releases.push(() => one.close());
  return one;
};

beforeAll(async () => {
  folder = await withFolder(releases);
  source = await createTestDatabase();
  releases.push(() => source.drop());
  db = open(source.url);
  tracks = await addTracks(db);
  userId = await addListener(db, 'ada');
  for (const name of ['bea', 'cyd']) await addListener(db, name);
  await listen(db, userId, tracks, 0, 300);
  await fillTables(source.url);
  const box = createTokenBox([{ id: 'key-of-2026', key: Buffer.alloc(32, 7) }]);
  await db.prisma.spotifyCredential.update({
    where: { userId },
    data: { refreshToken: box.seal('a refresh token', `user:${userId}`) },
  });
});

afterAll(async () => {
  for (const release of releases.reverse()) await release();
});

describe('a backup', () => {
  it('holds every table of the schema, and every table has rows', async () => {
    const { closing, manifest } = await backUpTo(source.url, join(folder, 'tables.tar.zst'));
    const { rows } = await db.pool.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables
        WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> '_prisma_migrations' ORDER BY 1`,
    );
    expect(closing.tables.map((one) => one.name).sort()).toEqual(rows.map((row) => row.name).sort());
    expect(closing.tables.filter((one) => one.rows === 0)).toEqual([]);
    expect(manifest.migrations).toEqual(await knownMigrations());
  });

  it('names the keys that its tokens need, and no key', async () => {
    const file = join(folder, 'keys.tar.zst');
    const { manifest } = await backUpTo(source.url, file);
    expect(manifest.keyIds).toEqual(['key-of-2026']);
    expect((await readBackup(file)).manifest.keyIds).toEqual(['key-of-2026']);
  });

  it('knows of every column of bytes whether it holds tokens', async () => {
    const { rows } = await db.pool.query<{ column: string }>(
      `SELECT table_name || '.' || column_name AS "column" FROM information_schema.columns
        WHERE table_schema = 'public' AND data_type = 'bytea' ORDER BY 1`,
    );
    const decided = [...BOXED, ...PLAIN].map(([table, column]) => `${table}.${column}`).sort();
    expect(rows.map((row) => row.column).sort()).toEqual(decided);
  });

  it('comes back byte by byte, with its sequences, keys between tables and statistics', async () => {
    const file = join(folder, 'whole.tar.zst');
    const before = await contentsOf(source.url);
    await backUpTo(source.url, file);
    const target = await emptyDatabase();
    const summary = await restoreBackup(target.url, file, { keyIds: ['another-key'] });
    expect(summary).toMatchObject({ migrated: [], missingKeyIds: ['key-of-2026'] });
    expect(await contentsOf(target.url)).toEqual(before);

    const restored = open(target.url);
    await requireMigrations(restored);
    expect(await statisticsOf(restored, userId)).toEqual(await statisticsOf(db, userId));
    // A new listener gets an id that nobody had, and a play of nobody is refused as before.
    const highest = Math.max(...(await db.prisma.user.findMany()).map((one) => one.id));
    expect(await addListener(restored, 'grace')).toBe(highest + 1);
    await expect(
      restored.pool.query(
        `INSERT INTO plays (user_id, played_at, track_id, ended_at, source, seen_by) VALUES (0, now(), 0, now(), 1, 1)`,
      ),
    ).rejects.toThrow(/foreign key/);
    const shapeOf = (one: Database) =>
      one.pool.query(
        `SELECT conrelid::regclass::text AS "table", conname, pg_get_constraintdef(oid) FROM pg_constraint
          WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2`,
      );
    expect((await shapeOf(restored)).rows).toEqual((await shapeOf(db)).rows);
  });

  it('is of one moment though plays come in meanwhile', async () => {
    const other = await addListener(db, 'busy');
    let going = true;
    const listening = (async () => {
      for (let from = 0; going; from += 20) await listen(db, other, tracks, from, 20);
    })();
    const files = ['one', 'two', 'three'].map((name) => join(folder, `busy-${name}.tar.zst`));
    for (const file of files) await backUpTo(source.url, file);
    going = false;
    await listening;
    const target = await emptyDatabase();
    await restoreBackup(target.url, files.at(-1) ?? '');
    // A play and its part of the rollups are stored together, so that half of it would show.
    const { rows } = await withClient(target.url, (client) =>
      client.query<{ plays: number; counted: number }>(
        `SELECT (SELECT count(*)::int FROM plays WHERE user_id = $1) AS plays,
                (SELECT sum(plays)::int FROM play_periods WHERE user_id = $1 AND grain = 3 AND kind = 0) AS counted`,
        [other],
      ),
    );
    expect(rows[0]?.plays).toBeGreaterThan(0);
    expect(rows[0]?.counted).toBe(rows[0]?.plays);
  });

  it('of an older version comes back and is brought up to date', async () => {
    const upTo = '20261121110144_playlists-and-library';
    const since = (await knownMigrations()).filter((name) => name > upTo);
    const older = await emptyDatabase();
    await applyMigrations(older.url, { upTo });
    await fillTables(older.url);
    const before = await contentsOf(older.url);
    const file = join(folder, 'older.tar.zst');
    await backUpTo(older.url, file);
    const target = await emptyDatabase();
    const { migrated } = await restoreBackup(target.url, file);
    expect(migrated).toEqual(since);
    expect(since.length).toBeGreaterThan(0);
    const after = await contentsOf(target.url);
    for (const [table, { rows }] of Object.entries(before))
      expect([table, after[table]?.rows]).toEqual([table, rows]);
    await requireMigrations(open(target.url));
  });
});
