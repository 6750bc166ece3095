import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { startTestServers } from '@spindle/testkit';
import { preparePrismaClient, prepareWebApp } from './prepare.ts';
import { NODE, ROOT } from './project.ts';
import { runCommand, SetupError, step } from './step.ts';
import { ensureChromium, ensureFonts, ensureRedisServer } from './system-package.ts';

/** Makes the pictures of the README anew, from the whole system with the sandbox. */
await runCommand(async () => {
  await preparePrismaClient();
  await ensureRedisServer();
  const chromium = await ensureChromium(process.env);
  if (!chromium) throw new SetupError('Pictures need Chromium: install it, or set CHROMIUM_PATH.');
  await ensureFonts();
  const webDist = await prepareWebApp();
  const stop = await step('Starting PostgreSQL and Redis', () => startTestServers(process.env));
  try {
    return await new Promise<number>((resolve, reject) => {
      const file = join(ROOT, 'e2e', 'pictures.ts');
      const child = spawn(NODE, ['--disable-warning=ExperimentalWarning', file], {
        cwd: ROOT,
        stdio: 'inherit',
        env: { ...process.env, CHROMIUM_PATH: chromium, WEB_DIST: webDist },
      });
      child.once('error', reject);
      child.once('exit', (code) => resolve(code ?? 1));
    });
  } finally {
    await stop();
  }
});
