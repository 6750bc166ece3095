import type { Database } from '../client.ts';
import { isUniqueViolation } from '../unique-violation.ts';

/** Uploaded bytes are kept in pieces of this size; only the last of a file is shorter. */
export const CHUNK_BYTES = 1 << 20;
/** Names are shown, never opened, so a long one is cut rather than refused. */
const MAX_NAME = 255;

/** Begins an upload. Its files follow, then {@link queueImport}; or {@link abandonImport}. Answers the import's id. */
export async function createImport(db: Database, userId: number, now: Date): Promise<number> {
  const { id } = await db.prisma.import.create({
    data: { userId, status: 'uploading', createdAt: now },
    select: { id: true },
  });
  return id;
}

/** A file name as it may be stored and shown: no control characters, no path, at most 255 characters. */
export function shownFileName(name: string): string {
  const base = name.split(/[/\\]/u).at(-1) ?? '';
  // PostgreSQL stores neither U+0000 nor half a surrogate pair.
  const shown = base
    .replace(/\p{Cc}/gu, '')
    .trim()
    .slice(0, MAX_NAME)
    .toWellFormed();
  return shown === '' ? 'unnamed' : shown;
}

/** Adds a file to an upload, after those already there. Call for one file after another. Answers its id. */
export async function addImportFile(
  db: Database,
  importId: number,
  file: { readonly name: string },
): Promise<number> {
  const { rows } = await db.pool.query<{ id: number }>(
    `INSERT INTO import_files (import_id, position, name)
     SELECT $1, count(*), $2 FROM import_files WHERE import_id = $1 RETURNING id`,
    [importId, shownFileName(file.name)],
  );
  const [row] = rows;
  if (!row) throw new Error(`the file of import ${importId} was not added`);
  return row.id;
}

/**
 * Stores one piece of a file. Pieces are {@link CHUNK_BYTES} long, only the last may be shorter, so
 * that any position can be found without reading what stands before it.
 *
 * @param seq number of the piece, from 0.
 * @throws RangeError when the piece is empty or longer than {@link CHUNK_BYTES}.
 */
export async function appendChunk(db: Database, fileId: number, seq: number, data: Buffer): Promise<void> {
  if (data.length === 0 || data.length > CHUNK_BYTES)
    throw new RangeError(`a piece holds 1 to ${CHUNK_BYTES} bytes, this one ${data.length}`);
  await db.pool.query('INSERT INTO import_chunks (file_id, seq, data) VALUES ($1, $2, $3)', [
    fileId,
    seq,
    data,
  ]);
}

/**
 * Closes a file whose every byte is stored.
 *
 * @throws Error when its pieces do not add up to `bytes`.
 */
export async function finishFile(
  db: Database,
  fileId: number,
  file: { readonly bytes: number; readonly sha256: Uint8Array },
): Promise<void> {
  const { rowCount } = await db.pool.query(
    `UPDATE import_files f SET bytes = $2::bigint, sha256 = $3
      WHERE id = $1 AND $2::bigint = (SELECT coalesce(sum(length(data)), 0) FROM import_chunks WHERE file_id = f.id)
        AND NOT EXISTS (SELECT 1 FROM import_chunks c WHERE c.file_id = f.id AND length(data) < $4::int
                         AND seq < (SELECT max(seq) FROM import_chunks m WHERE m.file_id = f.id))`,
    [fileId, file.bytes, Buffer.from(file.sha256), CHUNK_BYTES],
  );
  if (rowCount !== 1)
    throw new Error(`the pieces of file ${fileId} do not make the ${file.bytes} bytes it should have`);
}

/** How long the idempotency key of an upload stands for it, ms. */
const REMEMBERED_MS = 86_400_000;

const rememberedSince = (now: Date): Date => new Date(now.getTime() - REMEMBERED_MS);

/**
 * The upload is whole: a worker may take it. Call before the job is added.
 *
 * @param request the key under which the same upload may come again for a day, unique among all users.
 * @returns false when it is no upload (any more), or when another one stands for the key.
 */
export async function queueImport(
  db: Database,
  importId: number,
  request?: { readonly key: string; readonly now: Date },
): Promise<boolean> {
  try {
    return await db.transaction(async (tx) => {
      if (request)
        await tx.query('UPDATE imports SET request_key = NULL WHERE request_key = $1 AND created_at <= $2', [
          request.key,
          rememberedSince(request.now),
        ]);
      const { rowCount } = await tx.query(
        "UPDATE imports SET status = 'queued', request_key = $2 WHERE id = $1 AND status = 'uploading'",
        [importId, request?.key ?? null],
      );
      return rowCount === 1;
    });
  } catch (error) {
    if (isUniqueViolation(error, 'imports_request_key_key')) return false;
    throw error;
  }
}

/** The import that a key of the last day stands for; null when there is none. */
export async function importOfRequest(db: Database, key: string, now: Date): Promise<number | null> {
  const { rows } = await db.pool.query<{ id: number }>(
    'SELECT id FROM imports WHERE request_key = $1 AND created_at > $2',
    [key, rememberedSince(now)],
  );
  return rows[0]?.id ?? null;
}

/** Notes the job that works on an import, by its public id. */
export async function noteImportJob(db: Database, importId: number, jobId: string): Promise<void> {
  await db.prisma.import.updateMany({ where: { id: importId }, data: { jobId } });
}

/** Forgets an upload that was broken off or could not be queued; nothing of it is left. Started ones stay. */
export async function abandonImport(db: Database, importId: number): Promise<void> {
  await db.prisma.import.deleteMany({
    where: { id: importId, status: { in: ['uploading', 'queued'] }, startedAt: null },
  });
}

/** Forgets uploads that began before `before` and were never finished (a gateway was killed). Answers how many. */
export async function dropStaleUploads(db: Database, before: Date): Promise<number> {
  const { count } = await db.prisma.import.deleteMany({
    where: { status: 'uploading', createdAt: { lt: before } },
  });
  return count;
}
