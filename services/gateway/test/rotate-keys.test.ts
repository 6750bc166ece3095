import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createDatabase, credentialContext, type Database } from '@spindle/db';
import { createTokenBox, sealingKey } from '@spindle/service-kit';
import { createTestDatabase, type TestDatabase, waitFor } from '@spindle/testkit';

const MAIN = fileURLToPath(new URL('../src/rotate-keys.ts', import.meta.url));
/** Enough for a run to be caught in the middle. */
const PEOPLE = 4_000;
const k1 = { id: 'k1', key: randomBytes(32) };
const k2 = { id: 'k2', key: randomBytes(32) };
const RING = [k2, k1].map(({ id, key }) => `${id}:${key.toString('base64')}`).join(',');

let store: TestDatabase;
let db: Database;

beforeAll(async () => {
  store = await createTestDatabase();
  db = createDatabase({ url: store.url, poolSize: 3 });
  const { rows } = await db.pool.query<{ id: number }>(
    `INSERT INTO users (account_id, spotify_id, handle, display_name, created_at, last_sign_in_at)
     SELECT 'p' || n, 'p' || n, 'p' || n, 'p' || n, now(), now() FROM generate_series(1, $1::int) n RETURNING id`,
    [PEOPLE],
  );
  const box = createTokenBox([k1]);
  const ids = rows.map((row) => row.id);
  await db.pool.query(
    `INSERT INTO spotify_credentials (user_id, app_id, access_token, scope, authorized_at, updated_at)
     SELECT *, '', now(), now() FROM unnest($1::int[], $2::text[], $3::bytea[])`,
    [
      ids,
      ids.map(() => 'app'),
      ids.map((id) => Buffer.from(box.seal(`token of ${id}`, credentialContext(id)))),
    ],
  );
});
afterAll(async () => {
  await db.close();
  await store.drop();
});

function rotate(): ChildProcessByStdio<null, Readable, null> {
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...inherited, DATABASE_URL: store.url, TOKEN_KEYS: RING },
  });
}

async function sealedWith(): Promise<Record<string, number>> {
  const { rows } = await db.pool.query<{ value: Uint8Array }>(
    'SELECT access_token AS value FROM spotify_credentials',
  );
  const counts: Record<string, number> = {};
  for (const { value } of rows) counts[sealingKey(value) ?? ''] = (counts[sealingKey(value) ?? ''] ?? 0) + 1;
  return counts;
}

it('a rotation that is killed in the middle loses nothing, and the next one ends it', async () => {
  const killed = rotate();
  const gone = once(killed, 'exit');
  await waitFor(async () => ((await sealedWith()).k2 ?? 0) > 0, {
    what: 'the rotation to begin',
    everyMs: 5,
  });
  killed.kill('SIGKILL');
  await gone;
  const middle = await sealedWith();
  expect(middle.k1).toBeGreaterThan(0);
  expect((middle.k1 ?? 0) + (middle.k2 ?? 0)).toBe(PEOPLE);

  const second = rotate();
  const [said, [code]] = await Promise.all([text(second.stdout), once(second, 'exit')]);
  expect(code).toBe(0);
  expect(said).toContain(
    `spotify_credentials.access_token: ${middle.k1} sealed anew, ${middle.k2} as they should be`,
  );
  expect(said).toContain(`Keys in use: k2 for ${PEOPLE}`);
  expect(said).toContain('Nothing needs the key "k1" any more');
  expect(await sealedWith()).toEqual({ k2: PEOPLE });
  const box = createTokenBox([k2]);
  const { rows } = await db.pool.query<{ id: number; value: Uint8Array }>(
    'SELECT user_id AS id, access_token AS value FROM spotify_credentials',
  );
  expect(rows.every(({ id, value }) => box.open(value, credentialContext(id)) === `token of ${id}`)).toBe(
    true,
  );
  expect(said).not.toContain(RING.slice(3, 20));
}, 120_000);
