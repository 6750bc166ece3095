import { join } from 'node:path';
import { BackupError, runBackupCommand } from '@spindle/backup';
import { withDatabase } from './infrastructure.ts';
import { STATE } from './project.ts';
import { loadDotEnv } from './start.ts';
import { runCommand, SetupError } from './step.ts';

const isTarget = (argument: string) => !argument.startsWith('--');

/** `npm run backup -- [file or folder] [--keep=N]`, of a system that runs or not. */
await runCommand(async () => {
  loadDotEnv(process.env);
  const given = process.argv.slice(2);
  const args = given.some(isTarget) ? given : [join(STATE, 'backups'), ...given];
  try {
    return await withDatabase(process.env, (DATABASE_URL) =>
      runBackupCommand(['backup', ...args], { ...process.env, DATABASE_URL }),
    );
  } catch (error) {
    if (error instanceof BackupError) throw new SetupError(error.message);
    throw error;
  }
});
