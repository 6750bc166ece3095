import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { STATE } from './project.ts';

const FILE = join(STATE, 'running.json');

interface Running {
  /** The process of `npm start` itself. */
  readonly owner: number;
  /** What it started: process id and a word of its command line, so that a reused id is not mistaken. */
  readonly children: readonly { readonly pid: number; readonly word: string }[];
}

function isAlive(pid: number, word: string): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const commandLine = `/proc/${pid}/cmdline`;
  return (
    !existsSync('/proc/self/cmdline') ||
    (existsSync(commandLine) && readFileSync(commandLine, 'utf8').includes(word))
  );
}

function read(): Running | null {
  try {
    return JSON.parse(readFileSync(FILE, 'utf8')) as Running;
  } catch {
    return null;
  }
}

/** The process id of a Spindle that already runs from this checkout, or null. */
export function runningOwner(): number | null {
  const running = read();
  return running && running.owner !== process.pid && isAlive(running.owner, 'tooling') ? running.owner : null;
}

/** Ends what a run that was killed left behind. Answers how many processes that were. */
export async function endLeftovers(): Promise<number> {
  const left = (read()?.children ?? []).filter(({ pid, word }) => isAlive(pid, word));
  for (const { pid } of left) process.kill(pid, 'SIGINT');
  const deadline = Date.now() + 8_000;
  while (left.some(({ pid, word }) => isAlive(pid, word)) && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  for (const { pid, word } of left) if (isAlive(pid, word)) process.kill(pid, 'SIGKILL');
  rmSync(FILE, { force: true });
  return left.length;
}

export function rememberProcesses(children: Running['children']): void {
  mkdirSync(dirname(FILE), { recursive: true });
  writeFileSync(FILE, JSON.stringify({ owner: process.pid, children } satisfies Running));
}

export function forgetProcesses(): void {
  rmSync(FILE, { force: true });
}
