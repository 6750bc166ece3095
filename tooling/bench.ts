import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, startTestServers } from '@spindle/testkit';
import { BENCHMARKS } from '../bench/catalogue.ts';
import { type BenchResult, RESULTS } from '../bench/report.ts';
import { summaryPage } from '../bench/summary.ts';
import { preparePrismaClient } from './prepare.ts';
import { ROOT } from './project.ts';
import { runProgram } from './run-program.ts';
import { runCommand, SetupError, say, step } from './step.ts';
import { ensureRedisServer } from './system-package.ts';

const PAGE = join(ROOT, 'docs', 'figures.md');

/** Runs `bench/<name>.ts` with a database of its own. Answers its exit code: 0 when its goals were met. */
async function run(name: string, args: readonly string[]): Promise<number> {
  const database = await createTestDatabase();
  try {
    return await runProgram([join(ROOT, 'bench', `${name}.ts`), ...args], {
      env: { ...process.env, DATABASE_URL: database.url, REDIS_URL: process.env.TEST_REDIS_URL },
    });
  } finally {
    await database.drop();
  }
}

function machine(): string {
  const all = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${all.length} cores (${all[0]?.model.trim() ?? 'unknown'}), ${memory} GiB, ${process.platform}, Node ${process.version}`;
}

const resultOf = (name: string): string => join(RESULTS, `${name}.json`);

/** Every benchmark, one after another. Answers the worst of their exit codes. */
async function runAll(full: boolean): Promise<number> {
  let code = 0;
  for (const { name, title, short } of BENCHMARKS) {
    say(`\n── ${title} ${'─'.repeat(Math.max(0, 70 - title.length))}`);
    rmSync(resultOf(name), { force: true });
    code = Math.max(code, await run(name, full ? [] : short));
  }
  return code;
}

/** One page of the figures that each benchmark left behind when it last ran. */
function writePage(): void {
  const there = BENCHMARKS.filter(({ name }) => existsSync(resultOf(name)));
  const results = there.map(({ name }) => JSON.parse(readFileSync(resultOf(name), 'utf8')) as BenchResult);
  const broken = BENCHMARKS.filter((one) => !there.includes(one)).map(({ name }) => name);
  const page = summaryPage({ results, broken, machine: machine() });
  writeFileSync(PAGE, page);
  say(`\n${page}\nWritten to docs/figures.md`);
}

/**
 * `bench` with a name runs one benchmark; without one, all of them in their short forms (`--full`: as they
 * are), and writes docs/figures.md. `--page` only writes that, from what the last runs left behind.
 */
await runCommand(async () => {
  const [, , first = '', ...rest] = process.argv;
  if (first === '--page') {
    writePage();
    return 0;
  }
  const all = first === '' || first === '--full';
  if (!all && !BENCHMARKS.some(({ name }) => name === first))
    throw new SetupError(
      `There is no benchmark "${first}". There are: ${BENCHMARKS.map(({ name }) => name).join(', ')}.`,
    );
  await preparePrismaClient();
  await ensureRedisServer();
  const stop = await step('Starting PostgreSQL and Redis', () => startTestServers(process.env));
  try {
    if (!all) return await run(first, rest);
    const code = await runAll(first === '--full');
    writePage();
    return code;
  } finally {
    await stop();
  }
});
