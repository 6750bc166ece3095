import { createHash } from 'node:crypto';
import { finished } from 'node:stream/promises';
import { applyMigrations, knownMigrations, MIGRATOR_NAME, withMigrationLock } from '@spindle/prisma';
import pg from 'pg';
import { type CopyStreamQuery, from as copyFrom, to as copyTo } from 'pg-copy-streams';
import {
  type Connection,
  copyIn,
  copyOut,
  PLAIN_FORMS,
  quoted,
  RESTORE_MARK,
  readForeignKeys,
  readIndexes,
  readTables,
} from './catalogue.ts';
import { dropEverything } from './drop-everything.ts';
import { BackupError, type Closing, type Manifest, type SequenceState } from './format.ts';
import { readBackup } from './read-backup.ts';

export interface RestoreOptions {
  /** Throw away what the database holds. */
  readonly replace?: boolean;
  /** Ids of the keys that this instance has; the backup's tokens need all of its own. */
  readonly keyIds?: readonly string[];
  /** Told what is being done, in words for the operator. */
  readonly onStep?: (what: string) => void;
}

export interface RestoreSummary {
  readonly manifest: Manifest;
  readonly rows: number;
  /** Migrations that came after the backup and were applied to what was restored. */
  readonly migrated: readonly string[];
  /** Ids of keys that the backup needs and this instance lacks: those tokens cannot be read. */
  readonly missingKeyIds: readonly string[];
}

/**
 * Brings a backup into a database: the schema of the backup's own day, its rows, then the migrations since. A
 * restore that is ended in the middle leaves its mark, under which nothing is ready; run again, it begins anew.
 *
 * @throws BackupError when the file is not whole or too new, when the database holds something and `replace` was
 * not said, when somebody else is connected, or when what was read back is not what was written.
 */
export async function restoreBackup(
  databaseUrl: string,
  file: string,
  options: RestoreOptions = {},
): Promise<RestoreSummary> {
  const tell = options.onStep ?? (() => {});
  tell('Checking the backup');
  const { manifest, closing } = await readBackup(file);
  await refuseUnknownMigrations(manifest);
  const rows = closing.tables.reduce((sum, one) => sum + one.rows, 0);
  const missingKeyIds = manifest.keyIds.filter((id) => options.keyIds && !options.keyIds.includes(id));

  return withMigrationLock(databaseUrl, async () => {
    const client = new pg.Client({ connectionString: databaseUrl, application_name: MIGRATOR_NAME });
    await client.connect();
    try {
      await refuseOthers(client);
      await refuseFull(client, options.replace ?? false);
      tell('Emptying the database');
      await inTransaction(client, async () => {
        await dropEverything(client);
        await client.query(`CREATE SCHEMA IF NOT EXISTS ${RESTORE_MARK}`);
      });
      tell(`Making the schema of ${manifest.migrations.at(-1)}`);
      await applyMigrations(databaseUrl, { upTo: manifest.migrations.at(-1) ?? '' });
      tell(`Loading ${rows} rows`);
      await inTransaction(client, () => load(client, file, manifest, closing, tell));
      const migrated = await applyMigrations(databaseUrl);
      if (migrated.length > 0) tell(`Applied ${migrated.length} migrations that are newer than the backup`);
      tell('Gathering statistics for the planner');
      await client.query('ANALYZE');
      await client.query(`DROP SCHEMA ${RESTORE_MARK}`);
      return { manifest, rows, migrated, missingKeyIds };
    } finally {
      await client.end().catch(() => {});
    }
  });
}

async function refuseUnknownMigrations(manifest: Manifest): Promise<void> {
  const known = await knownMigrations();
  const stranger = manifest.migrations.find((name, place) => known[place] !== name);
  if (stranger !== undefined)
    throw new BackupError(
      `The backup has the migration ${stranger}, which this version (newest migration ${known.at(-1)}) does not: restore it with Spindle ${manifest.spindle} or newer.`,
    );
}

/** Whoever is connected would read, and write, half of a database. */
async function refuseOthers(client: Connection): Promise<void> {
  const { rows } = await client.query<{ others: number }>(
    `SELECT count(*)::int AS others FROM pg_stat_activity
      WHERE datname = current_database() AND backend_type = 'client backend' AND application_name <> $1`,
    [MIGRATOR_NAME],
  );
  const others = rows[0]?.others ?? 0;
  if (others > 0)
    throw new BackupError(
      `${others} other connections use this database: stop every service of Spindle first.`,
    );
}

async function refuseFull(client: Connection, replace: boolean): Promise<void> {
  const mark = await client.query<{ marked: boolean }>('SELECT to_regnamespace($1) IS NOT NULL AS marked', [
    RESTORE_MARK,
  ]);
  if (replace || mark.rows[0]?.marked) return;
  for (const { name } of await readTables(client)) {
    const { rows } = await client.query(`SELECT 1 FROM ${quoted(name)} LIMIT 1`);
    if (rows.length > 0)
      throw new BackupError(
        `The database is not empty (there are rows in ${name}). Say --replace to throw away what it holds.`,
      );
  }
}

async function inTransaction(client: pg.Client, work: () => Promise<void>): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(PLAIN_FORMS);
    await work();
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

async function load(
  client: pg.Client,
  file: string,
  manifest: Manifest,
  closing: Closing,
  tell: (what: string) => void,
): Promise<void> {
  await refuseOtherShape(client, manifest);
  // Rows come by the alphabet of their tables, so that the keys between them are checked at the end. Indexes are made
  // of whole tables in a fraction of the time that they take row by row.
  const foreignKeys = await readForeignKeys(client);
  for (const { table, name } of foreignKeys)
    await client.query(`ALTER TABLE ${quoted(table)} DROP CONSTRAINT ${quoted(name)}`);
  const indexes = await readIndexes(client);
  for (const { name } of indexes) await client.query(`DROP INDEX ${quoted(name)}`);
  // A migration may have put rows of its own there; the backup has them too.
  await client.query(`TRUNCATE ${manifest.tables.map((one) => quoted(one.name)).join(', ')}`);
  const loaded = await copyTables(client, file, manifest);
  for (const { name, rows } of closing.tables) {
    if ((loaded.get(name) ?? 0) !== rows)
      throw new BackupError(`${name} came to ${loaded.get(name) ?? 0} rows, the backup has ${rows}.`);
  }
  tell('Checking the rows against the backup');
  await refuseOtherRows(client, closing);
  tell('Making the indexes and checking the keys between tables');
  for (const { definition } of indexes) await client.query(definition);
  for (const { table, name, definition } of foreignKeys)
    await client.query(`ALTER TABLE ${quoted(table)} ADD CONSTRAINT ${quoted(name)} ${definition}`);
  await setSequences(client, closing.sequences);
}

async function refuseOtherShape(client: Connection, manifest: Manifest): Promise<void> {
  const shape = (tables: readonly { name: string; columns: readonly string[] }[]) =>
    tables.map((one) => `${one.name} (${[...one.columns].sort().join(', ')})`);
  const here = shape(await readTables(client));
  const there = shape(manifest.tables);
  const odd = there.find((one) => !here.includes(one)) ?? here.find((one) => !there.includes(one));
  if (odd)
    throw new BackupError(`The schema of ${manifest.migrations.at(-1)} and the backup differ in ${odd}.`);
}

async function copyTables(client: pg.Client, file: string, manifest: Manifest): Promise<Map<string, number>> {
  const columns = new Map(manifest.tables.map((one) => [one.name, one.columns]));
  const loaded = new Map<string, number>();
  let current: { readonly name: string; readonly copy: CopyStreamQuery } | undefined;
  const finish = async () => {
    if (!current) return;
    current.copy.end();
    await finished(current.copy);
    loaded.set(current.name, current.copy.rowCount);
    current = undefined;
  };
  await readBackup(file, {
    async rows(table, part) {
      if (current?.name !== table) {
        await finish();
        const copy = client.query(copyFrom(copyIn({ name: table, columns: columns.get(table) ?? [] })));
        // A refusal by the server is thrown at the next write.
        copy.on('error', () => {});
        current = { name: table, copy };
      }
      for await (const chunk of part) await write(current.copy, chunk);
    },
  });
  await finish();
  return loaded;
}

function write(copy: CopyStreamQuery, chunk: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    if (copy.errored) return reject(copy.errored);
    copy.once('error', reject);
    copy.write(chunk, (error) => {
      copy.off('error', reject);
      if (error) reject(error);
      else resolve();
    });
  });
}

/** Reads all rows back in their order: they are, byte by byte, those of the backup. */
async function refuseOtherRows(client: pg.Client, closing: Closing): Promise<void> {
  const sums = new Map(closing.tables.map((one) => [one.name, one]));
  for (const table of await readTables(client)) {
    const hash = createHash('sha256');
    for await (const chunk of client.query(copyTo(copyOut(table))) as AsyncIterable<Buffer>)
      hash.update(chunk);
    if (hash.digest('hex') !== sums.get(table.name)?.sha256)
      throw new BackupError(`The rows of ${table.name} are not those of the backup.`);
  }
}

async function setSequences(client: Connection, sequences: readonly SequenceState[]): Promise<void> {
  for (const { name, lastValue, isCalled } of sequences)
    await client.query('SELECT setval($1::regclass, $2::bigint, $3)', [
      `public.${quoted(name)}`,
      lastValue,
      isCalled,
    ]);
}
