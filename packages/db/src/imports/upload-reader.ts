import type { Database } from '../client.ts';
import { CHUNK_BYTES } from './uploads.ts';

/** Reads any stretch of an uploaded file, piece by piece. */
export interface UploadReader {
  readonly bytes: number;
  /** The bytes from `start` up to but not including `end`, in order, each at most a piece. */
  read(start: number, end: number): AsyncGenerator<Buffer, void, undefined>;
}

/** Pieces held at once: what a zip needs of its contents list and of two places in its data. */
const HELD_PIECES = 3;

/** @throws RangeError from `read` when the stretch lies outside the file, Error when a piece is gone. */
export function openUpload(
  db: Database,
  file: { readonly id: number; readonly bytes: number },
): UploadReader {
  const held = new Map<number, Buffer>();

  async function piece(seq: number): Promise<Buffer> {
    const known = held.get(seq);
    if (known) {
      held.delete(seq);
      held.set(seq, known);
      return known;
    }
    const { rows } = await db.pool.query<{ data: Buffer }>(
      'SELECT data FROM import_chunks WHERE file_id = $1 AND seq = $2',
      [file.id, seq],
    );
    const data = rows[0]?.data;
    if (!data) throw new Error(`piece ${seq} of the uploaded file ${file.id} is gone`);
    held.set(seq, data);
    const oldest = held.keys().next();
    if (held.size > HELD_PIECES && !oldest.done) held.delete(oldest.value);
    return data;
  }

  return {
    bytes: file.bytes,
    async *read(start, end) {
      if (start < 0 || end > file.bytes || start > end)
        throw new RangeError(`the stretch ${start}-${end} lies outside a file of ${file.bytes} bytes`);
      for (let at = start; at < end; ) {
        const seq = Math.floor(at / CHUNK_BYTES);
        const offset = at - seq * CHUNK_BYTES;
        const data = (await piece(seq)).subarray(offset, offset + (end - at));
        if (data.length === 0) throw new Error(`piece ${seq} of the uploaded file ${file.id} is too short`);
        yield data;
        at += data.length;
      }
    },
  };
}
