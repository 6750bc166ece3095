import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';

export type Content = string | Buffer | Readable;

/** A zip of these entries. */
export function zipOf(entries: Readonly<Record<string, Content>>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(entries)) {
    if (content instanceof Readable) zip.addReadStream(content, name);
    else zip.addBuffer(Buffer.from(content), name);
  }
  zip.end();
  return buffer(zip.outputStream as unknown as Readable);
}

/** So many zero bytes, never all at once in memory. */
export function zeros(bytes: number): Readable {
  const piece = Buffer.alloc(1 << 20);
  return Readable.from(
    (function* () {
      for (let left = bytes; left > 0; left -= piece.length)
        yield piece.subarray(0, Math.min(left, piece.length));
    })(),
    { objectMode: false },
  );
}
