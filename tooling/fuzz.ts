import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { preparePrismaClient } from './prepare.ts';
import { ROOT } from './project.ts';
import { runProgram } from './run-program.ts';
import { runCommand } from './step.ts';
import { ensureRedisServer } from './system-package.ts';

/** Asks every operation of the API what nobody would ask, for as long as one likes. */
await runCommand(async () => {
  const { values } = parseArgs({
    options: { seconds: { type: 'string', default: '600' }, seed: { type: 'string' } },
  });
  await preparePrismaClient();
  await ensureRedisServer();
  const jest = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
  return runProgram(['--experimental-vm-modules', jest, 'test/fuzz.test.ts'], {
    cwd: join(ROOT, 'services', 'gateway'),
    env: {
      ...process.env,
      NODE_ENV: 'test',
      FUZZ_SECONDS: values.seconds,
      ...(values.seed !== undefined && { FUZZ_SEED: values.seed }),
    },
  });
});
