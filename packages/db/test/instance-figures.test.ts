import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@spindle/testkit';
import { createDatabase, type Database, loadInstanceState, loadListenerStates } from '../src/index.ts';

const NOW = new Date('2026-11-02T08:00:00Z');
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const LISTENERS = 10_000;

let store: TestDatabase;
let db: Database;

const ago = (ms: number) => new Date(NOW.getTime() - ms);

beforeAll(async () => {
  store = await createTestDatabase();
  db = createDatabase({ url: store.url, poolSize: 2 });
  await db.pool.query(
    `INSERT INTO users (id, account_id, spotify_id, handle, display_name, created_at)
     SELECT n, 'person-' || n, 'person-' || n, 'person-' || n, 'Person', $2 FROM generate_series(1, $1::int) n`,
    [LISTENERS, NOW],
  );
  // Most are read in time, and gave their consent a month ago.
  await db.pool.query(
    `INSERT INTO spotify_credentials (user_id, app_id, scope, authorized_at, updated_at)
     SELECT id, 'main', '', $1::timestamptz - interval '1 month', $1 FROM users`,
    [NOW],
  );
  await db.pool.query(
    `INSERT INTO capture_states (user_id, next_history_at, history_read_at)
     SELECT id, $1::timestamptz + interval '1 hour', $1::timestamptz - interval '1 hour' FROM users`,
    [NOW],
  );
});
afterAll(async () => {
  await db.close();
  await store.drop();
});

async function plan(
  userId: number,
  nextAt: Date,
  readAt: Date,
  leaseUntil: Date | null = null,
): Promise<void> {
  await db.pool.query(
    'UPDATE capture_states SET next_history_at = $2, history_read_at = $3, history_lease_until = $4 WHERE user_id = $1',
    [userId, nextAt, readAt, leaseUntil],
  );
}

describe('the state of an instance of ten thousand listeners', () => {
  it('tells who is behind, by the plan or by the longest that any plan may be', async () => {
    const { capture: calm } = await loadInstanceState(db, NOW);
    expect(calm).toEqual({
      listeners: LISTENERS,
      behind: 0,
      quantiles: { '0.5': 0, '0.9': 0, '0.99': 0, '1': 0 },
      untakenSeconds: 0,
    });
    await plan(1, ago(20 * MINUTE_MS), ago(HOUR_MS));
    // Put off again and again: planned for the future, but 17 hours without a reading.
    await plan(2, new Date(NOW.getTime() + HOUR_MS), ago(17 * HOUR_MS));
    // Somebody has taken it up a minute ago.
    await plan(3, ago(40 * MINUTE_MS), ago(HOUR_MS), new Date(NOW.getTime() + MINUTE_MS));
    const { capture } = await loadInstanceState(db, NOW);
    expect(capture).toMatchObject({ behind: 3, untakenSeconds: 20 * 60 });
    expect(capture.quantiles['1']).toBe(4 * 3_600);
    expect(capture.quantiles['0.5']).toBe(0);
    // Whoever has to sign in again cannot be read, and is behind nobody's plan.
    await db.pool.query('UPDATE spotify_credentials SET reauth_needed_at = $1 WHERE user_id = 2', [NOW]);
    const without = await loadInstanceState(db, NOW);
    expect(without.capture).toMatchObject({ listeners: LISTENERS - 1, behind: 2 });
    expect(without.consents).toEqual({
      ended: 1,
      within_1d: 0,
      within_7d: 0,
      within_30d: 0,
      good: LISTENERS - 1,
    });
  });

  it('tells consents by how long they are good for, at the ends of months too', async () => {
    const consents: [number, string][] = [
      [10, '2026-05-02T08:00:01Z'],
      [11, '2026-05-08T00:00:00Z'],
      [12, '2026-05-20T00:00:00Z'],
      [13, '2026-05-02T07:00:00Z'],
    ];
    for (const [userId, at] of consents)
      await db.pool.query('UPDATE spotify_credentials SET authorized_at = $2 WHERE user_id = $1', [
        userId,
        at,
      ]);
    expect((await loadInstanceState(db, NOW)).consents).toMatchObject({
      ended: 2,
      within_1d: 1,
      within_7d: 1,
      within_30d: 1,
    });
  });

  it('has figures of their own for as many listeners as are asked for, always the same ones', async () => {
    expect(await loadListenerStates(db, NOW, 0)).toEqual([]);
    const few = await loadListenerStates(db, NOW, 3);
    expect(few.map(({ userId, lagSeconds }) => [userId, lagSeconds])).toEqual([
      [1, 1_200],
      [2, null],
      [3, 2_400],
    ]);
    expect(few[1]?.consentSeconds).toBe(0);
    expect(few[0]?.consentSeconds).toBeGreaterThan(140 * 86_400);
  });

  it('counts rooms, imports and connections', async () => {
    const { users, rooms, imports, server } = await loadInstanceState(db, NOW);
    expect({ users, rooms, imports }).toEqual({
      users: LISTENERS,
      rooms: 0,
      imports: { queued: 0, running: 0 },
    });
    expect(server.connections).toBeGreaterThan(0);
    expect(server.connectionLimit).toBeGreaterThanOrEqual(server.connections);
    expect(server.bytes).toBeGreaterThan(1_000_000);
  });
});
