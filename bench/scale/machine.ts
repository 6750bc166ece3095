import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { ServiceProcess } from '../service-process.ts';

export const CORES = availableParallelism();

/** Time that all processors together were busy since the start of the system, ms; null where it is not told. */
async function busyMs(): Promise<number | null> {
  const stat = await readFile('/proc/stat', 'utf8').catch(() => '');
  const fields = stat.split('\n', 1)[0]?.trim().split(/\s+/).slice(1).map(Number);
  if (!fields || fields.length < 8) return null;
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = fields;
  return (user + nice + system + irq + softirq + steal) * 10;
}

export interface Use {
  readonly seconds: number;
  /** Processors busy on average with everything that runs on the machine; null where it is not told. */
  readonly busyCores: number | null;
  /** What the processes themselves computed, seconds; null where it is not told. */
  readonly cpuSeconds: number | null;
  /** The most memory that one of the processes has held, bytes; null where it is not told. */
  readonly peakBytes: number | null;
}

/** How much of the machine a piece of work took, and how much of that the processes that are measured. */
export async function measureUse(
  processes: readonly ServiceProcess[],
  work: () => Promise<void>,
): Promise<Use> {
  const cpu = async () => {
    const each = await Promise.all(processes.map((one) => one.cpuMs()));
    return each.reduce<number | null>((sum, one) => (sum === null || one === null ? null : sum + one), 0);
  };
  const [busyBefore, cpuBefore] = [await busyMs(), await cpu()];
  const startedAt = performance.now();
  await work();
  const ms = performance.now() - startedAt;
  const [busyAfter, cpuAfter] = [await busyMs(), await cpu()];
  const peaks = await Promise.all(processes.map((one) => one.peakBytes()));
  return {
    seconds: ms / 1_000,
    busyCores: busyBefore === null || busyAfter === null ? null : (busyAfter - busyBefore) / ms,
    cpuSeconds: cpuBefore === null || cpuAfter === null ? null : (cpuAfter - cpuBefore) / 1_000,
    peakBytes: peaks.includes(null) ? null : Math.max(...peaks.map(Number)),
  };
}
