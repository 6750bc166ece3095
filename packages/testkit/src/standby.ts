import { execFile } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { type PostgresServer, startPostgres } from './postgres.ts';
import { serverUser } from './postgres-binaries.ts';

/** What a copy must not take along: the server that runs on the original, its log and who follows it. */
const NOT_COPIED = ['postmaster.pid', 'postmaster.opts'];
const EMPTIED = ['pg_wal', 'pg_replslot'];

/**
 * A streaming standby of a server of {@link startPostgres}, on the same machine. Its data is a copy of the
 * primary's folder, made the way of PostgreSQL's "Making a Base Backup Using the Low Level API", since the
 * binaries come without `pg_basebackup`. The primary keeps what the standby still needs in a slot.
 */
export async function startStandby(primary: Pick<PostgresServer, 'url' | 'port'>): Promise<PostgresServer> {
  const user = serverUser();
  const folder = mkdtempSync(join(tmpdir(), 'spindle-standby-'));
  const dataDir = join(folder, 'data');
  mkdirSync(dataDir, { mode: 0o700 });
  if (user) for (const path of [folder, dataDir]) chownSync(path, user.uid, user.gid);
  const asUser = user ? { uid: user.uid, gid: user.gid } : {};
  const slot = basename(folder).toLowerCase().replaceAll(/\W/g, '_');

  // One session for all: a backup ends with the session that began it.
  const client = new pg.Client({ connectionString: primary.url });
  await client.connect();
  try {
    const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
    await client.query('SELECT pg_create_physical_replication_slot($1, true)', [slot]);
    await client.query("SELECT pg_backup_start('standby', fast => true)");
    await promisify(execFile)('cp', ['-R', `${rows[0]?.data_directory}/.`, dataDir], {
      ...asUser,
      cwd: dataDir,
    });
    const stopped = await client.query<{ labelfile: string }>(
      'SELECT labelfile FROM pg_backup_stop(wait_for_archive => false)',
    );
    for (const name of NOT_COPIED) rmSync(join(dataDir, name), { force: true });
    for (const name of EMPTIED)
      for (const inside of readdirSync(join(dataDir, name)))
        rmSync(join(dataDir, name, inside), { recursive: true });
    const { username, password } = new URL(primary.url);
    const connection = `host=127.0.0.1 port=${primary.port} user=${username} password=${password}`;
    const files = {
      backup_label: stopped.rows[0]?.labelfile ?? '',
      'standby.signal': '',
      'postgresql.auto.conf': `primary_conninfo = '${connection}'\nprimary_slot_name = '${slot}'\n`,
    };
    for (const [name, text] of Object.entries(files)) {
      const path = join(dataDir, name);
      writeFileSync(path, text, { mode: 0o600 });
      if (user) chownSync(path, user.uid, user.gid);
    }
  } finally {
    await client.end();
  }

  const standby = await startPostgres({ dataDir });
  return {
    ...standby,
    get pid() {
      return standby.pid;
    },
    async stop() {
      await standby.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
