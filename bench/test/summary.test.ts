import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { BENCHMARKS } from '../catalogue.ts';
import type { BenchResult } from '../report.ts';
import { summaryPage } from '../summary.ts';

const BENCH = new URL('..', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, BENCH), 'utf8');

const result = (name: string, over: Partial<BenchResult> = {}): BenchResult => ({
  name,
  endedAt: '2026-11-21T12:00:00.000Z',
  seconds: 60,
  options: [],
  figures: [{ what: 'Plays | stored', value: '200 a second', baseline: 'bare INSERT: 1,000', ratio: 0.2 }],
  missed: [],
  ...over,
});

const page = (results: readonly BenchResult[], broken: readonly string[] = []) =>
  summaryPage({ results, broken, machine: '2 cores' });

describe('the page of all figures', () => {
  it('has a row for each figure, beside its baseline and their ratio', () => {
    const figures = [
      { what: 'Plays | stored', value: '200 a second', baseline: 'bare INSERT: 1,000', ratio: 0.2 },
      { what: 'Lost', value: '0', baseline: 'none', ratio: null },
      { what: 'Calls', value: '48', baseline: 'polling: 7,200', ratio: 48 / 7_200 },
    ];
    const rows = page([result('import', { figures, options: ['--rows=500'] })])
      .split('\n')
      .filter((row) => row.startsWith('| '));
    expect(rows.slice(1)).toEqual([
      '| **Imports**<br>`npm run bench:import -- --rows=500`<br>2026-11-21 | Plays \\| stored | 200 a second | bare INSERT: 1,000 | 0.20 |',
      '|  | Lost | 0 | none |  |',
      '|  | Calls | 48 | polling: 7,200 | 0.0067 |',
    ]);
  });

  it('says which goals were missed, and what never came to an end', () => {
    expect(page([result('import')])).toContain('All goals were met.');
    const bad = page([result('import', { missed: ['20,000 plays a second'] })], ['rooms']);
    expect(bad).not.toContain('All goals were met.');
    expect(bad).toContain('- import: 20,000 plays a second');
    expect(bad).toContain('- rooms: ended without a result');
  });
});

describe('the catalogue of benchmarks', () => {
  const names = BENCHMARKS.map(({ name }) => name);

  it('has every benchmark, each with a command of its own', () => {
    const files = readdirSync(BENCH)
      .filter((file) => file.endsWith('.ts') && read(file).includes('\nconclude();'))
      .map((file) => file.replace('.ts', ''));
    expect([...names].sort()).toEqual(files.sort());
    const { scripts } = JSON.parse(read('../package.json')) as { scripts: Record<string, string> };
    const commands = Object.keys(scripts).filter((name) => name.startsWith('bench:'));
    expect(commands).toEqual([...names].sort().map((name) => `bench:${name}`));
  });

  it.each(BENCHMARKS)('knows the options of $name', ({ name, short }) => {
    for (const option of short)
      expect(read(`${name}.ts`)).toContain(`option('${/^--([\w-]+)=/.exec(option)?.[1]}'`);
  });

  it.each(names)('has a figure with its baseline from %s', (name) => {
    expect(read(`${name}.ts`)).toMatch(/figure\(\{/);
  });
});
