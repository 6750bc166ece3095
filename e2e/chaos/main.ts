import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { differencesOf, markdownOf, recoveryRows } from './report.ts';
import { simulate } from './simulation.ts';

// People on the whole system while everything is killed and restarted at random.
// Options: --minutes=30 --users=200 --speed=8 --seed=<any word> --least=8 --most=24 (seconds between kills)

const RESULTS = fileURLToPath(new URL('../../bench/results/', import.meta.url));

const text = (name: string): string | undefined =>
  process.argv.find((argument) => argument.startsWith(`--${name}=`))?.split('=')[1];
const number = (name: string, fallback: number): number => Number(text(name) ?? fallback);

const minutes = number('minutes', 30);
const users = number('users', 200);
const seed = text('seed') ?? Math.random().toString(36).slice(2, 10);
const startedAt = performance.now();
const say = (line: string) =>
  process.stdout.write(`${((performance.now() - startedAt) / 1_000).toFixed(1).padStart(7)}  ${line}\n`);

say(`seed ${seed}: --seed=${seed} has people do, and kills, the same again`);
const outcome = await simulate({
  seed,
  users,
  lifeMs: minutes * 60_000,
  speed: number('speed', 8),
  killEveryMs: [number('least', 8) * 1_000, number('most', 24) * 1_000],
  awayMs: [200, 6_000],
  recoveryMs: 120_000,
  settleMs: 5 * 60_000,
  services: [
    ...(['sync-worker', 'playlist-worker', 'import-worker', 'stats-worker', 'party-worker'] as const),
    ...(['sync-worker', 'playlist-worker', 'import-worker', 'stats-worker', 'party-worker'] as const),
    ...(['cron', 'gateway', 'gateway'] as const),
  ],
  parties: 4,
  guests: 12,
  restMs: 10_000,
  say,
});

mkdirSync(RESULTS, { recursive: true });
const report = markdownOf(outcome);
writeFileSync(join(RESULTS, 'chaos.md'), report);
const { logs, ...figures } = outcome;
writeFileSync(
  join(RESULTS, 'chaos.json'),
  `${JSON.stringify({ ...figures, recovery: recoveryRows(outcome) }, null, 2)}\n`,
);
process.stdout.write(`\n${report}\n`);
if (differencesOf(outcome).length > 0) {
  const folder = join(RESULTS, 'chaos-logs');
  mkdirSync(folder, { recursive: true });
  for (const { name, text: log } of logs) writeFileSync(join(folder, `${name}.log`), log);
  process.stdout.write(`Something differs. The logs of all processes are in ${folder}\n`);
  process.exitCode = 1;
}
