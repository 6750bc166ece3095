import { BENCHMARKS } from './catalogue.ts';
import type { BenchResult } from './report.ts';

export interface SummaryOf {
  readonly results: readonly BenchResult[];
  /** Names of benchmarks that ended without a result. */
  readonly broken: readonly string[];
  /** What it ran on, such as `2 cores (…), 23 GiB, Node v24`. */
  readonly machine: string;
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

const commandOf = ({ name, options }: BenchResult): string =>
  ['npm run', `bench:${name}`, ...(options.length > 0 ? ['--', ...options] : [])].join(' ');

function showRatio(ratio: number | null): string {
  if (ratio === null) return '';
  if (ratio >= 100) return String(Math.round(ratio));
  return ratio >= 0.1 ? ratio.toFixed(2) : ratio.toPrecision(2);
}

/** The figures of all benchmarks as one Markdown page. */
export function summaryPage({ results, broken, machine }: SummaryOf): string {
  const rows = BENCHMARKS.flatMap(({ name, title }) => {
    const result = results.find((one) => one.name === name);
    if (!result) return [];
    return result.figures.map(
      (figure, index) =>
        `| ${index === 0 ? `**${title}**<br>\`${commandOf(result)}\`<br>${result.endedAt.slice(0, 10)}` : ''} | ${cell(figure.what)} | ${cell(figure.value)} | ${cell(figure.baseline)} | ${showRatio(figure.ratio)} |`,
    );
  });
  const missed = results.flatMap((result) => result.missed.map((text) => `- ${result.name}: ${text}`));
  return [
    '# Figures',
    '',
    `Written by \`npm run bench\` on ${machine}; PostgreSQL, Redis, the Spotify sandbox, the services and whatever asks them share it. Every figure stands beside its baseline, measured in the same run; the ratio is ours by the baseline's. Absolute figures belong to the machine, ratios travel. Without options a command does more, and takes longer: \`npm run bench -- --full\` runs all of them so.`,
    '',
    '| benchmark | what | figure | baseline | ratio |',
    '|---|---|---|---|---|',
    ...rows,
    '',
    missed.length === 0 && broken.length === 0
      ? 'All goals were met.'
      : [
          'Goals that were missed in this run:',
          '',
          ...missed,
          ...broken.map((name) => `- ${name}: ended without a result`),
        ].join('\n'),
    '',
  ].join('\n');
}
