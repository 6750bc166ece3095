import { rmSync } from 'node:fs';
import { BackupError, runBackupCommand } from '@spindle/backup';
import { REDIS_FOLDER, withDatabase } from './infrastructure.ts';
import { loadSecrets } from './local-secrets.ts';
import { runningOwner } from './process-ids.ts';
import { loadDotEnv } from './start.ts';
import { runCommand, SetupError, say } from './step.ts';

/** `npm run restore -- <file> [--replace]`, while Spindle does not run. */
await runCommand(async () => {
  loadDotEnv(process.env);
  if (runningOwner() !== null) throw new SetupError('Spindle runs from this folder. Stop it first.');
  const environment = { ...loadSecrets().secrets, ...process.env };
  try {
    const code = await withDatabase(process.env, (DATABASE_URL) =>
      runBackupCommand(['restore', ...process.argv.slice(2)], { ...environment, DATABASE_URL }),
    );
    if (code === 0 && !process.env.REDIS_URL) {
      rmSync(REDIS_FOLDER, { recursive: true, force: true });
      say('The built-in Redis was emptied.');
    }
    return code;
  } catch (error) {
    if (error instanceof BackupError) throw new SetupError(error.message);
    throw error;
  }
});
