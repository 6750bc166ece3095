import { createHash } from 'node:crypto';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress } from 'node:zlib';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { type Pack, pack as packTar } from 'tar-stream';
import {
  type Connection,
  copyOut,
  PLAIN_FORMS,
  quoted,
  readMigrationHistory,
  readSequences,
  readTables,
  type Table,
} from './catalogue.ts';
import {
  BackupError,
  CLOSING_ENTRY,
  type Closing,
  FORMAT_VERSION,
  MANIFEST_ENTRY,
  type Manifest,
  partEntry,
  type SequenceState,
  type TableSum,
} from './format.ts';
import { readKeyIds } from './key-ids.ts';

/** How much of a table one entry of the tar holds, and so how much of it lies in memory. */
const PART_BYTES = 4 * 1024 * 1024;
const MIGRATION_WAIT_MS = 60_000;
const MIGRATION_PROBE_MS = 500;

export interface BackupOptions {
  readonly spindleVersion: string;
  readonly now: () => Date;
}

export interface BackupSummary {
  readonly manifest: Manifest;
  readonly closing: Closing;
}

/**
 * Writes everything that PostgreSQL holds of one moment to `output`, which it ends. The system may go on
 * meanwhile: nothing waits for a backup but a migration.
 *
 * @throws BackupError when there is nothing to back up, or a migration runs for longer than a minute.
 */
export async function writeBackup(
  databaseUrl: string,
  output: Writable,
  options: BackupOptions,
): Promise<BackupSummary> {
  const socket = new Socket();
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'spindle-backup',
    stream: () => socket,
  });
  await client.connect();
  try {
    await beginSnapshot(client);
    const manifest = await describe(client, options);
    const tables = await readTables(client);
    const tar = packTar();
    const compress = createZstdCompress({
      params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 },
    });
    const written = pipeline(tar, compress, output);
    // Its failure is thrown where it is awaited.
    written.catch(() => {});
    const filled = fill(client, tar, manifest, tables, options.now());
    filled.catch(() => {});
    try {
      // An output that fails takes nothing more, and would be waited for without an end.
      await Promise.race([filled, written]);
      await filled;
    } catch (error) {
      tar.destroy(error as Error);
      throw error;
    }
    await written;
    await client.query('COMMIT');
    await client.end();
    return { manifest, closing: await filled };
  } catch (error) {
    // In the middle of a COPY there is no polite end: the rows would have to be read first.
    client.on('error', () => {});
    socket.destroy();
    throw error;
  }
}

/** One snapshot for all tables, taken when no migration is under way and holding off the next one. */
async function beginSnapshot(client: pg.Client): Promise<void> {
  const deadline = Date.now() + MIGRATION_WAIT_MS;
  for (;;) {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await client.query(PLAIN_FORMS);
    // Waiting for the lock would be waiting with an old snapshot.
    const { rows } = await client.query<{ free: boolean }>(
      "SELECT pg_try_advisory_xact_lock_shared(hashtext('spindle-migrate')) AS free",
    );
    if (rows[0]?.free) return;
    await client.query('ROLLBACK');
    if (Date.now() > deadline)
      throw new BackupError('A migration or a restore is under way: try again later.');
    await new Promise((resolve) => setTimeout(resolve, MIGRATION_PROBE_MS));
  }
}

async function describe(client: Connection, options: BackupOptions): Promise<Manifest> {
  const migrations = await readMigrationHistory(client);
  if (!migrations || migrations.length === 0)
    throw new BackupError('This database was never migrated: it holds no Spindle.');
  const version = await client.query<{ server_version: string }>('SHOW server_version');
  return {
    format: FORMAT_VERSION,
    spindle: options.spindleVersion,
    takenAt: options.now().toISOString(),
    migrations,
    postgres: version.rows[0]?.server_version ?? '',
    keyIds: await readKeyIds(client),
    tables: (await readTables(client)).map(({ name, columns }) => ({ name, columns: [...columns] })),
  };
}

async function fill(
  client: pg.Client,
  tar: Pack,
  manifest: Manifest,
  tables: readonly Table[],
  mtime: Date,
): Promise<Closing> {
  const entry = (name: string, content: Buffer | string) =>
    new Promise<void>((resolve, reject) => {
      tar.entry({ name, mtime, mode: 0o600 }, content, (error) => (error ? reject(error) : resolve()));
    });
  await entry(MANIFEST_ENTRY, `${JSON.stringify(manifest, null, 2)}\n`);
  const sums: TableSum[] = [];
  for (const table of tables) sums.push(await writeTable(client, table, entry));
  const closing = { tables: sums, sequences: await readSequenceStates(client) };
  await entry(CLOSING_ENTRY, `${JSON.stringify(closing, null, 2)}\n`);
  tar.finalize();
  return closing;
}

async function writeTable(
  client: pg.Client,
  table: Table,
  entry: (name: string, content: Buffer) => Promise<void>,
): Promise<TableSum> {
  const hash = createHash('sha256');
  let [bytes, part, held] = [0, 0, 0];
  let chunks: Buffer[] = [];
  const flush = async () => {
    part += 1;
    const content = Buffer.concat(chunks);
    chunks = [];
    held = 0;
    await entry(partEntry(table.name, part), content);
  };
  const rows = client.query(copyTo(copyOut(table)));
  for await (const chunk of rows as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
    held += chunk.length;
    chunks.push(chunk);
    if (held >= PART_BYTES) await flush();
  }
  if (held > 0) await flush();
  // How many rows it was is told after the last of them; the next answer comes after that.
  await client.query('SELECT 1');
  return { name: table.name, rows: rows.rowCount, bytes, sha256: hash.digest('hex') };
}

/** Sequences know no snapshot: read last, each has given out at least what the tables hold. */
async function readSequenceStates(client: Connection): Promise<SequenceState[]> {
  const states: SequenceState[] = [];
  for (const name of await readSequences(client)) {
    const { rows } = await client.query<{ last_value: string; is_called: boolean }>(
      `SELECT last_value, is_called FROM ${quoted(name)}`,
    );
    const [state] = rows;
    if (state) states.push({ name, lastValue: String(state.last_value), isCalled: state.is_called });
  }
  return states;
}
