import { join } from 'node:path';
import { preparePrismaClient } from './prepare.ts';
import { ROOT } from './project.ts';
import { runProgram } from './run-program.ts';
import { runCommand } from './step.ts';
import { ensureRedisServer } from './system-package.ts';

/** Runs the simulation of `e2e/chaos`; its exit code says whether all was as it should be in the end. */
await runCommand(async () => {
  await preparePrismaClient();
  await ensureRedisServer();
  return runProgram([join(ROOT, 'e2e', 'chaos', 'main.ts'), ...process.argv.slice(2)]);
});
