import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { addImportFile, appendChunk, CHUNK_BYTES, type Database, finishFile } from '@spindle/db';
import { problems } from '@spindle/service-kit';

/** A file of a multipart body, as busboy hands it out; `truncated` once it was longer than allowed. */
export type UploadedFile = Readable & { readonly truncated?: boolean };

const ZIP = Buffer.from('PK\u0003\u0004', 'latin1');
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** Characters that no text holds; tabs and line ends are none. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it looks for
const NO_TEXT = /[\u0000-\u0008\u000e-\u001f\u007f]/;

/** By its first bytes: a zip archive, or text that may be JSON or CSV. Names and media types are often wrong. */
function looksLikeExport(start: Buffer): boolean {
  if (start.subarray(0, ZIP.length).equals(ZIP)) return true;
  const text = (start.subarray(0, 3).equals(BYTE_ORDER_MARK) ? start.subarray(3) : start)
    .subarray(0, 1_024)
    .toString('latin1');
  if (/^\s*[[{]/.test(text)) return true;
  const [firstLine = ''] = text.trimStart().split('\n');
  return !NO_TEXT.test(text) && /[,;\t]/.test(firstLine) && !text.startsWith('%PDF');
}

/** Cuts a stream into pieces of exactly {@link CHUNK_BYTES}; the last may be shorter. Holds one at a time. */
async function* pieces(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let held = 0;
  for await (let part of stream) {
    while (held + part.length >= CHUNK_BYTES) {
      const missing = CHUNK_BYTES - held;
      yield Buffer.concat([...parts, part.subarray(0, missing)], CHUNK_BYTES);
      part = part.subarray(missing);
      parts = [];
      held = 0;
    }
    if (part.length > 0) parts.push(part);
    held += part.length;
  }
  if (held > 0) yield Buffer.concat(parts, held);
}

/**
 * Stores an uploaded file as it arrives: what the database does not take yet, the sender keeps.
 *
 * @throws AppError 400 for an empty file, 413 for one that is too long, 415 for one that is no export.
 */
export async function storeFile(
  db: Database,
  importId: number,
  file: { readonly name: string; readonly stream: UploadedFile; readonly maxBytes: number },
): Promise<void> {
  const fileId = await addImportFile(db, importId, { name: file.name });
  const hash = createHash('sha256');
  let bytes = 0;
  let seq = 0;
  for await (const piece of pieces(file.stream)) {
    if (seq === 0 && !looksLikeExport(piece)) {
      throw problems.unsupportedMediaType(
        `"${file.name}" is neither a zip archive nor JSON nor CSV. Upload the files just as they came.`,
        { code: 'not-an-export' },
      );
    }
    hash.update(piece);
    await appendChunk(db, fileId, seq, piece);
    bytes += piece.length;
    seq += 1;
  }
  if (file.stream.truncated) {
    const limitMb = Math.floor(file.maxBytes / 1_048_576);
    throw problems.tooLarge(`"${file.name}" is larger than ${limitMb} MB.`, { code: 'file-too-large' });
  }
  if (bytes === 0) {
    throw problems.validation(`"${file.name}" is empty.`, {
      errors: [{ path: 'body.file', message: 'is empty' }],
    });
  }
  await finishFile(db, fileId, { bytes, sha256: hash.digest() });
}
