import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { type BackupSummary, copyOut, PLAIN_FORMS, readTables, writeBackup } from '../../src/index.ts';

export const OPTIONS = { spindleVersion: '9.9.9', now: () => new Date('2026-11-01T12:00:00Z') };

/** A folder that is removed at the end of the test file. */
export async function withFolder(releases: (() => Promise<unknown>)[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'spindle-backup-'));
  releases.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export function backUpTo(databaseUrl: string, file: string): Promise<BackupSummary> {
  return writeBackup(databaseUrl, createWriteStream(file), OPTIONS);
}

export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'test' });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Every table's rows as bytes (hashed), with how many they are; read by plain COPY, not by the backup. */
export function contentsOf(url: string): Promise<Record<string, { rows: number; sha256: string }>> {
  return withClient(url, async (client) => {
    await client.query('BEGIN');
    await client.query(PLAIN_FORMS);
    const contents: Record<string, { rows: number; sha256: string }> = {};
    for (const table of await readTables(client)) {
      const bytes = await buffer(client.query(copyTo(copyOut(table))));
      const { rows } = await client.query<{ count: number }>(`SELECT count(*)::int FROM "${table.name}"`);
      contents[table.name] = {
        rows: rows[0]?.count ?? 0,
        sha256: createHash('sha256').update(bytes).digest('hex'),
      };
    }
    return contents;
  });
}
