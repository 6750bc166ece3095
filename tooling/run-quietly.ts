import { spawn } from 'node:child_process';
import { ROOT } from './project.ts';
import { SetupError } from './step.ts';

export interface QuietOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Begins the sentence of the failure. */
  readonly what: string;
}

/**
 * Runs a program and keeps its output to itself.
 *
 * @throws SetupError with the whole output when the program fails.
 */
export function runQuietly(command: string, args: readonly string[], options: QuietOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? ROOT,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk;
      });
    }
    child.once('error', (error) => reject(new SetupError(`${options.what} failed: ${error.message}`)));
    child.once('exit', (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new SetupError(`${options.what} failed (${signal ?? `exit ${code}`}):\n${output.trim()}`));
    });
  });
}
