import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** The import worker as its own process, as in production. */
export interface WorkerProcess {
  /** The most memory it has held, bytes; null where the system does not tell. */
  peakBytes(): Promise<number | null>;
  stop(): Promise<void>;
}

/** As `npm start` and the image start it: V8 would else keep 200 MB of garbage on a machine with much memory. */
const NODE_OPTIONS = '--max-semi-space-size=8 --max-old-space-size=160';
const MAIN = fileURLToPath(new URL('../../services/import-worker/src/main.ts', import.meta.url));

async function untilReady(child: ChildProcess, port: number): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`The import worker ended with code ${child.exitCode}.`);
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export async function startWorker(options: {
  databaseUrl: string;
  redisUrl: string;
  prefix: string;
  opsPort: number;
}): Promise<WorkerProcess> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      PATH: process.env.PATH,
      NODE_OPTIONS,
      DATABASE_URL: options.databaseUrl,
      REDIS_URL: options.redisUrl,
      QUEUE_PREFIX: options.prefix,
      OPS_PORT: String(options.opsPort),
      LOG_LEVEL: 'warn',
    },
  });
  await untilReady(child, options.opsPort);
  return {
    async peakBytes() {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
      const match = /^VmHWM:\s+(\d+) kB$/m.exec(status);
      return match?.[1] ? Number(match[1]) * 1_024 : null;
    },
    async stop() {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}
