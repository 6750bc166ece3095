import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What benchmarks print and leave behind, and whether their goals were met. */

/** Where results lie, one file a benchmark; not kept in the repository. */
export const RESULTS = join(dirname(fileURLToPath(import.meta.url)), 'results');

/** A figure beside what it is measured against, from the same run. */
export interface Figure {
  readonly what: string;
  /** As people read it, with its unit. */
  readonly value: string;
  /** What it is measured against, and that one's figure. */
  readonly baseline: string;
  /** Ours by the baseline's; null where the baseline is a rule, such as "all of them". */
  readonly ratio: number | null;
}

/** What `bench/results/<name>.json` holds. */
export interface BenchResult {
  readonly name: string;
  /** ISO 8601, UTC. */
  readonly endedAt: string;
  readonly seconds: number;
  /** The options it ran with, such as `--rows=100000`. */
  readonly options: readonly string[];
  readonly figures: readonly Figure[];
  readonly missed: readonly string[];
}

const startedAt = performance.now();
const failed: string[] = [];
const figures: Figure[] = [];

/** A number of the command line, `--name=1`. */
export const option = (name: string, fallback: number): number =>
  Number(process.argv.find((argument) => argument.startsWith(`--${name}=`))?.split('=')[1] ?? fallback);

export const round = (value: number): string => Math.round(value).toLocaleString('en');

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function line(name: string, value: string): void {
  process.stdout.write(`  ${name.padEnd(46)} ${value}\n`);
}

export function goal(met: boolean, text: string): void {
  process.stdout.write(`  ${met ? '✓' : '✗'} ${text}\n`);
  if (!met) failed.push(text);
}

/** A figure for the table of `npm run bench`; printing it is the benchmark's own business. */
export function figure(one: Figure): void {
  figures.push(one);
}

/** Leaves the result behind and ends the process: 0 when every goal was met. */
export function conclude(): never {
  const name = basename(process.argv[1] ?? '', '.ts');
  const result: BenchResult = {
    name,
    endedAt: new Date().toISOString(),
    seconds: Math.round((performance.now() - startedAt) / 1_000),
    options: process.argv.slice(2),
    figures,
    missed: failed,
  };
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
  process.stdout.write(failed.length === 0 ? '\nAll goals met.\n' : `\nMissed: ${failed.join('; ')}\n`);
  process.exit(failed.length === 0 ? 0 : 1);
}
