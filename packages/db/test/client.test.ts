import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@spindle/testkit';
import { createDatabase, type Database } from '../src/index.ts';

let store: TestDatabase;
let db: Database;

beforeAll(async () => {
  store = await createTestDatabase();
  db = createDatabase({ url: store.url, poolSize: 2 });
});
afterAll(async () => {
  await db?.close();
  await store?.drop();
});

it('survives that PostgreSQL ends a connection in the middle of a transaction', async () => {
  const transaction = db.transaction(async (tx) => {
    const { rows } = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const lost = new Promise((resolve) => tx.once('end', resolve));
    await db.pool.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
    // Between two statements, when no query of ours hears of it.
    await lost;
    await tx.query('SELECT 1');
  });
  await expect(transaction).rejects.toThrow(/connection/i);
  await db.ping();
  expect(await db.transaction(async (tx) => (await tx.query('SELECT 1 AS one')).rows)).toEqual([{ one: 1 }]);
});

it('hands out no connection whose end nobody hears, not for a moment', async () => {
  const connection = await db.pool.connect();
  // What the pool itself listened to is gone by now, and nobody else listens yet.
  expect(connection.listenerCount('error')).toBeGreaterThan(0);
  connection.release();
});
