import { hasPooler } from './support/behind-pooler.ts';
// What has named statements, temporary tables, locks of transactions and many transactions at once, through a
// PgBouncer in transaction mode.
import './ingest.test.ts';
import './rooms.test.ts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@spindle/testkit';
import { createDatabase, type Database } from '../src/index.ts';

(hasPooler ? describe : describe.skip)('behind PgBouncer', () => {
  let store: TestDatabase;
  let db: Database;
  beforeAll(async () => {
    store = await createTestDatabase();
    db = createDatabase({ url: store.url, poolSize: 20 });
  });
  afterAll(async () => {
    await db.close();
    await store.drop();
  });

  it('twenty connections are three of the server', async () => {
    const pids = await Promise.all(
      Array.from({ length: 60 }, () =>
        db.transaction(async (tx) => {
          const { rows } = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid, pg_sleep(0.01)');
          return rows[0]?.pid;
        }),
      ),
    );
    expect(new Set(pids).size).toBeLessThanOrEqual(3);
    expect(pids).toHaveLength(60);
  });

  it('a statement with a name is asked on whichever connection comes', async () => {
    const ask = (value: number) =>
      db.pool.query({ name: 'the-same-name', text: 'SELECT $1::int AS value', values: [value] });
    const answers = await Promise.all(Array.from({ length: 60 }, (_, value) => ask(value)));
    expect(answers.map(({ rows }) => rows[0].value)).toEqual(Array.from({ length: 60 }, (_, value) => value));
  });
});
