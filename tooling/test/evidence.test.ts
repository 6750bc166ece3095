import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ROOT } from '../project.ts';

const read = (name: string) => readFileSync(join(ROOT, 'docs', name), 'utf8');
const quoted = (text: string) => [...text.matchAll(/`([^`\n]+)`/g)].map(([, word = '']) => word);

const asvs = read('asvs.md');
const rows = asvs
  .split('\n')
  .filter((line) => /^\| \d+\.\d+\.\d+ \|/.test(line))
  .map((line) => {
    const [, id = '', level = '', , status = '', evidence = ''] = line.split('|').map((cell) => cell.trim());
    return { id, level, status: status.replaceAll('*', ''), evidence: quoted(evidence) };
  });
/** As they stand after "Not applicable:", with the reason behind them. */
const notApplicable = asvs
  .split('\n')
  .filter((line) => line.startsWith('Not applicable: '))
  .flatMap((line) => line.match(/\d+\.\d+\.\d+/g) ?? []);

/** Requirements of levels 1 and 2 in version 5.0.0 of the standard, by chapter. */
const REQUIREMENTS = [27, 11, 19, 10, 9, 35, 18, 7, 7, 29, 14, 9, 13, 9, 13, 16, 7];

describe('the checklist of OWASP ASVS', () => {
  it('judges every requirement of level 2 once', () => {
    const ids = [...rows.map(({ id }) => id), ...notApplicable];
    expect(new Set(ids).size).toBe(ids.length);
    const chapters = REQUIREMENTS.map(
      (_, index) => ids.filter((id) => id.startsWith(`${index + 1}.`)).length,
    );
    expect(chapters).toEqual(REQUIREMENTS);
  });

  it('counts what it says', () => {
    const of = (status: string) => rows.filter((row) => row.status === status).length;
    expect(of('met') + of('not met')).toBe(rows.length);
    expect(asvs).toContain(
      `**${of('met')} met, ${of('not met')} not met, ${notApplicable.length} not applicable**, of ${rows.length + notApplicable.length}.`,
    );
  });

  it.each(rows)('has evidence for $id, and it is there', ({ evidence }) => {
    expect(evidence.length).toBeGreaterThan(0);
    for (const path of evidence)
      expect({ path, isThere: existsSync(join(ROOT, path)) }).toEqual({ path, isThere: true });
  });
});

describe('the threat model', () => {
  const tests = globSync('{packages,services}/*/test/*.test.ts', { cwd: ROOT })
    .concat(globSync('{e2e,nginx,tooling,bench}/test/*.test.ts', { cwd: ROOT }))
    .map((path) => basename(path));

  it('names only tests and files that are there', () => {
    const words = quoted(read('security.md'));
    const named = words.filter((word) => /^[\w-]+\.test\.ts$/.test(word));
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((name) => !tests.includes(name))).toEqual([]);
    const paths = words.filter((word) => /^(?:[\w.-]+\/)+[\w.-]+$/.test(word));
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});
