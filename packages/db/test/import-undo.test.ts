import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@spindle/testkit';
import fc from 'fast-check';
import {
  addImportFile,
  beginImport,
  changePlays,
  createDatabase,
  createImport,
  type Database,
  finishImport,
  type ImportBatch,
  type ImportCheckpoint,
  ImportTaken,
  ingestPlays,
  type PlayObservation,
  queueImport,
  recountIfStale,
  sourcesIn,
  storeImportBatch,
  undoImport,
} from '../src/index.ts';
import { rollupsAndRecount } from './support/rollups.ts';

const NOW = new Date('2026-11-01T12:00:00Z');
const T0 = Date.UTC(2026, 8, 1, 12);
const MINUTE = 60_000;
const LENGTH = 180_000;
let store: TestDatabase;
let db: Database;
let users = 0;
let tracks: number[] = [];

beforeAll(async () => {
  store = await createTestDatabase();
  db = createDatabase({ url: store.url });
  const artist = { name: 'x', nameKey: 'x', genres: [] };
  await db.prisma.artist.create({ data: artist });
  const { rows } = await db.pool.query<{ id: number }>(
    `INSERT INTO tracks (spotify_id, name, name_key, artist_key, duration_ms)
     SELECT 't' || n, 't' || n, 't' || n, 'x', $1 FROM generate_series(1, 8) n RETURNING id`,
    [LENGTH],
  );
  tracks = rows.map((row) => row.id);
});
afterAll(async () => {
  await db.close();
  await store.drop();
});

async function listener(): Promise<number> {
  users += 1;
  const name = `undoer-${users}`;
  const data = {
    accountId: name,
    spotifyId: name,
    handle: name,
    displayName: name,
    timeZone: 'America/New_York',
  };
  return (await db.prisma.user.create({ data })).id;
}

/** The nth track, heard so many minutes after the first time. */
const track = (at: number): number => tracks[at % tracks.length] ?? 0;

const recent = (at: number, minutes: number): PlayObservation => ({
  trackId: track(at),
  source: 'recently-played',
  startedAt: T0 + minutes * MINUTE + 321 - LENGTH,
  endedAt: T0 + minutes * MINUTE + 321,
  msPlayed: null,
  durationMs: LENGTH,
});

const live = (at: number, minutes: number): PlayObservation => ({
  ...recent(at, minutes),
  source: 'live',
  startedAt: T0 + minutes * MINUTE - LENGTH - 500,
  endedAt: T0 + minutes * MINUTE + 900,
  msPlayed: LENGTH,
});

const exported = (at: number, minutes: number): PlayObservation => ({
  trackId: track(at),
  source: 'spotify-extended',
  startedAt: T0 + minutes * MINUTE - 150_000,
  endedAt: T0 + minutes * MINUTE,
  msPlayed: 150_000,
  durationMs: null,
  flags: 3,
});

const told = (userId: number, plays: readonly PlayObservation[]) =>
  db.transaction((tx) => ingestPlays(tx, userId, plays));

/** Begins an import; `batch` stores what it tells. */
async function begin(userId: number) {
  const importId = await createImport(db, userId, NOW);
  const fileId = await addImportFile(db, importId, { name: 'a.json' });
  await queueImport(db, importId);
  await beginImport(db, importId, NOW);
  let from: ImportCheckpoint | null = null;
  const batch = async (plays: readonly PlayObservation[]): Promise<void> => {
    const to: ImportCheckpoint = { entry: 0, row: (from?.row ?? 0) + plays.length };
    const one: ImportBatch = {
      fileId,
      from,
      to,
      done: false,
      format: 'spotify-extended',
      observations: plays.map((play) => ({ ...play, importId })),
      read: plays.length,
      skippedReasons: new Map(),
      failed: 0,
      failures: [],
    };
    await storeImportBatch(db, { id: importId, userId }, one);
    from = to;
  };
  return { importId, batch };
}

async function imported(userId: number, plays: readonly PlayObservation[]): Promise<number> {
  const { importId, batch } = await begin(userId);
  await batch(plays);
  await finishImport(db, importId, { status: 'succeeded', problem: null, now: NOW });
  return importId;
}

const undo = (userId: number, importId: number) => undoImport(db, userId, importId, NOW);

/** Plays and rollups, counted where that is due; fails when the rollups are not what a recount has. */
/** What is left when nothing is. */
const NOTHING = { plays: [], rollups: { periods: [], sessions: [] } };

async function history(userId: number) {
  const plays = await db.prisma.play.findMany({
    where: { userId },
    orderBy: [{ endedAt: 'asc' }, { trackId: 'asc' }, { playedAt: 'asc' }],
  });
  await recountIfStale(db, userId, NOW);
  const { kept, recounted } = await rollupsAndRecount(db, userId);
  expect(kept).toEqual(recounted);
  return { plays, rollups: kept };
}

describe('undoing an import', () => {
  it('removes what only it told, keeps its report, and can be done twice', async () => {
    const userId = await listener();
    await told(userId, [recent(0, 0)]);
    const before = await history(userId);
    const importId = await imported(userId, [exported(1, 10), exported(1, 700), exported(2, 1_500)]);
    expect((await history(userId)).plays).toHaveLength(4);
    const undone = await undo(userId, importId);
    expect(undone).toMatchObject({ status: 'undone', totals: { read: 3, imported: 3 } });
    expect(await history(userId)).toEqual(before);
    expect(await undo(userId, importId)).toEqual(undone);
    expect(await history(userId)).toEqual(before);
  });

  it('gives plays that it merged into back as they were, to the ms', async () => {
    const userId = await listener();
    await told(userId, [recent(0, 0), live(1, 10), recent(2, 20), live(2, 20)]);
    const before = await history(userId);
    const importId = await imported(userId, [exported(0, 0), exported(1, 10), exported(2, 20)]);
    const merged = await history(userId);
    expect(merged.plays.map((play) => play.msPlayed)).toEqual([150_000, 150_000, 150_000]);
    expect(merged).not.toEqual(before);
    await undo(userId, importId);
    expect(await history(userId)).toEqual(before);
  });

  it('leaves plays that others told afterwards as those tell them', async () => {
    const userId = await listener();
    const importId = await imported(userId, [exported(0, 0), exported(1, 10), exported(2, 20)]);
    await told(userId, [recent(0, 0), live(1, 10)]);
    await undo(userId, importId);
    const { plays } = await history(userId);
    expect(plays.map((play) => [play.trackId, sourcesIn(play.seenBy), play.importId])).toEqual([
      [track(0), ['recently-played'], null],
      [track(1), ['live'], null],
    ]);
    const [first] = plays;
    expect(first).toMatchObject({ msPlayed: null, flags: 0 });
    expect(first?.endedAt.getTime()).toBe(T0 + 321);
    expect(first?.playedAt.getTime()).toBe(T0 + 321 - LENGTH);
  });

  it('takes only its own part out of plays that changed since', async () => {
    const userId = await listener();
    await told(userId, [recent(0, 0)]);
    const importId = await imported(userId, [exported(0, 0)]);
    await told(userId, [live(0, 0)]);
    await undo(userId, importId);
    const { plays } = await history(userId);
    expect(plays).toHaveLength(1);
    expect(sourcesIn(plays[0]?.seenBy ?? 0)).toEqual(['recently-played', 'live']);
    expect(plays[0]?.playedAt.getTime()).toBe(T0 - LENGTH - 500);
  });

  it('does not touch what an earlier import had told already', async () => {
    const userId = await listener();
    const rows = [exported(0, 0), exported(1, 10)];
    const first = await imported(userId, rows);
    const before = await history(userId);
    const second = await imported(userId, [...rows, exported(2, 20)]);
    await undo(userId, second);
    expect(await history(userId)).toEqual(before);
    await undo(userId, first);
    expect(await history(userId)).toEqual(NOTHING);
  });

  it('does not bring back what its listener removed', async () => {
    const userId = await listener();
    await told(userId, [recent(0, 0), recent(1, 10)]);
    const importId = await imported(userId, [exported(0, 0), exported(1, 10)]);
    const [first] = (await history(userId)).plays;
    if (first) await changePlays(db, userId, 'delete', [first], NOW);
    await undo(userId, importId);
    const { plays } = await history(userId);
    expect(plays.map((play) => play.trackId)).toEqual([track(1)]);
  });

  it('stops an import that runs, at its next batch', async () => {
    const userId = await listener();
    const { importId, batch } = await begin(userId);
    await batch([exported(0, 0)]);
    expect(await undo(userId, importId)).toMatchObject({ status: 'undone' });
    await expect(batch([exported(1, 10)])).rejects.toThrow(ImportTaken);
    await finishImport(db, importId, { status: 'succeeded', problem: null, now: NOW });
    expect(await undo(userId, importId)).toMatchObject({ status: 'undone' });
    expect(await history(userId)).toEqual(NOTHING);
  });

  it('restores any history in which it was the last to speak', async () => {
    const listens = fc.array(
      fc.record({
        at: fc.nat(3),
        minutes: fc.integer({ min: 0, max: 40 }),
        recent: fc.boolean(),
        live: fc.boolean(),
        exported: fc.boolean(),
      }),
      { maxLength: 25 },
    );
    await fc.assert(
      fc.asyncProperty(listens, async (all) => {
        const userId = await listener();
        await told(
          userId,
          all.filter((one) => one.live).map((one) => live(one.at, one.minutes)),
        );
        await told(
          userId,
          all.filter((one) => one.recent).map((one) => recent(one.at, one.minutes)),
        );
        const before = await history(userId);
        const { importId, batch } = await begin(userId);
        const rows = all.filter((one) => one.exported).map((one) => exported(one.at, one.minutes));
        // In two batches, so that the same play may be touched by both.
        await batch(rows.filter((_, at) => at % 2 === 0));
        await batch(rows.filter((_, at) => at % 2 === 1));
        await undo(userId, importId);
        expect(await history(userId)).toEqual(before);
      }),
      { numRuns: 60 },
    );
  });
});
