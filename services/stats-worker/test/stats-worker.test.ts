import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Database,
  ensureNamedTracks,
  ingestPlays,
  lockHistory,
  markStale,
  noteCatalogueChange,
  STALE,
} from '@spindle/db';
import type { Producer } from '@spindle/queues';
import { ManualClock } from '@spindle/service-kit';
import { waitFor } from '@spindle/testkit';
import { Rig } from './support/rig.ts';

const NOW = Date.UTC(2026, 10, 2, 8);
const MINUTE_MS = 60_000;

describe('the statistics worker', () => {
  const clock = new ManualClock(NOW);
  let rig: Rig<ManualClock>;
  let db: Database;
  let producer: Producer;

  beforeAll(async () => {
    rig = await Rig.start(clock, []);
    ({ db, producer } = rig);
  });
  afterAll(() => rig?.close());

  /** A listener with one play of a track whose length nobody knows yet. */
  async function listener(): Promise<{ userId: number; trackId: number }> {
    const name = randomBytes(6).toString('hex');
    const user = await db.prisma.user.create({
      data: { accountId: name, spotifyId: name, handle: name, displayName: name, timeZone: 'UTC' },
    });
    const trackId = await db.transaction(async (tx) => {
      const spotifyId = randomBytes(11).toString('hex');
      const ids = await ensureNamedTracks(tx, [{ spotifyId, name: 'Aria', artist: name, album: 'Suite' }]);
      const id = ids.get(spotifyId) ?? 0;
      await ingestPlays(tx, user.id, [
        {
          trackId: id,
          source: 'recently-played',
          startedAt: NOW - 62 * MINUTE_MS,
          endedAt: NOW - 60 * MINUTE_MS,
          msPlayed: null,
          durationMs: null,
          uncertaintyMs: 0,
          contextId: null,
        },
      ]);
      return id;
    });
    return { userId: user.id, trackId };
  }

  const assumedMs = async (userId: number): Promise<number> => {
    const { rows } = await db.pool.query<{ ms: number }>(
      'SELECT ms_assumed::float8 AS ms FROM play_periods WHERE user_id = $1 AND grain = 3 AND kind = 0',
      [userId],
    );
    return rows[0]?.ms ?? Number.NaN;
  };
  const stale = async (userId: number): Promise<number | undefined> =>
    (await db.prisma.historyState.findUnique({ where: { userId } }))?.stale;
  const sweep = () => producer.add('stats', 'sweep-stale', {}, { requestId: 'test' });

  it('recounts on request, and has nothing to do the second time', async () => {
    const { userId } = await listener();
    await db.transaction(async (tx) => {
      await lockHistory(tx, userId);
      await markStale(tx, userId, STALE.all, clock.now());
    });
    const options = { requestId: 'test', ownerId: userId };
    const first = await producer.add('stats', 'recount', { userId }, options);
    expect((await producer.waitFor(first.id, 10_000))?.result).toEqual({ recounted: true });
    expect(await stale(userId)).toBe(STALE.no);
    const second = await producer.add('stats', 'recount', { userId }, options);
    expect((await producer.waitFor(second.id, 10_000))?.result).toEqual({ recounted: false });
  });

  it('finds a recount whose job was lost', async () => {
    const { userId } = await listener();
    await db.transaction(async (tx) => {
      await lockHistory(tx, userId);
      await markStale(tx, userId, STALE.all, clock.now());
    });
    await sweep();
    await waitFor(async () => (await stale(userId)) === STALE.no, { what: 'the recount', timeoutMs: 10_000 });
  });

  it('takes up what became known of tracks once details have stopped to arrive', async () => {
    const { userId, trackId } = await listener();
    const other = await listener();
    expect(await assumedMs(userId)).toBe(0);
    await db.transaction(async (tx) => {
      await tx.query('UPDATE tracks SET duration_ms = 200000 WHERE id = $1', [trackId]);
      await noteCatalogueChange(tx, [trackId], clock.now());
    });
    await sweep();
    await waitFor(async () => (await stale(userId)) === STALE.catalogue, {
      what: 'the mark of the change',
      timeoutMs: 10_000,
    });
    expect(await assumedMs(userId)).toBe(0);
    expect(await stale(other.userId)).toBe(STALE.no);

    clock.advance(11 * MINUTE_MS);
    await sweep();
    await waitFor(async () => (await stale(userId)) === STALE.no, { what: 'the recount', timeoutMs: 10_000 });
    expect(await assumedMs(userId)).toBe(200_000);
  });
});
