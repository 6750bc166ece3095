import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { ConfigError, defineConfig, defineTopic, optionalVariable, topics, variable } from '../src/index.ts';

const key = (fill: number) => Buffer.alloc(32, fill).toString('base64');
const complete = {
  DATABASE_URL: 'postgres://spindle:hunter2@localhost:5432/spindle',
  REDIS_URL: 'redis://localhost:6379',
  SESSION_SECRET: 's'.repeat(32),
  JWT_SECRET: 'j'.repeat(32),
  TOKEN_KEYS: `new:${key(2)}, old:${key(1)}`,
  SPOTIFY_CLIENT_ID: 'abc123',
  PUBLIC_URL: 'https://spindle.example.org/',
};
const readConfig = defineConfig({
  base: topics.base,
  database: topics.database,
  redis: topics.redis,
  secrets: topics.secrets,
  spotify: topics.spotify,
  web: topics.web,
});

function problemsOf(environment: Record<string, string | undefined>, readFile?: (path: string) => string) {
  try {
    readConfig(environment, readFile);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('The configuration was accepted.');
}

describe('defineConfig', () => {
  it('gives nested, typed and frozen values with their defaults', () => {
    const config = readConfig({ ...complete, PORT: '8080' });
    expect(config.web.publicUrl).toBe('https://spindle.example.org');
    expect(config.web.port).toBe(8080);
    expect(config.base).toEqual({ environment: 'production', logLevel: 'info', clockScale: undefined });
    expect(config.secrets.tokenKeys.map((one) => one.id)).toEqual(['new', 'old']);
    expect(config.secrets.tokenKeys[1]?.key).toEqual(Buffer.alloc(32, 1));
    expect(config.spotify.apps).toEqual([{ id: 'default', clientId: 'abc123', account: 'default' }]);
    expect(config.spotify.dailyAllowance).toBe(800);
    expect(Object.isFrozen(config.secrets.tokenKeys[0])).toBe(true);
    expect(() => Object.assign(config.web, { port: 1 })).toThrow(TypeError);
  });

  it('tells every problem at once, by name and with what to do', () => {
    const { PUBLIC_URL: _, ...rest } = complete;
    const error = problemsOf({ ...rest, PORT: '70000', REDIS_URL: 'http://x', LOG_LEVEL: 'loud' });
    expect(error.problems.map((one) => one.variable).sort()).toEqual([
      'LOG_LEVEL',
      'PORT',
      'PUBLIC_URL',
      'REDIS_URL',
    ]);
    expect(error.message).toContain('PORT is "70000": expected a whole number from 0 to 65535');
    expect(error.message).toMatch(/PUBLIC_URL is not set\. .*For example: PUBLIC_URL=https:\/\//);
  });

  it('never repeats the value of a secret', () => {
    const error = problemsOf({
      ...complete,
      SESSION_SECRET: 'too-short',
      TOKEN_KEYS: 'k1:c2hvcnQ=',
      DATABASE_URL: 'mysql://u:hunter2@h/d',
    });
    expect(error.problems).toHaveLength(3);
    for (const secret of ['too-short', 'c2hvcnQ', 'hunter2']) expect(error.message).not.toContain(secret);
    expect(error.message).toContain('key number 1 is not the base64 of exactly 32 bytes');
  });

  it('takes an empty variable for an absent one', () => {
    const error = problemsOf({ ...complete, DATABASE_URL: '  ', SPOTIFY_CLIENT_SECRET: '' });
    expect(error.problems.map((one) => one.variable)).toEqual(['DATABASE_URL']);
  });

  it('reads secrets from files, and says which file is missing', () => {
    const files: Record<string, string> = { '/run/secrets/session': `${'f'.repeat(40)}\n` };
    const readFile = (path: string) => {
      const content = files[path];
      if (content === undefined) throw Object.assign(new Error('no'), { code: 'ENOENT' });
      return content;
    };
    const { SESSION_SECRET: _, ...rest } = complete;
    const config = readConfig({ ...rest, SESSION_SECRET_FILE: '/run/secrets/session' }, readFile);
    expect(config.secrets.sessionSecrets).toEqual(['f'.repeat(40)]);
    const error = problemsOf({ ...rest, SESSION_SECRET_FILE: '/nowhere' }, readFile);
    expect(error.problems).toEqual([
      {
        variable: 'SESSION_SECRET_FILE',
        problem: expect.stringContaining('names "/nowhere", which cannot be read (ENOENT)'),
      },
    ]);
    expect(
      problemsOf({ ...complete, SESSION_SECRET_FILE: '/run/secrets/session' }, readFile).message,
    ).toContain('SESSION_SECRET and SESSION_SECRET_FILE are both set');
  });

  it('takes an empty file for absence where a secret may be absent, and only there', () => {
    const { SESSION_SECRET: _, ...rest } = complete;
    const empty = () => '\n';
    const config = readConfig({ ...complete, CRON_SECRET_FILE: '/f', SERVICE_CLIENTS_FILE: '/f' }, empty);
    expect(config.secrets).toMatchObject({ cronSecret: undefined, serviceClients: [] });
    expect(problemsOf({ ...rest, SESSION_SECRET_FILE: '/f' }, empty).message).toContain('which is empty');
  });

  it('takes several Spotify apps, and one way of naming them only', () => {
    const { SPOTIFY_CLIENT_ID: _, ...rest } = complete;
    const apps = [
      { id: 'first', clientId: 'a', clientSecret: 's' },
      { id: 'second', clientId: 'b', account: 'other' },
    ];
    expect(readConfig({ ...rest, SPOTIFY_APPS: JSON.stringify(apps) }).spotify.apps).toEqual([
      { ...apps[0], account: 'default' },
      apps[1],
    ]);
    expect(problemsOf({ ...complete, SPOTIFY_APPS: JSON.stringify(apps) }).message).toContain('are both set');
    expect(problemsOf(rest).message).toContain('SPOTIFY_CLIENT_ID is not set');
    expect(
      problemsOf({ ...rest, SPOTIFY_APPS: '[{"id":"a","clientId":"x"},{"id":"a","clientId":"y"}]' }).message,
    ).toContain('two apps have the same id');
    expect(problemsOf({ ...rest, SPOTIFY_APPS: '{' }).message).toContain('expected a JSON array');
  });

  it('leaves a topic alone whose variables are already wrong', () => {
    let shaped = 0;
    const topic = defineTopic(
      'Test',
      {
        a: variable('A', { doc: 'A.', read: z.string().regex(/^a$/, 'expected a') }),
        b: optionalVariable('B', { doc: 'B.', read: z.string() }),
      },
      (values) => {
        shaped += 1;
        return values.a.length + (values.b?.length ?? 0);
      },
    );
    const read = defineConfig({ topic });
    expect(() => read({ A: 'b' })).toThrow('A is "b": expected a');
    expect(shaped).toBe(0);
    expect(read({ A: 'a', B: 'bb' }).topic).toBe(3);
  });

  it('can be listed for a table: every variable has a sentence, and every default is accepted', () => {
    for (const topic of Object.values(readConfig.topics)) {
      for (const one of topic.variables) {
        expect(one.doc).toMatch(/^[A-Z"<a-z].*[.)]$|openssl rand/);
        if (one.fallback !== undefined) expect(one.read.safeParse(one.fallback).success).toBe(true);
      }
    }
  });
});
