import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { STATE } from './project.ts';

const SKIPPED = new Set(['node_modules', 'dist', 'generated', 'test', '.turbo']);

function hashInto(hash: ReturnType<typeof createHash>, path: string): void {
  if (!existsSync(path)) return;
  if (!statSync(path).isDirectory()) {
    hash.update(path).update(readFileSync(path));
    return;
  }
  for (const name of readdirSync(path).sort()) {
    if (!SKIPPED.has(name)) hashInto(hash, join(path, name));
  }
}

/**
 * Does `work` only when one of `inputs` (files or folders) changed since it last succeeded, or when
 * `output` is not there. Answers whether it was done.
 */
export async function onceFor(
  name: string,
  inputs: readonly string[],
  output: string,
  work: () => Promise<void>,
): Promise<boolean> {
  const hash = createHash('sha256');
  for (const input of inputs) hashInto(hash, input);
  const wanted = hash.digest('hex');
  const stamp = join(STATE, 'stamps', name);
  if (existsSync(output) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return false;
  await work();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
  return true;
}
