import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '@spindle/testkit';
import { IMPORT_WORKER_HEAP } from '../tooling/services.ts';

/** A service as its own process, as in production. */
export interface ServiceProcess {
  /** The most memory it has held, bytes; null where the system does not tell. */
  peakBytes(): Promise<number | null>;
  /** The memory it holds now, bytes; null where the system does not tell. */
  residentBytes(): Promise<number | null>;
  /** The time it has computed so far, ms; null where the system does not tell. */
  cpuMs(): Promise<number | null>;
  stop(): Promise<void>;
}

/** What `/proc` counts in, on every Linux that Node runs on. */
const MS_A_TICK = 10;

async function untilReady(child: ChildProcess, name: string, port: number): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`The ${name} ended with code ${child.exitCode}.`);
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Starts a service and waits until it is ready. `port` is where it answers `/readyz`. */
export async function startService(
  name: string,
  port: number,
  environment: Readonly<Record<string, string>>,
): Promise<ServiceProcess> {
  const main = fileURLToPath(new URL(`../services/${name}/src/main.ts`, import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { PATH: process.env.PATH, LOG_LEVEL: 'warn', ...environment },
  });
  await untilReady(child, name, port);
  const memory = async (field: 'VmHWM' | 'VmRSS'): Promise<number | null> => {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
    const match = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status);
    return match?.[1] ? Number(match[1]) * 1_024 : null;
  };
  return {
    peakBytes: () => memory('VmHWM'),
    residentBytes: () => memory('VmRSS'),
    cpuMs: async () => {
      const stat = await readFile(`/proc/${child.pid}/stat`, 'utf8').catch(() => '');
      // The name in parentheses may hold blanks; user and system time are the 12th and 13th after it.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return stat === '' ? null : (Number(fields[11]) + Number(fields[12])) * MS_A_TICK;
    },
    async stop() {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

/** Starts so many workers of a kind, as `npm start` starts one, and waits until all are ready. */
export async function startWorkers(
  name: string,
  count: number,
  environment: Readonly<Record<string, string>>,
): Promise<ServiceProcess[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const port = await freePort();
      return startService(name, port, {
        ...environment,
        OPS_PORT: String(port),
        ...(name === 'import-worker' && { NODE_OPTIONS: IMPORT_WORKER_HEAP }),
      });
    }),
  );
}
