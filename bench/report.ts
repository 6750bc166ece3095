/** What benchmarks print, and whether their goals were met. */

const failed: string[] = [];

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

/** Ends the process: 0 when every goal was met. */
export function conclude(): never {
  process.stdout.write(failed.length === 0 ? '\nAll goals met.\n' : `\nMissed: ${failed.join('; ')}\n`);
  process.exit(failed.length === 0 ? 0 : 1);
}
