import type { Outcome } from './simulation.ts';

/** The middle, the 95th of a hundred, and the longest, ms; null where there is none. */
interface Spread {
  readonly count: number;
  readonly never: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly max: number | null;
}

export interface RecoveryRow {
  readonly victim: string;
  readonly kills: number;
  readonly awayMs: Spread;
  readonly readyMs: Spread;
  readonly jobMs: Spread;
  readonly feedMs: Spread;
}

function spread(values: readonly (number | null)[]): Spread {
  const sorted = values.flatMap((value) => (value === null ? [] : [value])).sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;
  return {
    count: sorted.length,
    never: values.length - sorted.length,
    p50: at(0.5),
    p95: at(0.95),
    max: sorted.at(-1) ?? null,
  };
}

/** How long the system took to come back, by what was killed. */
export function recoveryRows({ recoveries }: Pick<Outcome, 'recoveries'>): RecoveryRow[] {
  const names = recoveries.map((one) => (one.processes > 1 ? `${one.victim} (all)` : one.victim));
  return [...new Set(names)].sort().map((victim) => {
    const of = recoveries.filter((_, place) => names[place] === victim);
    return {
      victim,
      kills: of.length,
      awayMs: spread(of.map((one) => one.awayMs)),
      readyMs: spread(of.map((one) => one.readyMs)),
      jobMs: spread(of.map((one) => one.jobMs)),
      feedMs: spread(of.map((one) => one.feedMs)),
    };
  });
}

const seconds = (ms: number | null) => (ms === null ? '–' : (ms / 1_000).toFixed(1));
const cell = ({ p50, p95, max, never }: Spread) =>
  `${seconds(p50)} / ${seconds(p95)} / ${seconds(max)}${never > 0 ? ` (never: ${never})` : ''}`;

/** Every difference, by what it is of. */
export function differencesOf({ verdicts }: Pick<Outcome, 'verdicts'>): string[] {
  return Object.entries(verdicts).flatMap(([name, { differences }]) =>
    differences.map((one) => `${name}: ${one}`),
  );
}

/** The report in Markdown. */
export function markdownOf(outcome: Outcome): string {
  const differences = differencesOf(outcome);
  const kills = outcome.recoveries.reduce((sum, one) => sum + one.processes, 0);
  const lines = [
    `# Chaos: ${outcome.users} people for ${Math.round(outcome.lifeMs / 60_000)} minutes`,
    '',
    `Seed \`${outcome.seed}\`, ${outcome.speed} times as fast as life (${outcome.simulatedHours.toFixed(1)} simulated hours), ` +
      `${outcome.recoveries.length} strikes that killed ${kills} processes, settled after ${seconds(outcome.settledMs)} s. ` +
      `${outcome.requests.sent} requests of people, ${outcome.requests.repeated} of which had to be sent again.`,
    '',
    `Answers of Spotify by status (0: connection dropped): ${Object.entries(outcome.spotifyCalls)
      .map(([status, count]) => `${status}: ${count}`)
      .join(', ')}.`,
    '',
    '## From the kill until it was right again, s (p50 / p95 / max)',
    '',
    '| killed | strikes | away | all ready | a job done | feed right |',
    '|---|---|---|---|---|---|',
    ...recoveryRows(outcome).map(
      (row) =>
        `| ${row.victim} | ${row.kills} | ${cell(row.awayMs)} | ${cell(row.readyMs)} | ${cell(row.jobMs)} | ${cell(row.feedMs)} |`,
    ),
    '',
    '## What was compared',
    '',
    '| of | compared | differences |',
    '|---|---|---|',
    ...Object.entries(outcome.verdicts).map(
      ([name, { figures, differences: own }]) =>
        `| ${name} | ${Object.entries(figures)
          .map(([what, count]) => `${what} ${count}`)
          .join(', ')} | ${own.length} |`,
    ),
    '',
    ...(differences.length === 0
      ? ['Nothing differs.']
      : ['## Differences', '', ...differences.map((one) => `- ${one}`)]),
    '',
  ];
  return lines.join('\n');
}
