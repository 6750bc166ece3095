import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, type Database, ingestPlays, recountIfStale, upsertTracks } from '@spindle/db';
import {
  createTestDatabase,
  type PostgresServer,
  prepareTemplate,
  startPostgres,
  startStandby,
  type TestDatabase,
  waitFor,
} from '@spindle/testkit';
import type { Browser } from './support/browser.ts';
import { startGateway, type TestGateway } from './support/test-gateway.ts';

const START = Date.parse('2024-05-31T13:00:00Z');
const LENGTH_MS = 100_000;
const DAY_MS = 86_400_000;
let primary: PostgresServer;
let standby: PostgresServer;
let store: TestDatabase;
let gateway: TestGateway;
let ann: Browser;
let userId: number;
let onStandby: Database;
let plays = 0;
let asked = 0;

beforeAll(async () => {
  primary = await startPostgres();
  await prepareTemplate(primary.url);
  store = await createTestDatabase(primary.url);
  standby = await startStandby(primary);
  const address = new URL(store.url);
  address.port = String(standby.port);
  gateway = await startGateway({ DATABASE_REPLICA_URL: address.href }, { store });
  onStandby = createDatabase({ url: address.href, poolSize: 1 });
  ann = await gateway.signedIn('ann');
  userId = Number((await ann.ask('/api/user')).json.id);
  await recountIfStale(gateway.db, userId, new Date());
  await listen(await addTrack('One'));
}, 60_000);
afterAll(async () => {
  await onStandby?.close();
  await gateway?.stop();
  await standby?.stop();
  await primary?.stop();
});

async function addTrack(name: string): Promise<number> {
  const item = {
    spotifyId: `track${name}`,
    name,
    durationMs: LENGTH_MS,
    explicit: false,
    isrc: null,
    discNumber: 1,
    trackNumber: 1,
    artists: [{ spotifyId: 'artist', name: 'Artist' }],
    album: null,
  };
  const ids = await gateway.db.transaction((tx) => upsertTracks(tx, [item], new Date()));
  return ids.get(item.spotifyId) ?? 0;
}

async function listen(trackId: number): Promise<void> {
  const startedAt = START + plays * 1_800_000;
  plays += 1;
  await gateway.db.transaction((tx) =>
    ingestPlays(tx, userId, [
      {
        trackId,
        source: 'recently-played',
        startedAt,
        endedAt: startedAt + LENGTH_MS,
        msPlayed: null,
        durationMs: LENGTH_MS,
      },
    ]),
  );
}

/** My most played track, by a request that nobody has made before, so that no answer of it is kept. */
async function top(): Promise<{ plays: number; name: string }> {
  asked += 1;
  const from = new Date(START - asked * DAY_MS).toISOString().slice(0, 10);
  const { status, json } = await ann.ask(`/api/stats/top/tracks?from=${from}&to=2024-06-30`);
  expect(status).toBe(200);
  return { plays: json.figures.plays, name: json.items[0].track.name };
}

async function count(outcome: 'answered' | 'behind' | 'away' | 'failed'): Promise<number> {
  const text = await gateway.context.metrics.getSingleMetricAsString('spindle_replica_reads_total');
  return Number(new RegExp(`outcome="${outcome}"[^}]*} (\\d+)`).exec(text)?.[1]);
}

/** Asks until the replica has answered, which must be with the present figures. */
const answersAtReplica = () =>
  waitFor(
    async () => {
      const before = await count('answered');
      expect((await top()).plays).toBe(plays);
      return (await count('answered')) > before;
    },
    { what: 'an answer of the replica', everyMs: 100 },
  );

const lines = (message: string) => gateway.logs().split(message).length - 1;

describe('a replica', () => {
  it('makes the statistics while it knows what the primary knows', async () => {
    await answersAtReplica();
    await onStandby.pool.query('SELECT pg_wal_replay_pause()');
    await gateway.db.pool.query("UPDATE tracks SET name = 'Another'");
    // The history is as it was, and the name is still the replica's.
    const answered = await count('answered');
    expect(await top()).toEqual({ plays: 1, name: 'One' });
    expect(await count('answered')).toBe(answered + 1);
  });

  it('is passed over for what it does not know yet', async () => {
    const unknown = await addTrack('Two');
    const failed = await count('failed');
    expect((await ann.ask(`/api/tracks/${unknown}`)).status).toBe(200);
    expect(await count('failed')).toBe(failed + 1);

    await listen(unknown);
    await listen(unknown);
    const behind = await count('behind');
    expect(await top()).toEqual({ plays: 3, name: 'Two' });
    expect(await count('behind')).toBe(behind + 1);

    await onStandby.pool.query('SELECT pg_wal_replay_resume()');
    await answersAtReplica();
  });

  it('may die and come back', async () => {
    await standby.kill();
    const away = await count('away');
    await listen(await addTrack('Three'));
    expect((await top()).plays).toBe(plays);
    expect((await top()).plays).toBe(plays);
    expect(await count('away')).toBe(away + 2);
    expect(lines('the replica of PostgreSQL is away')).toBe(1);
    expect((await ann.ask('/readyz')).status).toBe(200);

    await standby.start();
    await answersAtReplica();
    expect(lines('the replica of PostgreSQL answers again')).toBe(1);
  });

  it('need not be waited for when it hangs', async () => {
    // Replayed on the standby, the lock stays there for as long as its end is not.
    await gateway.db.transaction(async (tx) => {
      await tx.query('LOCK TABLE history_states IN ACCESS EXCLUSIVE MODE');
      // A commit sends what was logged before it on its way, too; by itself that may take seconds.
      await gateway.db.pool.query('UPDATE tracks SET name = name');
      await waitFor(
        async () =>
          (
            await onStandby.pool.query(
              "SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation = 'history_states'::regclass",
            )
          ).rowCount,
      );
      await onStandby.pool.query('SELECT pg_wal_replay_pause()');
    });
    const away = await count('away');
    expect((await top()).plays).toBe(plays);
    expect(await count('away')).toBe(away + 1);
    await onStandby.pool.query('SELECT pg_wal_replay_resume()');
  });
});
