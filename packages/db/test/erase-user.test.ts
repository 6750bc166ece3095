import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@spindle/testkit';
import {
  contextIds,
  createDatabase,
  type Database,
  deviceIds,
  eraseUser,
  recountIfStale,
} from '../src/index.ts';
import { createCatalogue, createListener } from './support/listening-world.ts';
import { readRollups } from './support/rollups.ts';

const NOW = new Date('2026-11-01T12:00:00Z');
let store: TestDatabase;
let db: Database;
let tracks: number[];

beforeAll(async () => {
  store = await createTestDatabase();
  db = createDatabase({ url: store.url });
  tracks = await createCatalogue(db);
});
afterAll(async () => {
  await db.close();
  await store.drop();
});

/** Rows that name a listener, by table; tables of which no row does are left out. */
async function rowsOf(userId: number): Promise<Record<string, number>> {
  const { rows: tables } = await db.pool.query<{ table_name: string }>(
    `SELECT c.table_name FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
      WHERE c.table_schema = 'public' AND c.column_name = 'user_id' AND t.table_type = 'BASE TABLE'`,
  );
  const found: Record<string, number> = {};
  for (const { table_name: table } of tables) {
    const { rows } = await db.pool.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM ${table} WHERE user_id = $1`,
      [userId],
    );
    if (rows[0]?.n) found[table] = rows[0].n;
  }
  return found;
}

async function createGuest(name: string, hostId: number): Promise<number> {
  const userId = await createListener(db, tracks, { name, timeZone: 'Europe/Berlin', days: ['2011-03-27'] });
  const [trackId = 0] = tracks;
  await db.prisma.relay.create({
    data: { userId, url: 'https://listens.example', token: new Uint8Array([1]), relayedTo: NOW },
  });
  await db.prisma.captureGap.create({ data: { userId, fromAt: NOW, toAt: NOW } });
  await db.prisma.removedPlay.create({ data: { userId, trackId, playedAt: NOW, endedAt: NOW } });
  const room = await db.prisma.room.create({
    data: { code: name, name, hostId, mode: 'queue', likeThreshold: 1 },
  });
  const participant = await db.prisma.roomParticipant.create({
    data: { roomId: room.id, userId, displayName: name },
  });
  const proposal = await db.prisma.roomTrack.create({
    data: { roomId: room.id, trackId, proposedById: participant.id },
  });
  await db.prisma.vote.create({
    data: { roomTrackId: proposal.id, participantId: participant.id, isLike: true },
  });
  return userId;
}

/** Puts every play of a listener on this device and into this context. */
async function playOn(userId: number, device: string, context: string): Promise<void> {
  await db.transaction(async (tx) => {
    const devices = await deviceIds(tx, [device]);
    const contexts = await contextIds(tx, [context]);
    await tx.query('UPDATE plays SET device_id = $2, context_id = $3 WHERE user_id = $1', [
      userId,
      devices.get(device),
      contexts.get(context),
    ]);
  });
}

describe('erasing a listener', () => {
  it('leaves no row of theirs in any table, and everything of everybody else', async () => {
    const host = await createListener(db, tracks, { name: 'host', timeZone: 'UTC', days: ['2011-01-01'] });
    const guest = await createGuest('guest', host);
    const before = await rowsOf(guest);
    expect(Object.keys(before)).toEqual(
      expect.arrayContaining(['plays', 'play_periods', 'listening_sessions', 'room_participants', 'relays']),
    );
    const hostRows = await rowsOf(host);
    const hostRollups = await readRollups(db, host);

    expect(await eraseUser(db, guest)).toBe(true);

    expect(await rowsOf(guest)).toEqual({});
    expect(await db.prisma.user.findUnique({ where: { id: guest } })).toBeNull();
    expect(await db.prisma.vote.count()).toBe(0);
    expect(await rowsOf(host)).toEqual(hostRows);
    expect(await readRollups(db, host)).toEqual(hostRollups);
    expect(await eraseUser(db, guest)).toBe(false);
  });

  it('forgets names that nobody else uses, and keeps those of plays and rules', async () => {
    const options = { timeZone: 'UTC', days: ['2012-02-02'] };
    const anna = await createListener(db, tracks, { name: 'anna', ...options });
    const bert = await createListener(db, tracks, { name: 'bert', ...options });
    await playOn(anna, "Anna's phone", 'spotify:user:anna:collection');
    await playOn(bert, 'Kitchen', 'spotify:playlist:shared');
    await db.transaction((tx) => deviceIds(tx, ['Ruled out']));
    const ruled = await db.prisma.playDevice.findUniqueOrThrow({ where: { name: 'Ruled out' } });
    await db.prisma.exclusionRule.create({ data: { userId: bert, kind: 'device', deviceId: ruled.id } });

    await eraseUser(db, anna);

    const names = async () => (await db.prisma.playDevice.findMany()).map((one) => one.name).sort();
    expect(await names()).toEqual(['Kitchen', 'Ruled out']);
    expect((await db.prisma.playContext.findMany()).map((one) => one.uri)).toEqual([
      'spotify:playlist:shared',
    ]);
  });

  it('leaves a name alone that a running transaction is about to use', async () => {
    const userId = await createListener(db, tracks, { name: 'carl', timeZone: 'UTC', days: ['2012-02-02'] });
    await db.transaction((tx) => deviceIds(tx, ['Left over']));
    await db.transaction(async (tx) => {
      await deviceIds(tx, ['Left over']);
      await eraseUser(db, userId);
    });
    expect(await db.prisma.playDevice.count({ where: { name: 'Left over' } })).toBe(1);
  });

  it('is not undone by a recount that waited for it', async () => {
    const userId = await createListener(db, tracks, { name: 'dora', timeZone: 'UTC', days: ['2012-02-02'] });
    await db.prisma.historyState.update({ where: { userId }, data: { stale: 2 } });
    await Promise.all([eraseUser(db, userId), recountIfStale(db, userId, NOW).catch(() => false)]);
    expect(await rowsOf(userId)).toEqual({});
  });
});
