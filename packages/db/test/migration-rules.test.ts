import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { applyMigrations, knownMigrations, unexcused } from '@spindle/prisma';
import { createEmptyDatabase, type TestDatabase } from '@spindle/testkit';
import pg from 'pg';
import { missedBy, readShape, type SchemaShape } from './support/schema-shape.ts';

/** Up to here no release had code that could run beside a newer one. */
const BEFORE_THE_FIRST_RELEASE = '20261121114647_rooms';

const sqlOf = (name: string) =>
  readFile(new URL(`../../../prisma/migrations/${name}/migration.sql`, import.meta.url), 'utf8');

/** Whether a migration says, by `-- contract: …`, that it takes away what no running version uses. */
const contracts = (sql: string) => /^\s*-- contract: ./m.test(sql);

describe('every migration', () => {
  let names: string[];
  beforeAll(async () => {
    names = (await knownMigrations()).filter((name) => name > BEFORE_THE_FIRST_RELEASE);
  });

  it('excuses each statement that old code may not survive, or that locks a large table', async () => {
    const findings = [];
    for (const name of names)
      for (const { statement, why, excuse } of unexcused(await sqlOf(name)))
        findings.push(
          `${name}: "${statement.slice(0, 80)}" ${why}: say "-- ${excuse}: since when, and why" above it`,
        );
    expect(findings).toEqual([]);
  });

  it('leaves what code of the version before relies on, unless it says that it contracts', async () => {
    const database = await createEmptyDatabase();
    try {
      await applyMigrations(database.url, { upTo: BEFORE_THE_FIRST_RELEASE });
      let before: SchemaShape = await readShape(database.url);
      for (const name of names) {
        await applyMigrations(database.url, { upTo: name });
        const after = await readShape(database.url);
        if (!contracts(await sqlOf(name))) expect([name, missedBy(before, after)]).toEqual([name, []]);
        before = after;
      }
      expect(before.columns.size).toBeGreaterThan(300);
    } finally {
      await database.drop();
    }
  });
});

describe('the rules', () => {
  it.each([
    ['DROP TABLE "plays"', 'contract'],
    ['ALTER TABLE "users" DROP COLUMN "handle"', 'contract'],
    ['ALTER TABLE "users" RENAME COLUMN "handle" TO "name"', 'contract'],
    ['ALTER TABLE "users" ALTER COLUMN "id" SET DATA TYPE BIGINT', 'contract'],
    ['ALTER TABLE "users" ALTER COLUMN "image_url" SET NOT NULL', 'contract'],
    ['ALTER TABLE "users" ADD COLUMN "a" TEXT,\nADD COLUMN "b" TEXT NOT NULL', 'contract'],
    ['ALTER TABLE "users" ADD CONSTRAINT "c" CHECK ("id" > 0)', 'locks'],
    ['CREATE UNIQUE INDEX "i" ON "users" ("display_name")', 'contract'],
    ['CREATE INDEX "i" ON "plays" ("source")', 'locks'],
    ['UPDATE "plays" SET "flags" = 0', 'locks'],
    ['DROP TYPE "room_mode"', 'contract'],
  ])('ask for an excuse for %s', (statement, excuse) => {
    expect(unexcused(`-- a comment\n${statement};\n`).map((one) => one.excuse)).toEqual([excuse]);
    expect(unexcused(`-- ${excuse}: nothing since 0.2.0 reads or writes it\n${statement};\n`)).toEqual([]);
    // The other excuse, and one without a reason, do not do.
    expect(
      unexcused(`-- ${excuse === 'locks' ? 'contract' : 'locks'}: nothing since 0.2.0\n${statement};`),
    ).toHaveLength(1);
    expect(unexcused(`-- ${excuse}:\n${statement};`)).toHaveLength(1);
  });

  it.each([
    ['ALTER TABLE "users" ADD COLUMN "a" TEXT,\nADD COLUMN "b" TEXT NOT NULL DEFAULT \'x\''],
    [
      'CREATE TABLE "new" ("id" INT NOT NULL);\nCREATE UNIQUE INDEX "i" ON "new" ("id");\nALTER TABLE "new" ADD CONSTRAINT "c" CHECK ("id" > 0)',
    ],
    ['ALTER TABLE "users" ADD COLUMN "key" TEXT;\nCREATE UNIQUE INDEX "i" ON "users"("key")'],
    ['CREATE INDEX CONCURRENTLY "i" ON "plays" ("source")'],
    ['CREATE INDEX "i" ON "rooms" ("name")'],
    ['ALTER TABLE "users" ADD CONSTRAINT "c" CHECK ("id" > 0) NOT VALID'],
    ['ALTER TYPE "room_mode" ADD VALUE \'new\''],
    ['ALTER TABLE "users" ALTER COLUMN "name" DROP NOT NULL'],
  ])('have nothing against %s', (statement) => {
    expect(unexcused(`${statement};\n`)).toEqual([]);
  });
});

describe('what old code would miss', () => {
  let database: TestDatabase;
  let before: SchemaShape;
  const after = async (sql: string) => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query(sql);
    await client.end();
    return missedBy(before, await readShape(database.url));
  };
  beforeAll(async () => {
    database = await createEmptyDatabase();
    await applyMigrations(database.url, { upTo: BEFORE_THE_FIRST_RELEASE });
  });
  beforeEach(async () => {
    before = await readShape(database.url);
  });
  afterAll(() => database.drop());

  it.each([
    ['ALTER TABLE users DROP COLUMN image_url', 'users.image_url is gone'],
    ['ALTER TABLE rooms ALTER COLUMN is_on TYPE text', 'rooms.is_on was boolean and is text'],
    ['ALTER TABLE tracks ALTER COLUMN isrc SET NOT NULL', 'tracks.isrc may no longer be null'],
    ['ALTER TABLE users ALTER COLUMN trackers DROP DEFAULT', 'users.trackers lost its default'],
    [
      'ALTER TABLE rooms ADD COLUMN colour text NOT NULL',
      'rooms.colour is new, required and without a default',
    ],
  ])('is told after %s', async (sql, told) => {
    expect(await after(sql)).toEqual([told]);
  });

  it('is nothing after what only expands', async () => {
    expect(
      await after(`ALTER TABLE rooms ADD COLUMN mood text, ADD COLUMN size int NOT NULL DEFAULT 1;
                   CREATE TABLE fresh (id int NOT NULL); ALTER TYPE room_mode ADD VALUE 'fresh'`),
    ).toEqual([]);
  });
});
