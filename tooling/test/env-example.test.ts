import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { withTables } from '../configuration-table.ts';
import { envExample } from '../env-example.ts';

describe('.env.example', () => {
  it('is what the declarations of the configuration say', () => {
    expect(readFileSync(new URL('../../.env.example', import.meta.url), 'utf8')).toBe(envExample());
  });

  it('names each variable once and no value of a secret', () => {
    const names = [...envExample().matchAll(/^#([A-Z_]+)=/gm)].map((match) => match[1]);
    expect(names.length).toBeGreaterThan(20);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('the README', () => {
  it('has the configuration as its declarations say', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    expect(readme).toBe(withTables(readme));
  });
});
