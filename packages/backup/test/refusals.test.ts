import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, open as openFile, readdir, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, requireMigrations } from '@spindle/db';
import { migrateDeploy } from '@spindle/prisma';
import {
  createEmptyDatabase,
  createTestDatabase,
  fillTables,
  type TestDatabase,
  waitFor,
} from '@spindle/testkit';
import { keepNewest, readBackup, restoreBackup, writeBackup, writeWholeFile } from '../src/index.ts';
import { backUpTo, contentsOf, OPTIONS, withClient, withFolder } from './support/copies.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const releases: (() => Promise<unknown>)[] = [];
let source: TestDatabase;
let folder: string;
let file: string;

const emptyDatabase = async () => {
  const database = await createEmptyDatabase();
  releases.push(() => database.drop());
  return database;
};

beforeAll(async () => {
  folder = await withFolder(releases);
  source = await createTestDatabase();
  releases.push(() => source.drop());
  await fillTables(source.url, { rows: 5 });
  await withClient(source.url, (client) =>
    // Enough of it that a restore can be ended in the middle.
    client.query(
      `INSERT INTO plays (user_id, played_at, track_id, ended_at, source, seen_by)
       SELECT 1, '2020-01-01'::timestamptz + i * interval '5 min', 1 + i % 5, '2020-01-01'::timestamptz + i * interval '5 min' + interval '3 min', 1, 1
         FROM generate_series(1, 60000) i`,
    ),
  );
  file = join(folder, 'whole.tar.zst');
  await backUpTo(source.url, file);
});

afterAll(async () => {
  for (const release of releases.reverse()) await release();
});

describe('a restore', () => {
  it('leaves a database alone that holds something, unless told to replace it', async () => {
    const target = await createTestDatabase();
    releases.push(() => target.drop());
    await fillTables(target.url, { rows: 2 });
    const before = await contentsOf(target.url);
    await expect(restoreBackup(target.url, file)).rejects.toThrow(/not empty.*--replace/);
    expect(await contentsOf(target.url)).toEqual(before);
    await restoreBackup(target.url, file, { replace: true });
    expect(await contentsOf(target.url)).toEqual(await contentsOf(source.url));
  });

  it('takes a database that was only migrated for an empty one', async () => {
    const target = await emptyDatabase();
    await migrateDeploy(target.url);
    await restoreBackup(target.url, file);
    expect(await contentsOf(target.url)).toEqual(await contentsOf(source.url));
  });

  it('does not begin while services are connected', async () => {
    const target = await emptyDatabase();
    await withClient(target.url, async () => {
      await expect(restoreBackup(target.url, file)).rejects.toThrow(/1 other connections.*stop/);
    });
  });

  it.each([
    ['cut short', async (path: string) => truncate(path, Math.floor((await stat(path)).size / 2))],
    ['without its end', async (path: string) => truncate(path, (await stat(path)).size - 200)],
    [
      'damaged in one byte',
      async (path: string) => {
        const handle = await openFile(path, 'r+');
        const at = Math.floor((await stat(path)).size / 2);
        const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, at);
        await handle.write(Buffer.from([(buffer[0] ?? 0) ^ 0x10]), 0, 1, at);
        await handle.close();
      },
    ],
    ['no backup', (path: string) => writeFile(path, 'this is a letter')],
  ])('refuses a file that is %s before it touches the database', async (what, spoil) => {
    const spoilt = join(folder, `spoilt-${what.replaceAll(' ', '-')}`);
    await copyFile(file, spoilt);
    await spoil(spoilt);
    const target = await createTestDatabase();
    releases.push(() => target.drop());
    await fillTables(target.url, { rows: 2 });
    const before = await contentsOf(target.url);
    await expect(restoreBackup(target.url, spoilt, { replace: true })).rejects.toMatchObject({
      name: 'BackupError',
    });
    expect(await contentsOf(target.url)).toEqual(before);
  });

  it('that was killed leaves nothing ready, and is run again without a word more', async () => {
    const target = await createTestDatabase();
    releases.push(() => target.drop());
    await fillTables(target.url, { rows: 2 });
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', MAIN, 'restore', file, '--replace'],
      {
        env: { ...process.env, NODE_OPTIONS: '', DATABASE_URL: target.url },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    let told = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      told += text;
      if (told.includes('Loading')) child.kill('SIGKILL');
    });
    const [, signal] = await once(child, 'exit');
    expect([signal, told]).toEqual(['SIGKILL', expect.stringContaining('Loading')]);

    const db = createDatabase({ url: target.url, poolSize: 1 });
    try {
      await expect(requireMigrations(db)).rejects.toThrow(/restore/);
    } finally {
      await db.close();
    }
    // The server notices later than we do that nobody is there any more.
    await waitFor(
      () =>
        restoreBackup(target.url, file).then(
          () => true,
          (error: Error) => {
            if (!error.message.includes('other connections')) throw error;
            return false;
          },
        ),
      { what: 'the second restore', timeoutMs: 25_000 },
    );
    expect(await contentsOf(target.url)).toEqual(await contentsOf(source.url));
  });
});

describe('a backup', () => {
  it('of a database without Spindle is refused', async () => {
    const target = await emptyDatabase();
    await expect(backUpTo(target.url, join(folder, 'none.tar.zst'))).rejects.toThrow(/never migrated/);
  });

  it('that cannot be written to its end leaves no file', async () => {
    const path = join(folder, 'full', 'disk.tar.zst');
    await expect(
      writeWholeFile(path, (output) => {
        let taken = 0;
        const disk = new Writable({
          write(chunk: Buffer, _, done) {
            taken += chunk.length;
            if (taken > 10_000) done(new Error('no space left on device'));
            else output.write(chunk, done);
          },
          destroy: (error, done) => {
            output.destroy();
            done(error);
          },
        });
        return writeBackup(source.url, disk, OPTIONS);
      }),
    ).rejects.toThrow(/no space/);
    expect(await readdir(join(folder, 'full'))).toEqual([]);
  });

  it('holds a migration off until it is done', async () => {
    const order: string[] = [];
    const target = await createTestDatabase();
    releases.push(() => target.drop());
    await withClient(target.url, async (client) => {
      await client.query('BEGIN');
      await client.query("SELECT pg_advisory_xact_lock_shared(hashtext('spindle-migrate'))");
      const migrating = migrateDeploy(target.url).then(() => order.push('migrated'));
      await waitFor(
        async () =>
          (await client.query(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`)).rowCount,
        { what: 'the migration to wait' },
      );
      order.push('backed up');
      await client.query('COMMIT');
      await migrating;
    });
    expect(order).toEqual(['backed up', 'migrated']);
  });

  it('is written, kept and thinned out by the command', async () => {
    const nightly = join(folder, 'nightly');
    const run = async (...args: string[]) => {
      const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...args], {
        env: { ...process.env, NODE_OPTIONS: '', DATABASE_URL: source.url },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const chunks: Buffer[] = [];
      child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
      let told = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        told += text;
      });
      const [code] = await once(child, 'close');
      return { code, told, output: Buffer.concat(chunks) };
    };
    const first = await run('backup', nightly);
    expect(first).toMatchObject({ code: 0 });
    const [name = ''] = await readdir(nightly);
    expect(name).toMatch(/^spindle-\d{8}T\d{6}Z\.tar\.zst$/);
    expect((await stat(join(nightly, name))).mode & 0o777).toBe(0o600);
    expect(await run('verify', join(nightly, name))).toMatchObject({ code: 0 });

    // To standard output, for a pipe.
    const piped = await run('backup', '-');
    const copy = join(folder, 'piped.tar.zst');
    await writeFile(copy, piped.output);
    expect((await readBackup(copy)).closing).toEqual((await readBackup(join(nightly, name))).closing);

    for (const day of ['01', '02', '03'])
      await writeFile(join(nightly, `spindle-202001${day}T000000Z.tar.zst`), '');
    await writeFile(join(nightly, 'spindle-20200104T000000Z.tar.zst.part'), '');
    await utimes(join(nightly, 'spindle-20200104T000000Z.tar.zst.part'), 0, 0);
    await writeFile(join(nightly, 'holiday.tar.zst'), '');
    await keepNewest(nightly, 2, new Date());
    expect((await readdir(nightly)).sort()).toEqual(
      ['holiday.tar.zst', 'spindle-20200103T000000Z.tar.zst', name].sort(),
    );
    expect(await run('restore', join(folder, 'nowhere.tar.zst'))).toMatchObject({
      code: 1,
      told: expect.stringMatching(/^• Checking the backup\nThere is no file .*nowhere/),
    });
    expect(await run('dump')).toMatchObject({ code: 2 });
  });
});
