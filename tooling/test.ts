import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startTestServers } from '@spindle/testkit';
import { NOT_AUDITED } from './audit/verdict.ts';
import { preparePrismaClient, prepareWebApp } from './prepare.ts';
import { NODE, ROOT, STATE } from './project.ts';
import { runQuietly } from './run-quietly.ts';
import { runCommand, say, step } from './step.ts';
import { ensureChromium, ensureNginx, ensurePgBouncer, ensureRedisServer } from './system-package.ts';

const RESULTS = join(STATE, 'test-results');

/** Every folder with a suite, in the order in which a fault is best understood. */
function suites(filters: readonly string[]): string[] {
  const first = ['contracts', 'service-kit', 'testkit', 'db', 'queues', 'spotify-sandbox', 'spotify'];
  const packages = [
    ...first,
    ...readdirSync(join(ROOT, 'packages')).filter((name) => !first.includes(name)),
  ].map((name) => `packages/${name}`);
  const services = readdirSync(join(ROOT, 'services')).map((name) => `services/${name}`);
  return [...packages, 'prisma', 'tooling', ...services, 'nginx', 'bench', 'e2e'].filter(
    (folder) =>
      existsSync(join(ROOT, folder, 'jest.config.mjs')) &&
      (filters.length === 0 || filters.some((filter) => folder.startsWith(filter.replace(/\/$/, '')))),
  );
}

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

/** Runs one suite; its report comes as it is, its figures from Jest's own result file. */
async function runSuite(folder: string): Promise<Tally> {
  const outputFile = join(RESULTS, `${folder.replaceAll('/', '-')}.json`);
  const jest = join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
  say(`\n── ${folder} ${'─'.repeat(Math.max(0, 70 - folder.length))}`);
  const code = await new Promise<number>((resolve) => {
    const child = spawn(
      NODE,
      [
        ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', jest],
        ...['--passWithNoTests', '--json', `--outputFile=${outputFile}`, '--reporters=default'],
      ],
      // Jest prints its JSON on standard output too; people read the report on standard error.
      { cwd: join(ROOT, folder), stdio: ['ignore', 'ignore', 'inherit'], env: process.env },
    );
    child.once('error', () => resolve(1));
    child.once('exit', (exit) => resolve(exit ?? 1));
  });
  if (!existsSync(outputFile)) return { passed: 0, failed: 1, skipped: 0 };
  const result = JSON.parse(readFileSync(outputFile, 'utf8')) as {
    numPassedTests: number;
    numFailedTests: number;
    numPendingTests: number;
    numRuntimeErrorTestSuites: number;
  };
  // A suite that cannot even be loaded has no failed test, yet it failed.
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  return {
    passed: result.numPassedTests,
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: result.numPendingTests,
  };
}

/** A check of the whole tree that counts as one test. */
async function check(title: string, command: string, args: string[]): Promise<Tally> {
  try {
    await step(title, () => runQuietly(command, args, { what: title }), 0);
    return { passed: 1, failed: 0, skipped: 0 };
  } catch (error) {
    say((error as Error).message);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/** Advisories and licences of what is shipped. Where the registry does not tell, it counts as skipped. */
async function audit(): Promise<Tally> {
  say('• Auditing what is shipped');
  const code = await new Promise<number>((resolve) => {
    const child = spawn(NODE, [join(ROOT, 'tooling', 'audit.ts')], { stdio: 'inherit', env: process.env });
    child.once('error', () => resolve(1));
    child.once('exit', (exit) => resolve(exit ?? 1));
  });
  return {
    passed: Number(code === 0),
    failed: Number(code !== 0 && code !== NOT_AUDITED),
    skipped: Number(code === NOT_AUDITED),
  };
}

await runCommand(async () => {
  const filters = process.argv.slice(2);
  const total: Tally = { passed: 0, failed: 0, skipped: 0 };
  const add = (tally: Tally) => {
    total.passed += tally.passed;
    total.failed += tally.failed;
    total.skipped += tally.skipped;
  };
  rmSync(RESULTS, { recursive: true, force: true });
  mkdirSync(RESULTS, { recursive: true });

  await preparePrismaClient();
  const bin = (name: string) => join(ROOT, 'node_modules', '.bin', name);
  if (filters.length === 0) {
    add(await check('Checking format and lint', bin('biome'), ['check', '.']));
    add(await check('Checking types', bin('turbo'), ['run', 'typecheck', '--output-logs=errors-only']));
    add(await check('Looking for dead code', bin('knip'), ['--no-progress', '--no-config-hints']));
    add(await audit());
  }

  await ensureRedisServer();
  const chosen = suites(filters);
  if (chosen.some((folder) => folder === 'e2e' || folder === 'services/web')) {
    const chromium = await ensureChromium(process.env);
    if (chromium) process.env.CHROMIUM_PATH = chromium;
    else say('! There is no Chromium: the browser tests are skipped. Install it, or set CHROMIUM_PATH.');
    process.env.WEB_DIST = await prepareWebApp();
  }
  if (chosen.some((folder) => folder === 'e2e' || folder === 'nginx') && !(await ensureNginx()))
    say('! There is no nginx: the tests of the front are skipped. Install it so that it is on the PATH.');
  if (chosen.includes('packages/db') && !(await ensurePgBouncer()))
    say(
      '! There is no pgbouncer: the tests behind a pooler are skipped. Install it, so that it is on the PATH.',
    );
  process.env.NODE_ENV = 'test';
  const stop = await step(
    'Starting PostgreSQL and Redis for the tests',
    () => startTestServers(process.env),
    0,
  );
  try {
    for (const folder of chosen) add(await runSuite(folder));
  } finally {
    await stop();
  }
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
  say(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
});
