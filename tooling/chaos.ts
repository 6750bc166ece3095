import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { preparePrismaClient } from './prepare.ts';
import { NODE, ROOT } from './project.ts';
import { runCommand } from './step.ts';
import { ensureRedisServer } from './system-package.ts';

/** Runs the simulation of `e2e/chaos`; its exit code says whether all was as it should be in the end. */
await runCommand(async () => {
  await preparePrismaClient();
  await ensureRedisServer();
  return new Promise<number>((resolve, reject) => {
    const child = spawn(
      NODE,
      [
        '--disable-warning=ExperimentalWarning',
        join(ROOT, 'e2e', 'chaos', 'main.ts'),
        ...process.argv.slice(2),
      ],
      { cwd: ROOT, stdio: 'inherit' },
    );
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
});
