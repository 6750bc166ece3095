import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@spindle/testkit';
import { portFrom } from '../infrastructure.ts';
import { loadSecrets } from '../local-secrets.ts';
import { ROOT } from '../project.ts';
import { loadDotEnv } from '../start.ts';
import { type Supervised, supervise, terminalLine } from '../supervisor.ts';

const folder = mkdtempSync(join(tmpdir(), 'spindle-tooling-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Starts a toy service of the given source. */
function toy(source: string, crashes: string[] = [], lines: string[] = []): Supervised {
  const entry = join(folder, `toy-${Math.abs(source.length)}-${crashes.length}.mjs`);
  writeFileSync(entry, source);
  return supervise(
    { name: 'toy', entry: relative(ROOT, entry), env: {} },
    {
      logFolder: folder,
      graceMs: 1_000,
      onLine: (_service, line) => lines.push(line),
      onCrash: (_service, how) => crashes.push(how),
    },
  );
}
const alive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('a supervised service', () => {
  it('that dies is started again, and says what it said last', async () => {
    const crashes: string[] = [];
    const lines: string[] = [];
    const service = toy("console.log('hello'); process.exit(3);", crashes, lines);
    await waitFor(() => crashes.length >= 2, { what: 'a second crash' });
    await service.stop();
    expect(crashes[0]).toBe('exit 3');
    expect(lines.filter((line) => line === 'hello').length).toBeGreaterThanOrEqual(2);
    expect(readFileSync(join(folder, 'toy.log'), 'utf8')).toContain('hello');
  });

  it('stops when told, and is killed when it does not listen', async () => {
    const service = toy(
      "process.on('SIGTERM', () => {}); console.log('deaf'); setInterval(() => {}, 1000);",
      [],
      [],
    );
    await waitFor(() => service.pid > 0 && alive(service.pid));
    const { pid } = service;
    await service.stop();
    expect(alive(pid)).toBe(false);
    expect(service.running).toBe(false);
  });
});

describe('what reaches the terminal', () => {
  it('is warnings, errors and plain words, not the routine', () => {
    expect(terminalLine('{"level":"info","msg":"read the history"}')).toBeNull();
    expect(
      terminalLine('{"level":"warn","msg":"Redis is not reachable","err":{"message":"ECONNREFUSED"}}'),
    ).toBe('Redis is not reachable: ECONNREFUSED');
    expect(terminalLine('plain words')).toBe('plain words');
  });
});

describe('set-up', () => {
  it('makes the secrets once, for the owner alone, and shows the password once', () => {
    const file = join(folder, 'secrets.json');
    const first = loadSecrets(file);
    const second = loadSecrets(file);
    expect(first.newPassword).toMatch(/^[\w-]{16}$/);
    expect(second.newPassword).toBeNull();
    expect(second.secrets).toEqual(first.secrets);
    expect(readFileSync(file, 'utf8')).not.toContain(first.newPassword);
    expect(statSync(file).mode & 0o077).toBe(0);
  });

  it('takes the next port when the wanted one is taken', async () => {
    const server = createServer();
    const taken = await new Promise<number>((resolve) =>
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
    );
    const port = await portFrom(taken);
    expect(port).toBeGreaterThan(taken);
    await new Promise((resolve) => server.close(resolve));
    expect(await portFrom(taken)).toBe(taken);
  });

  it('lets the environment win over .env', () => {
    const file = join(folder, '.env');
    writeFileSync(file, 'ONE=file\nTWO="quoted # no comment"\n# THREE=no\n');
    const environment: NodeJS.ProcessEnv = { ONE: 'environment' };
    loadDotEnv(environment, file);
    expect(environment).toEqual({ ONE: 'environment', TWO: 'quoted # no comment' });
  });
});
