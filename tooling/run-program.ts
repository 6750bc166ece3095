import { spawn } from 'node:child_process';
import { NODE, ROOT } from './project.ts';

export interface ProgramOptions {
  /** Default: the checkout. */
  readonly cwd?: string;
  /** Default: this process's own. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a program on the project's own Node, in sight of the person who asked for it. Answers its exit code. */
export function runProgram(args: readonly string[], options: ProgramOptions = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(NODE, ['--disable-warning=ExperimentalWarning', ...args], {
      cwd: options.cwd ?? ROOT,
      env: options.env ?? process.env,
      stdio: 'inherit',
    });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
