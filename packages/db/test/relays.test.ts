import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@spindle/testkit';
import {
  createDatabase,
  type Database,
  deleteRelay,
  ingestPlays,
  listDueRelays,
  loadRelay,
  loadRelayTarget,
  noteRelayed,
  noteRelayFailure,
  type PlayObservation,
  playsToRelay,
  RELAY_BATCH,
  saveRelay,
} from '../src/index.ts';
import { createCatalogue } from './support/listening-world.ts';

const NOW = new Date('2026-11-01T12:00:00Z');
const MINUTE_MS = 60_000;
const LENGTH_MS = 3 * MINUTE_MS;
const URL = 'https://listens.example';
const TOKEN = new Uint8Array([1, 2, 3]);
let store: TestDatabase;
let db: Database;
let tracks: number[];
let listeners = 0;

beforeAll(async () => {
  store = await createTestDatabase();
  db = createDatabase({ url: store.url });
  tracks = await createCatalogue(db);
});
afterAll(async () => {
  await db.close();
  await store.drop();
});

const at = (minutes: number): Date => new Date(NOW.getTime() + minutes * MINUTE_MS);

async function listener(): Promise<number> {
  listeners += 1;
  const name = `listener-${listeners}`;
  const { id } = await db.prisma.user.create({
    data: { accountId: name, spotifyId: name, handle: name, displayName: name, timeZone: 'UTC' },
  });
  return id;
}

const save = (userId: number, settings: Partial<Parameters<typeof saveRelay>[2]> = {}) =>
  saveRelay(db, userId, { url: URL, token: TOKEN, enabled: true, now: NOW, ...settings });

async function target(userId: number, minutes = 0) {
  const found = await loadRelayTarget(db.pool, userId, at(minutes));
  if (!found) throw new Error('there is nothing to pass plays on to');
  return found;
}

/** A play of three minutes that started so many minutes after NOW. */
async function hear(userId: number, minutes: number, play: Partial<PlayObservation> = {}): Promise<void> {
  const startedAt = at(minutes).getTime();
  const observation: PlayObservation = {
    trackId: tracks[0] ?? 0,
    source: 'recently-played',
    startedAt,
    endedAt: startedAt + LENGTH_MS,
    msPlayed: LENGTH_MS,
    durationMs: LENGTH_MS,
    ...play,
  };
  await db.transaction((tx) => ingestPlays(tx, userId, [observation]));
}

/** Starts of the plays that are next, in minutes after NOW. */
async function next(userId: number, nowMinutes: number, after = NOW): Promise<number[]> {
  const plays = await playsToRelay(db.pool, userId, after, at(nowMinutes));
  return plays.map((play) => (Date.parse(play.playedAt) - NOW.getTime()) / MINUTE_MS);
}

/** Spotify's list was read, and will be read again; null for never. */
async function historyRead(userId: number, readMinutes: number | null): Promise<void> {
  const history = { historyReadAt: readMinutes === null ? null : at(readMinutes), nextHistoryAt: at(1_000) };
  await db.prisma.captureState.upsert({
    where: { userId },
    create: { userId, ...history },
    update: history,
  });
}

describe('what a listener sets', () => {
  it('begins with what is played from then on, and needs a token', async () => {
    const userId = await listener();
    expect(await save(userId, { token: undefined })).toBeNull();
    expect(await loadRelay(db.pool, userId)).toBeNull();
    expect(await save(userId)).toEqual({
      url: URL,
      enabled: true,
      relayed: 0,
      relayedTo: NOW.toISOString(),
      lastError: null,
    });
    expect(await save(userId, { token: undefined, enabled: false, now: at(5) })).toMatchObject({
      enabled: false,
      relayedTo: NOW.toISOString(),
    });
    expect(await loadRelayTarget(db.pool, userId, at(6))).toBeNull();
    // Switched off by hand: what was played meanwhile does not follow.
    expect(await save(userId, { token: undefined, now: at(9) })).toMatchObject({
      enabled: true,
      relayedTo: at(9).toISOString(),
    });
  });

  it('never shows the token of one server to another, and counts anew there', async () => {
    const userId = await listener();
    await save(userId);
    expect(await noteRelayed(db.pool, userId, await target(userId), { to: at(3), count: 7 })).toBe(true);
    expect(await save(userId, { url: 'https://other.example', token: undefined })).toBeNull();
    expect((await target(userId)).url).toBe(URL);
    expect(
      await save(userId, { url: 'https://other.example', token: new Uint8Array([9]), now: at(4) }),
    ).toMatchObject({
      url: 'https://other.example',
      relayed: 0,
      relayedTo: at(4).toISOString(),
    });
    expect(Buffer.from((await target(userId)).token)).toEqual(Buffer.from([9]));
  });

  it('goes on where a failure stopped it once there is another token', async () => {
    const userId = await listener();
    await save(userId);
    const failure = { message: 'The server refuses the token.', at: at(1), nextAt: null };
    await noteRelayFailure(db.pool, userId, await target(userId), failure);
    expect(await loadRelay(db.pool, userId)).toMatchObject({
      enabled: false,
      lastError: { message: failure.message, at: at(1).toISOString() },
    });
    expect(await save(userId, { token: new Uint8Array([4]), now: at(9) })).toMatchObject({
      enabled: true,
      relayedTo: NOW.toISOString(),
      lastError: null,
    });
  });

  it('is forgotten whole', async () => {
    const userId = await listener();
    await save(userId);
    expect(await deleteRelay(db, userId)).toBe(true);
    expect(await deleteRelay(db, userId)).toBe(false);
    expect(await save(userId, { token: undefined })).toBeNull();
  });
});

describe('what is noted', () => {
  it('is nothing when the relay was changed meanwhile', async () => {
    const userId = await listener();
    await save(userId);
    const before = await target(userId);
    await save(userId, { enabled: false });
    expect(await noteRelayed(db.pool, userId, before, { to: at(3), count: 1 })).toBe(false);
    await save(userId, { now: at(5) });
    expect(await noteRelayed(db.pool, userId, before, { to: at(3), count: 1 })).toBe(false);
    await save(userId, { token: new Uint8Array([7]), now: at(6) });
    await noteRelayFailure(db.pool, userId, before, { message: 'old', at: at(7), nextAt: null });
    expect(await loadRelay(db.pool, userId)).toMatchObject({ enabled: true, relayed: 0, lastError: null });
  });

  it('waits for its time after a failure, and is over when it goes well', async () => {
    const userId = await listener();
    await save(userId);
    await hear(userId, 1);
    await noteRelayFailure(db.pool, userId, await target(userId), {
      message: 'away',
      at: at(10),
      nextAt: at(11),
    });
    expect(await loadRelayTarget(db.pool, userId, new Date(at(11).getTime() - 1))).toBeNull();
    expect(await listDueRelays(db, new Date(at(11).getTime() - 1))).not.toContain(userId);
    expect(await listDueRelays(db, at(11))).toContain(userId);
    const again = await target(userId, 11);
    expect(again.failed).toEqual({ at: at(10), nextAt: at(11) });
    await noteRelayed(db.pool, userId, again, { to: at(1), count: 1 });
    expect(await loadRelay(db.pool, userId)).toMatchObject({ relayed: 1, lastError: null });
    expect(await listDueRelays(db, at(60))).not.toContain(userId);
  });
});

describe('plays that are next', () => {
  it('are those that count, of which nothing more is expected, oldest first', async () => {
    const userId = await listener();
    await save(userId);
    await hear(userId, -10);
    await hear(userId, 20);
    await hear(userId, 10);
    await hear(userId, 30, { msPlayed: 2_000 });
    await hear(userId, 40, { source: 'listenbrainz' });
    const file = await db.prisma.import.create({ data: { userId, status: 'succeeded' } });
    await hear(userId, 50, { source: 'lastfm', importId: file.id });
    await hear(userId, 60, { source: 'scrobble' });
    expect(await next(userId, 90)).toEqual([10, 20, 60]);
    expect(await next(userId, 90, at(10))).toEqual([20, 60]);
    expect(await listDueRelays(db, at(90))).toContain(userId);
  });

  it('wait until two minutes after their end', async () => {
    const userId = await listener();
    await save(userId);
    await hear(userId, 10);
    expect(await next(userId, 14.9)).toEqual([]);
    expect(await listDueRelays(db, at(14.9))).not.toContain(userId);
    expect(await next(userId, 15)).toEqual([10]);
    expect(await listDueRelays(db, at(15))).toContain(userId);
  });

  it('wait for Spotify’s list, which may tell a play before them, but not for ever', async () => {
    const userId = await listener();
    await save(userId);
    await historyRead(userId, 5);
    await hear(userId, 10, { source: 'live' });
    expect(await next(userId, 30)).toEqual([]);
    expect(await next(userId, 73)).toEqual([10]);
    await historyRead(userId, 15);
    expect(await next(userId, 30)).toEqual([10]);
    // That list was read before this play ended.
    await hear(userId, 20, { source: 'live' });
    expect(await next(userId, 30)).toEqual([10]);
  });

  it('wait for those before them', async () => {
    const userId = await listener();
    await save(userId);
    // Long, so that it ends after the one that started later.
    await hear(userId, 10, { endedAt: at(40).getTime() });
    await hear(userId, 20, { trackId: tracks[1] ?? 0 });
    expect(await next(userId, 30)).toEqual([]);
    expect(await next(userId, 42)).toEqual([10, 20]);
  });

  it('come in batches that never split one moment', async () => {
    const userId = await listener();
    await save(userId);
    const observations = Array.from({ length: RELAY_BATCH + 10 }, (_, index) => ({
      // The last of the batch and two more start at the same time.
      trackId: tracks[index % tracks.length] ?? 0,
      source: 'spotify-extended' as const,
      startedAt: at(10 + Math.min(index, RELAY_BATCH - 1)).getTime() + (index > RELAY_BATCH + 1 ? index : 0),
      endedAt: at(13 + Math.min(index, RELAY_BATCH - 1)).getTime() + (index > RELAY_BATCH + 1 ? index : 0),
      msPlayed: LENGTH_MS,
      durationMs: LENGTH_MS,
    }));
    await db.transaction((tx) => ingestPlays(tx, userId, observations));
    const first = await playsToRelay(db.pool, userId, NOW, at(1_000));
    expect(first).toHaveLength(RELAY_BATCH + 2);
    const last = new Date(first.at(-1)?.playedAt ?? 0);
    expect(await playsToRelay(db.pool, userId, last, at(1_000))).toHaveLength(8);
  });

  it('are nobody’s who is being erased', async () => {
    const userId = await listener();
    await save(userId);
    await hear(userId, 10);
    expect(await listDueRelays(db, at(60))).toContain(userId);
    await db.prisma.user.update({ where: { id: userId }, data: { erasingAt: NOW } });
    expect(await listDueRelays(db, at(60))).not.toContain(userId);
  });
});
