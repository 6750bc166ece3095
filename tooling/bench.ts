import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createTestDatabase, startTestServers } from '@spindle/testkit';
import { preparePrismaClient } from './prepare.ts';
import { NODE, ROOT } from './project.ts';
import { runCommand, SetupError, step } from './step.ts';
import { ensureRedisServer } from './system-package.ts';

/** Runs `bench/<name>.ts` with a PostgreSQL and a Redis of its own; its exit code says whether the goals were met. */
await runCommand(async () => {
  const [, , name = '', ...args] = process.argv;
  const file = join(ROOT, 'bench', `${name}.ts`);
  if (!/^[a-z-]+$/.test(name) || !existsSync(file))
    throw new SetupError(`There is no benchmark "${name}" in bench/.`);
  await preparePrismaClient();
  await ensureRedisServer();
  const stop = await step('Starting PostgreSQL and Redis', () => startTestServers(process.env));
  const database = await createTestDatabase();
  try {
    return await new Promise<number>((resolve, reject) => {
      const child = spawn(NODE, ['--disable-warning=ExperimentalWarning', file, ...args], {
        cwd: ROOT,
        stdio: 'inherit',
        env: { ...process.env, DATABASE_URL: database.url, REDIS_URL: process.env.TEST_REDIS_URL },
      });
      child.once('error', reject);
      child.once('exit', (code) => resolve(code ?? 1));
    });
  } finally {
    await database.drop();
    await stop();
  }
});
