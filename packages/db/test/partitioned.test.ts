import './support/on-partitions.ts';
// What stores, changes and counts plays, on a table of partitions. The whole suite runs so with SPINDLE_TEST_PARTITIONED=1.
import './corrections.test.ts';
import './ingest.test.ts';
import './statistics-ranges.test.ts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  applyMigrations,
  keepPartitions,
  knownMigrations,
  migrateDeploy,
  partitionPlays,
} from '@spindle/prisma';
import { createEmptyDatabase, createTestDatabase, fillTables, type TestDatabase } from '@spindle/testkit';
import pg from 'pg';
import { applyExclusions, createDatabase, PLAY_FLAGS } from '../src/index.ts';

const NOW = new Date('2026-11-01T12:00:00Z');
/** A schema with everything that partitions touch; later migrations must work on both shapes. */
const OLD_ENOUGH = '20261121114647_rooms';

const shapeOf = async (client: pg.Client) =>
  (
    await client.query(
      `SELECT 'constraint' AS what, conname AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint
        WHERE conrelid = 'plays'::regclass AND contype <> 'n'
        UNION ALL SELECT 'index', indexname, replace(indexdef, ' ON ONLY ', ' ON ') FROM pg_indexes WHERE tablename = 'plays'
        UNION ALL SELECT 'statistics', stxname, pg_get_statisticsobjdef(oid) FROM pg_statistic_ext WHERE stxrelid = 'plays'::regclass
        UNION ALL SELECT 'column', attname, format_type(atttypid, atttypmod) || attnotnull || atthasdef FROM pg_attribute
                   WHERE attrelid = 'plays'::regclass AND attnum > 0 AND NOT attisdropped
        ORDER BY 1, 2`,
    )
  ).rows;

describe('the databases of these tests', () => {
  it('have their plays partitioned', async () => {
    const database = await createTestDatabase();
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query(`SELECT relkind FROM pg_class WHERE oid = 'plays'::regclass`);
    await client.end();
    await database.drop();
    expect(rows).toEqual([{ relkind: 'p' }]);
  });
});

describe('a rule', () => {
  it('covers its plays and not those that have the same place in another partition', async () => {
    const store = await createTestDatabase();
    const db = createDatabase({ url: store.url, poolSize: 2 });
    await fillTables(store.url, { except: ['plays', 'exclusion_rules'] });
    // An empty table was divided this year: what is before has one partition, this and the next year have theirs.
    const thisYear = new Date().getUTCFullYear();
    for (const year of [thisYear - 1, thisYear, thisYear + 1])
      await db.pool.query(
        `INSERT INTO plays (user_id, played_at, track_id, ended_at, source, seen_by) VALUES (1, $1, 1, $1, 1, 1)`,
        [`${year}-05-01T00:00:00Z`],
      );
    await db.pool.query(
      `INSERT INTO exclusion_rules (user_id, kind, from_at, to_at) VALUES (1, 'session', $1, $2)`,
      [`${thisYear}-04-30`, `${thisYear}-05-02`],
    );
    await db.transaction((tx) => applyExclusions(tx, 1));
    const { rows } = await db.pool.query(
      'SELECT extract(year FROM played_at)::int AS year, ctid::text AS place, flags FROM plays ORDER BY 1',
    );
    await db.close();
    await store.drop();
    expect(rows).toEqual([
      { year: thisYear - 1, place: '(0,1)', flags: 0 },
      { year: thisYear, place: expect.any(String), flags: PLAY_FLAGS.excluded },
      { year: thisYear + 1, place: '(0,1)', flags: 0 },
    ]);
  });
});

describe('dividing plays', () => {
  let database: TestDatabase;
  let client: pg.Client;
  const plays = async () =>
    (await client.query('SELECT * FROM plays ORDER BY user_id, played_at, track_id')).rows;
  beforeAll(async () => {
    database = await createEmptyDatabase();
    await applyMigrations(database.url, { upTo: OLD_ENOUGH });
    await fillTables(database.url);
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query(
      `INSERT INTO plays (user_id, played_at, track_id, ended_at, source, seen_by)
       SELECT 1, at, 1, at + interval '3 min', 1, 1 FROM generate_series('2009-03-01'::timestamptz, '2026-10-01', '60 days') at`,
    );
  });
  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  it('keeps every row, key, index and check, and is done once', async () => {
    const [rows, shape] = [await plays(), await shapeOf(client)];
    const first = await partitionPlays(database.url, NOW);
    expect(first.converted).toBe(true);
    expect(first.partitions).toEqual([
      ...Array.from({ length: 13 }, (_, index) => `plays_${2016 + index}`),
      'plays_earlier',
      'plays_rest',
    ]);
    expect(await plays()).toEqual(rows);
    expect(await shapeOf(client)).toEqual(shape);
    expect(await partitionPlays(database.url, NOW)).toEqual({
      converted: false,
      partitions: first.partitions,
    });
    const { rows: placed } = await client.query(
      `SELECT count(*)::int AS "left" FROM plays_rest UNION ALL SELECT count(*)::int FROM plays_earlier`,
    );
    expect(placed).toEqual([{ left: 0 }, { left: expect.any(Number) }]);
  });

  it('goes on in later years: plays that came before their partition move into it', async () => {
    await client.query(
      `INSERT INTO plays (user_id, played_at, track_id, ended_at, source, seen_by)
       VALUES (1, '2029-06-01Z', 1, '2029-06-01 00:03Z', 1, 1)`,
    );
    const rows = await plays();
    await keepPartitions(database.url, new Date('2029-02-01T00:00:00Z'));
    expect(await plays()).toEqual(rows);
    const { rows: places } = await client.query(
      `SELECT tableoid::regclass::text AS place FROM plays WHERE played_at >= '2029-01-01'`,
    );
    expect(places).toEqual([{ place: 'plays_2029' }]);
  });

  it('does not stand in the way of the migrations since', async () => {
    const since = (await knownMigrations()).filter((name) => name > OLD_ENOUGH);
    const rows = await plays();
    expect(await migrateDeploy(database.url)).toEqual(since);
    expect(await plays()).toMatchObject(rows);
  });
});
