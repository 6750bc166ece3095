import { join } from 'node:path';
import { startTestServers } from '@spindle/testkit';
import { preparePrismaClient, prepareWebApp } from './prepare.ts';
import { ROOT } from './project.ts';
import { runProgram } from './run-program.ts';
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
    return await runProgram([join(ROOT, 'e2e', 'pictures.ts')], {
      env: { ...process.env, CHROMIUM_PATH: chromium, WEB_DIST: webDist },
    });
  } finally {
    await stop();
  }
});
