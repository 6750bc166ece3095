import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { defineConfig, topics } from '@spindle/service-kit';
import { compareSync } from 'bcryptjs';
import { SECRET_FILES, writeSecretFiles } from '../src/index.ts';

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'spindle-secrets-')), 'secrets');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

const read = (name: string) => readFileSync(join(folder, name), 'utf8').trim();

it('every file is one that the services can read their secret from', () => {
  const { made, password } = writeSecretFiles(folder);
  expect(made).toEqual(SECRET_FILES);
  const variables = Object.fromEntries(
    SECRET_FILES.filter((name) => !/^(postgres_password|redis_conf)$/.test(name)).map((name) => [
      `${name.toUpperCase()}_FILE`,
      join(folder, name),
    ]),
  );
  const readConfig = defineConfig({
    secrets: topics.secrets,
    database: topics.database,
    redis: topics.redis,
    spotify: topics.spotify,
  });
  const config = readConfig({ ...variables, SPOTIFY_CLIENT_ID: 'id' });
  expect(compareSync(password ?? '', config.secrets.adminPasswordHash ?? '')).toBe(true);
  expect(config.secrets.tokenKeys).toHaveLength(1);
  expect(config.secrets.serviceClients).toEqual([]);
  expect(config.database.url).toContain(`:${read('postgres_password')}@postgres:5432/`);
  expect(config.redis.url).toContain(`:${read('redis_conf').split(' ')[1]}@redis:6379`);
  expect(config.spotify).toMatchObject({ apps: [{ clientId: 'id' }], ownerRefreshToken: undefined });
});

it('what is there stays, and what is missing is made to fit it', () => {
  writeSecretFiles(folder);
  const before = Object.fromEntries(SECRET_FILES.map((name) => [name, read(name)]));
  rmSync(join(folder, 'database_url'));
  rmSync(join(folder, 'spotify_client_secret'));
  writeFileSync(join(folder, 'spotify_client_secret'), 'mine');
  expect(writeSecretFiles(folder)).toEqual({ made: ['database_url'], password: null });
  expect(Object.fromEntries(SECRET_FILES.map((name) => [name, read(name)]))).toEqual({
    ...before,
    spotify_client_secret: 'mine',
  });
});

it('only the owner may enter the folder; what is mounted from it may be read', () => {
  mkdirSync(folder, { mode: 0o755 });
  writeSecretFiles(folder);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, 'token_keys')).mode & 0o777).toBe(0o444);
});
