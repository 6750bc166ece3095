import { createWriteStream, existsSync } from 'node:fs';
import { chmod, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Writable } from 'node:stream';
import { BackupError } from './format.ts';

const NAME = /^spindle-\d{8}T\d{6}Z\.tar\.zst$/;
const PART = /^spindle-\d{8}T\d{6}Z\.tar\.zst\.part$/;
/** After this long without a write, a part belongs to a backup that was ended in the middle. */
const ABANDONED_MS = 3_600_000;

/** The name of a backup begun at a time; names sort as times do. */
export function backupName(now: Date): string {
  return `spindle-${now
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:]/g, '')}.tar.zst`;
}

/**
 * Lets `write` fill `file`, which gets its name only when it is whole and on the disk; nobody else may read it.
 *
 * @throws BackupError when there is such a file.
 */
export async function writeWholeFile<T>(file: string, write: (output: Writable) => Promise<T>): Promise<T> {
  if (existsSync(file)) throw new BackupError(`${file} is there already.`);
  await mkdir(dirname(file), { recursive: true });
  const part = `${file}.part`;
  try {
    const result = await write(createWriteStream(part, { mode: 0o600 }));
    const handle = await open(part, 'r');
    await handle.sync();
    await handle.close();
    await chmod(part, 0o600);
    await rename(part, file);
    return result;
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/**
 * Removes all but the newest `keep` backups of a folder, and what backups that were ended in the middle left.
 * Touches nothing that {@link backupName} did not name. Answers the names of the backups that went.
 */
export async function keepNewest(folder: string, keep: number, now: Date): Promise<string[]> {
  const names = await readdir(folder);
  const old = names
    .filter((name) => NAME.test(name))
    .sort()
    .reverse()
    .slice(keep);
  for (const name of old) await rm(join(folder, name));
  for (const name of names.filter((one) => PART.test(one))) {
    const { mtimeMs } = await stat(join(folder, name));
    if (now.getTime() - mtimeMs > ABANDONED_MS) await rm(join(folder, name));
  }
  return old;
}
