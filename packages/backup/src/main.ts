import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigError, defineConfig, topics } from '@spindle/service-kit';
import { backupName, keepNewest, writeWholeFile } from './backup-files.ts';
import { BackupError } from './format.ts';
import { readBackup } from './read-backup.ts';
import { restoreBackup } from './restore-backup.ts';
import { SPINDLE_VERSION } from './version.ts';
import { writeBackup } from './write-backup.ts';

const USAGE = `Usage:
  backup [file or folder] [--keep=N]   writes a backup; into a folder under a name by the time; "-" is standard output
  verify <file>                        reads a backup and compares it with its checksums
  restore <file> [--replace]           brings a backup into the database that DATABASE_URL names`;

// Standard output may be the backup itself.
const say = (text: string) => process.stderr.write(`${text}\n`);

/** `backup`, `verify` and `restore`, as `npm run` and the container image call them. Answers the exit code. */
export async function runBackupCommand(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { keep: { type: 'string' }, replace: { type: 'boolean', default: false } },
  });
  const [command, target] = positionals;
  if (positionals.length > 2 || (values.keep !== undefined && !/^[1-9]\d{0,3}$/.test(values.keep))) {
    say(USAGE);
    return 2;
  }
  if (command === 'backup') {
    await backUp(databaseOf(environment), target ?? '.', values.keep ? Number(values.keep) : null);
    return 0;
  }
  if (command === 'verify' && target) {
    const { manifest, closing } = await readBackup(target);
    const rows = closing.tables.reduce((sum, one) => sum + one.rows, 0);
    say(`${target} is whole: ${rows} rows of ${manifest.takenAt}, ${describeKeys(manifest.keyIds)}.`);
    return 0;
  }
  if (command === 'restore' && target) {
    await restore(databaseOf(environment), target, values.replace, environment);
    return 0;
  }
  say(USAGE);
  return 2;
}

/** @throws ConfigError */
function databaseOf(environment: NodeJS.ProcessEnv): string {
  const { database } = defineConfig({ database: topics.database })(environment);
  return database.directUrl ?? database.url;
}

function describeKeys(ids: readonly string[]): string {
  return ids.length === 0 ? 'no tokens' : `tokens under the key ${ids.join(', ')} of TOKEN_KEYS`;
}

async function backUp(databaseUrl: string, target: string, keep: number | null): Promise<void> {
  const startedAt = performance.now();
  const options = { spindleVersion: SPINDLE_VERSION, now: () => new Date() };
  if (target === '-') {
    await writeBackup(databaseUrl, process.stdout, options);
    return;
  }
  const isFile = target.endsWith('.tar.zst');
  const file = resolve(isFile ? target : join(target, backupName(options.now())));
  const { manifest, closing } = await writeWholeFile(file, (output) =>
    writeBackup(databaseUrl, output, options),
  );
  const rows = closing.tables.reduce((sum, one) => sum + one.rows, 0);
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  say(
    `${file}: ${rows} rows of ${closing.tables.length} tables in ${seconds} s, ${describeKeys(manifest.keyIds)}.`,
  );
  if (keep !== null) {
    const gone = await keepNewest(dirname(file), keep, options.now());
    if (gone.length > 0) say(`Removed ${gone.length} older: ${gone.join(', ')}`);
  }
}

async function restore(
  databaseUrl: string,
  file: string,
  replace: boolean,
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  const keyIds = environment.TOKEN_KEYS?.split(',').map((one) => one.trim().split(':')[0] ?? '');
  const summary = await restoreBackup(databaseUrl, file, {
    replace,
    ...(keyIds && { keyIds }),
    onStep: (what) => say(`• ${what}`),
  });
  say(`Restored ${summary.rows} rows of ${summary.manifest.takenAt}.`);
  if (summary.missingKeyIds.length > 0)
    say(
      `! TOKEN_KEYS lacks ${summary.missingKeyIds.join(', ')}: until it is added, listeners have to sign in again.`,
    );
  say('Start Spindle with an empty Redis: sessions and jobs in it belong to the time after the backup.');
}

/** Runs a command and ends the process; what the operator can mend is said in one sentence. */
export async function main(argv: readonly string[], environment: NodeJS.ProcessEnv): Promise<never> {
  try {
    process.exit(await runBackupCommand(argv, environment));
  } catch (error) {
    const plain = error instanceof BackupError || error instanceof ConfigError;
    say(plain ? (error as Error).message : String((error as Error).stack));
    process.exit(1);
  }
}

if (import.meta.main) await main(process.argv.slice(2), process.env);
