import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { NODE, ROOT, STATE } from './project.ts';

/** One process of the system. */
export interface ServiceSpec {
  readonly name: string;
  /** Entry file, from the root of the project. */
  readonly entry: string;
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Started again when these folders change (development). */
  readonly watch?: readonly string[];
}

export interface SupervisorOptions {
  /** One line of a service that a person should see. */
  readonly onLine: (service: string, line: string) => void;
  /** A service died by itself; it is started again after `delayMs`. */
  readonly onCrash: (service: string, how: string, lastLines: readonly string[], delayMs: number) => void;
  /** Where the full logs go. */
  readonly logFolder?: string;
  /** How long a service may take to stop, ms. */
  readonly graceMs?: number;
}

export interface Supervised {
  readonly name: string;
  readonly pid: number;
  readonly running: boolean;
  stop(): Promise<void>;
}

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 15_000;
/** A service that lived this long starts again with the first delay. */
const STEADY_MS = 30_000;
const WARN = 40;

/** The part of a log line that matters on a terminal; null for what is routine. */
export function terminalLine(line: string): string | null {
  if (!line.startsWith('{')) return line.trim() === '' ? null : line;
  try {
    const record = JSON.parse(line) as { level?: number | string; msg?: string; err?: { message?: string } };
    const severe =
      typeof record.level === 'number'
        ? record.level >= WARN
        : ['warn', 'error', 'fatal'].includes(record.level ?? '');
    return severe ? [record.msg, record.err?.message].filter(Boolean).join(': ') : null;
  } catch {
    return line;
  }
}

/**
 * Starts a service, keeps its log in a file, and starts it again with growing delays when it dies.
 * The child gets an IPC channel: when we are gone, even by a kill, it notices and stops.
 */
export function supervise(spec: ServiceSpec, options: SupervisorOptions): Supervised {
  const folder = options.logFolder ?? join(STATE, 'logs');
  mkdirSync(folder, { recursive: true });
  const log = createWriteStream(join(folder, `${spec.name}.log`), { flags: 'a' });
  let child: ChildProcess | null = null;
  let stopping = false;
  let delayMs = FIRST_DELAY_MS;
  let timer: NodeJS.Timeout | undefined;

  const start = () => {
    const startedAt = Date.now();
    const lastLines: string[] = [];
    const watch = (spec.watch ?? []).flatMap((path) => ['--watch-path', join(ROOT, path)]);
    const started = spawn(
      NODE,
      [
        '--disable-warning=ExperimentalWarning',
        ...(spec.watch ? ['--watch', '--watch-preserve-output', ...watch] : []),
        join(ROOT, spec.entry),
        ...(spec.args ?? []),
      ],
      {
        cwd: ROOT,
        env: { ...process.env, ...spec.env },
        // Ctrl-C in the terminal reaches us alone, so that we can stop everything in order.
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      },
    );
    child = started;
    for (const stream of [started.stdout, started.stderr]) {
      let rest = '';
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        log.write(chunk);
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          lastLines.push(line);
          if (lastLines.length > 12) lastLines.shift();
          const shown = terminalLine(line);
          if (shown !== null) options.onLine(spec.name, shown);
        }
      });
    }
    started.once('exit', (code, signal) => {
      if (stopping) return;
      if (Date.now() - startedAt > STEADY_MS) delayMs = FIRST_DELAY_MS;
      options.onCrash(spec.name, signal ?? `exit ${code}`, lastLines, delayMs);
      timer = setTimeout(start, delayMs);
      delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS);
    });
  };
  start();

  return {
    name: spec.name,
    get pid() {
      return child?.pid ?? 0;
    },
    get running() {
      return child !== null && child.exitCode === null && child.signalCode === null;
    },
    async stop() {
      stopping = true;
      clearTimeout(timer);
      const current = child;
      if (current && current.exitCode === null && current.signalCode === null) {
        await new Promise<void>((resolve) => {
          const kill = setTimeout(() => current.kill('SIGKILL'), options.graceMs ?? 12_000);
          current.once('exit', () => {
            clearTimeout(kill);
            resolve();
          });
          current.kill('SIGTERM');
        });
      }
      await new Promise<void>((resolve) => log.end(resolve));
    },
  };
}
