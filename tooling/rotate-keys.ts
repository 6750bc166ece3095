import { join } from 'node:path';
import { type Infrastructure, startInfrastructure } from './infrastructure.ts';
import { loadSecrets } from './local-secrets.ts';
import { preparePrismaClient } from './prepare.ts';
import { runningOwner } from './process-ids.ts';
import { ROOT } from './project.ts';
import { runProgram } from './run-program.ts';
import { loadDotEnv } from './start.ts';
import { runCommand, SetupError } from './step.ts';

/** Where the tokens of this checkout are. @throws SetupError while the built-in PostgreSQL is in use */
async function database(): Promise<{ url: string; infrastructure?: Infrastructure }> {
  const { DATABASE_URL: url } = process.env;
  if (url) return { url };
  const owner = runningOwner();
  if (owner !== null) {
    throw new SetupError(
      `Spindle runs from this folder (process ${owner}) on its built-in PostgreSQL. Stop it first; with a DATABASE_URL the keys may be rotated while it runs.`,
    );
  }
  const infrastructure = await startInfrastructure(process.env);
  return { url: infrastructure.databaseUrl, infrastructure };
}

await runCommand(async () => {
  loadDotEnv(process.env);
  await preparePrismaClient();
  const { url, infrastructure } = await database();
  try {
    return await runProgram([join(ROOT, 'services/gateway/src/rotate-keys.ts')], {
      env: {
        ...(process.env.TOKEN_KEYS_FILE ? {} : { TOKEN_KEYS: loadSecrets().secrets.TOKEN_KEYS }),
        ...process.env,
        DATABASE_URL: url,
      },
    });
  } finally {
    await infrastructure?.stop();
  }
});
