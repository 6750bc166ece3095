import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@spindle/testkit';
import {
  abandonImport,
  addImportFile,
  appendChunk,
  beginImport,
  CHUNK_BYTES,
  createDatabase,
  createImport,
  type Database,
  dropStaleUploads,
  finishFile,
  finishImport,
  getImport,
  type ImportBatch,
  ImportTaken,
  importOfRequest,
  isImportRunning,
  listImports,
  openUpload,
  queueImport,
  shownFileName,
  storeImportBatch,
  undoImport,
  unfinishedImports,
} from '../src/index.ts';

const NOW = new Date('2026-11-01T12:00:00Z');
let store: TestDatabase;
let db: Database;
let users = 0;

beforeAll(async () => {
  store = await createTestDatabase();
  db = createDatabase({ url: store.url });
});
afterAll(async () => {
  await db.close();
  await store.drop();
});

async function listener(): Promise<number> {
  users += 1;
  const name = `uploader-${users}`;
  const data = { accountId: name, spotifyId: name, handle: name, displayName: name, timeZone: 'UTC' };
  return (await db.prisma.user.create({ data })).id;
}

async function uploadFile(importId: number, name: string, content: Buffer): Promise<number> {
  const fileId = await addImportFile(db, importId, { name });
  for (let at = 0; at < content.length; at += CHUNK_BYTES)
    await appendChunk(db, fileId, at / CHUNK_BYTES, content.subarray(at, at + CHUNK_BYTES));
  const sha256 = createHash('sha256').update(content).digest();
  await finishFile(db, fileId, { bytes: content.length, sha256 });
  return fileId;
}

/** An import that is queued, with one small file. */
async function queued(userId: number): Promise<{ importId: number; fileId: number }> {
  const importId = await createImport(db, userId, NOW);
  const fileId = await uploadFile(importId, 'a.json', Buffer.from('[]'));
  expect(await queueImport(db, importId)).toBe(true);
  return { importId, fileId };
}

const chunksOf = (importId: number) => db.prisma.importChunk.count({ where: { file: { importId } } });

async function readAll(fileId: number, bytes: number, start = 0, end = bytes): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of openUpload(db, { id: fileId, bytes }).read(start, end))
    parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

const batchOf = (fileId: number, changes: Partial<ImportBatch> = {}): ImportBatch => ({
  fileId,
  from: null,
  to: { entry: 0, row: 10 },
  done: false,
  format: 'spotify-extended',
  observations: [],
  read: 10,
  skippedReasons: new Map([['too-short', 9]]),
  failed: 1,
  failures: [{ entry: 'a.json', row: 3, message: 'ts: must be a time' }],
  ...changes,
});

describe('an upload', () => {
  it('is read back from any place, byte for byte', async () => {
    const importId = await createImport(db, await listener(), NOW);
    const content = randomBytes(2 * CHUNK_BYTES + 777);
    const fileId = await uploadFile(importId, 'big.zip', content);
    expect((await readAll(fileId, content.length)).equals(content)).toBe(true);
    for (const [start, end] of [
      [0, 0],
      [5, 6],
      [CHUNK_BYTES - 1, CHUNK_BYTES + 1],
      [CHUNK_BYTES, 2 * CHUNK_BYTES],
      [10, content.length],
    ] as const) {
      expect((await readAll(fileId, content.length, start, end)).equals(content.subarray(start, end))).toBe(
        true,
      );
    }
    await expect(readAll(fileId, content.length, 0, content.length + 1)).rejects.toThrow(RangeError);
    await expect(readAll(fileId, content.length, -1, 1)).rejects.toThrow(RangeError);
  });

  it('must be whole: pieces missing, too long, or short in the middle are refused', async () => {
    const importId = await createImport(db, await listener(), NOW);
    const fileId = await addImportFile(db, importId, { name: 'a' });
    await expect(appendChunk(db, fileId, 0, Buffer.alloc(0))).rejects.toThrow(RangeError);
    await expect(appendChunk(db, fileId, 0, Buffer.alloc(CHUNK_BYTES + 1))).rejects.toThrow(RangeError);
    await appendChunk(db, fileId, 0, Buffer.alloc(10));
    const sha256 = new Uint8Array(32);
    await expect(finishFile(db, fileId, { bytes: 11, sha256 })).rejects.toThrow('11 bytes');
    await appendChunk(db, fileId, 1, Buffer.alloc(10));
    await expect(finishFile(db, fileId, { bytes: 20, sha256 })).rejects.toThrow('20 bytes');
  });

  it('that is abandoned or forgotten leaves nothing; one that was begun stays', async () => {
    const userId = await listener();
    const importId = await createImport(db, userId, NOW);
    await uploadFile(importId, 'a.json', Buffer.from('[]'));
    await abandonImport(db, importId);
    expect(await getImport(db, userId, importId)).toBeNull();
    expect(await chunksOf(importId)).toBe(0);
    expect(await queueImport(db, importId)).toBe(false);

    const old = await createImport(db, userId, new Date(NOW.getTime() - 1_000));
    await dropStaleUploads(db, NOW);
    expect(await getImport(db, userId, old)).toBeNull();

    const begun = await queued(userId);
    await beginImport(db, begun.importId, NOW);
    await abandonImport(db, begun.importId);
    await dropStaleUploads(db, new Date(NOW.getTime() + 1));
    expect(await getImport(db, userId, begun.importId)).toMatchObject({ status: 'running' });
  });

  it('stands for its key once, from the moment it is queued, for a day', async () => {
    const userId = await listener();
    const [first, second] = [await createImport(db, userId, NOW), await createImport(db, userId, NOW)];
    const request = { key: `upload-of-${userId}`, now: NOW };
    expect(await importOfRequest(db, request.key, NOW)).toBeNull();
    const queuedBoth = await Promise.all([first, second].map((id) => queueImport(db, id, request)));
    expect(queuedBoth.toSorted()).toEqual([false, true]);
    const [taken, refused] = queuedBoth[0] ? [first, second] : [second, first];
    expect(await importOfRequest(db, request.key, NOW)).toBe(taken);
    expect(await getImport(db, userId, refused)).toMatchObject({ status: 'uploading' });

    const nextDay = { key: request.key, now: new Date(NOW.getTime() + 86_400_000) };
    expect(await importOfRequest(db, request.key, nextDay.now)).toBeNull();
    const third = await createImport(db, userId, nextDay.now);
    expect(await queueImport(db, third, nextDay)).toBe(true);
    expect(await importOfRequest(db, request.key, nextDay.now)).toBe(third);
    expect(await getImport(db, userId, taken)).toMatchObject({ status: 'queued' });
  });

  it('shows names without paths, control characters and halves of characters', () => {
    expect(shownFileName('../../etc/passwd')).toBe('passwd');
    expect(shownFileName('C:\\temp\\my\u0000data\n.zip')).toBe('mydata.zip');
    expect(shownFileName(`${'a'.repeat(254)}\ud83c\udf5e`)).toBe(`${'a'.repeat(254)}\ufffd`);
    expect(shownFileName('/')).toBe('unnamed');
  });
});

describe('the list of imports', () => {
  it('is paged newest first, and each listener sees their own', async () => {
    const [userId, other] = [await listener(), await listener()];
    const ids: string[] = [];
    for (let at = 0; at < 5; at += 1) ids.unshift(String(await createImport(db, userId, NOW)));
    const foreign = await createImport(db, other, NOW);
    const seen: string[] = [];
    let after: number | undefined;
    for (let pages = 1; ; pages += 1) {
      const { items, lastId } = await listImports(db, { userId, limit: 2, after });
      seen.push(...items.map((item) => item.id));
      if (lastId === null) {
        expect(pages).toBe(3);
        break;
      }
      after = lastId;
    }
    expect(seen).toEqual(ids);
    expect(await getImport(db, userId, foreign)).toBeNull();
    expect(await undoImport(db, userId, foreign, NOW)).toBeNull();
    expect(await getImport(db, other, foreign)).toMatchObject({ status: 'uploading' });
  });
});

describe('work on an import', () => {
  it('counts a batch once, whoever comes second is told so', async () => {
    const userId = await listener();
    const { importId, fileId } = await queued(userId);
    const work = await beginImport(db, importId, NOW);
    expect(work).toMatchObject({
      userId,
      files: [{ id: fileId, name: 'a.json', bytes: 2, checkpoint: null, done: false }],
    });
    const results = await Promise.allSettled(
      Array.from({ length: 3 }, () => storeImportBatch(db, { id: importId, userId }, batchOf(fileId))),
    );
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(ImportTaken);
    expect(await getImport(db, userId, importId)).toMatchObject({
      status: 'running',
      startedAt: NOW.toISOString(),
      totals: { read: 10, imported: 0, duplicates: 0, skipped: 9, failed: 1 },
      files: [{ format: 'spotify-extended', skippedReasons: { 'too-short': 9 }, done: false }],
    });
    // Another worker goes on from there, and keeps when it was begun.
    const again = await beginImport(db, importId, new Date(NOW.getTime() + 5_000));
    expect(again?.files[0]?.checkpoint).toEqual({ entry: 0, row: 10 });
    const rest = batchOf(fileId, {
      from: { entry: 0, row: 10 },
      to: { entry: 1, row: 0 },
      done: true,
      format: null,
    });
    await storeImportBatch(db, { id: importId, userId }, rest);
    expect(await getImport(db, userId, importId)).toMatchObject({
      startedAt: NOW.toISOString(),
      files: [{ format: 'spotify-extended', read: 20, skippedReasons: { 'too-short': 18 }, done: true }],
    });
  });

  it('ends once, with the uploaded bytes gone and the report kept', async () => {
    const userId = await listener();
    const { importId, fileId } = await queued(userId);
    expect((await unfinishedImports(db)).map((one) => one.id)).toContain(importId);
    await beginImport(db, importId, NOW);
    await storeImportBatch(db, { id: importId, userId }, batchOf(fileId, { done: true }));
    expect(await isImportRunning(db, importId)).toBe(true);
    await finishImport(db, importId, { status: 'succeeded', problem: null, now: NOW });
    await finishImport(db, importId, { status: 'failed', problem: 'too late', now: new Date(0) });
    expect(await getImport(db, userId, importId)).toMatchObject({
      status: 'succeeded',
      problem: null,
      finishedAt: NOW.toISOString(),
      files: [{ failures: [{ entry: 'a.json', row: 3 }] }],
    });
    expect(await chunksOf(importId)).toBe(0);
    expect(await isImportRunning(db, importId)).toBe(false);
    expect(await beginImport(db, importId, NOW)).toBeNull();
    expect((await unfinishedImports(db)).map((one) => one.id)).not.toContain(importId);
  });
});
