import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createLogger, createMetrics, runWork } from '@spindle/service-kit';
import { createTestDatabase, type TestDatabase } from '@spindle/testkit';
import { createDatabase, type Database } from '../src/index.ts';
import { operationOf, statementName, statementText } from '../src/statements/statement-name.ts';

let store: TestDatabase;
let db: Database;
let lines: string[] = [];
const metrics = createMetrics('test');

beforeAll(async () => {
  store = await createTestDatabase();
  const logger = createLogger({
    service: 'test',
    level: 'info',
    destination: { write: (line: string) => void lines.push(line) },
  });
  db = createDatabase({ url: store.url, poolSize: 2, metrics, logger, slowStatementMs: 50 });
});
afterAll(async () => {
  await db.close();
  await store.drop();
});
beforeEach(() => {
  lines = [];
});

async function counted(name: string, labels: Record<string, string>): Promise<number> {
  const { values = [] } = (await metrics.getSingleMetric(name)?.get()) ?? {};
  return values
    .filter((one) => Object.entries(labels).every(([key, value]) => String(one.labels[key]) === value))
    .reduce((sum, { value }) => sum + value, 0);
}

const slowLines = () => lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'a slow statement');

describe('a statement', () => {
  it('that is slow is logged by its name and the request that it was for, without its values', async () => {
    await runWork({ requestId: 'req-7' }, () =>
      db.pool
        .query("SELECT pg_sleep($1), 'literally', $2::text AS word FROM users", [0, 'a-private-word'])
        .then(() =>
          db.pool.query("SELECT pg_sleep($1), 'literally', $2::text AS word", [0.08, 'a-private-word']),
        ),
    );
    expect(slowLines()).toEqual([
      expect.objectContaining({
        level: 'warn',
        requestId: 'req-7',
        statement: 'SELECT',
        sql: "SELECT pg_sleep($1), '…', $2::text AS word",
      }),
    ]);
    expect(slowLines()[0].ms).toBeGreaterThanOrEqual(80);
    expect(lines.join()).not.toMatch(/private|literally/);
  });

  it('is measured however it is made: by the pool, in a transaction, by Prisma', async () => {
    const selects = () => counted('spindle_db_statement_duration_seconds', { operation: 'select' });
    const before = await selects();
    await db.pool.query('SELECT 1');
    await db.transaction(async (tx) => tx.query({ text: 'SELECT $1::int', values: [2] }));
    await db.prisma.user.count();
    expect(await selects()).toBeGreaterThan(before);
    expect(await counted('spindle_db_statement_duration_seconds', { operation: 'commit' })).toBeGreaterThan(
      0,
    );
    expect(await counted('spindle_db_pool_connections', { state: 'idle' })).toBeGreaterThan(0);
    expect(await counted('spindle_db_pool_limit', {})).toBe(2);
  });

  it('that fails fails as before, and is counted by its class', async () => {
    await expect(db.pool.query('SELECT * FROM no_such_table')).rejects.toMatchObject({ code: '42P01' });
    await expect(db.transaction((tx) => tx.query('SELECT 1/0'))).rejects.toMatchObject({ code: '22012' });
    expect(await counted('spindle_db_errors_total', { class: '42' })).toBe(1);
    expect(await counted('spindle_db_errors_total', { class: '22' })).toBe(1);
  });
});

describe('the name of a statement', () => {
  it('is what it does, and to which table first', () => {
    expect(statementName('SELECT "public"."users"."id" FROM "public"."users" WHERE 1=1')).toBe(
      'SELECT users',
    );
    expect(statementName('\n  INSERT INTO plays (a) VALUES ($1)')).toBe('INSERT plays');
    expect(statementName('WITH given AS (SELECT 1) UPDATE votes SET x = 1')).toBe('WITH votes');
    expect(statementName('BEGIN')).toBe('BEGIN');
    expect(operationOf('EXPLAIN SELECT 1')).toBe('other');
    expect(statementText(`SELECT '${'x'.repeat(50)}', 'it''s'  ,\n 1`)).toBe("SELECT '…', '…' , 1");
  });
});
