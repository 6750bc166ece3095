import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createZstdDecompress } from 'node:zlib';
import { extract } from 'tar-stream';
import type { z } from 'zod';
import {
  BackupError,
  CLOSING_ENTRY,
  type Closing,
  closingSchema,
  FORMAT_VERSION,
  MANIFEST_ENTRY,
  type Manifest,
  manifestSchema,
  tableOfEntry,
} from './format.ts';

export interface BackupVisitor {
  manifest?(manifest: Manifest): Promise<void> | void;
  /** A part of a table's rows; the parts of one table follow one another. */
  rows?(table: string, part: AsyncIterable<Buffer>): Promise<void>;
}

/**
 * Reads a backup from its first to its last byte and compares all of it with its checksums.
 *
 * @throws BackupError when the file is no backup, was not finished, is damaged or too new; what the visitor throws.
 */
export async function readBackup(
  file: string,
  visitor: BackupVisitor = {},
): Promise<{ readonly manifest: Manifest; readonly closing: Closing }> {
  const tar = extract();
  const decompressed = pipeline(createReadStream(file), createZstdDecompress(), tar);
  // Its failure ends the entries below, where it is thrown.
  decompressed.catch(() => {});
  const reading = new Reading(visitor);
  try {
    for await (const entry of tar) await reading.take(entry);
    await decompressed;
  } catch (error) {
    if (reading.visitorFailed || error instanceof BackupError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new BackupError(`There is no file ${file}.`);
    throw new BackupError(
      `${file} is no backup of Spindle, or it is damaged (${(error as Error).message}).`,
      {
        cause: error,
      },
    );
  }
  return reading.end(file);
}

type Entry = AsyncIterable<unknown> & { readonly header: { readonly name: string } };

class Reading {
  visitorFailed = false;
  readonly #visitor: BackupVisitor;
  readonly #sums = new Map<string, { bytes: number; hash: ReturnType<typeof createHash> }>();
  #manifest: Manifest | undefined;
  #closing: Closing | undefined;

  constructor(visitor: BackupVisitor) {
    this.#visitor = visitor;
  }

  async take(entry: Entry): Promise<void> {
    const { name } = entry.header;
    if (name === MANIFEST_ENTRY) {
      this.#manifest = await readJson(entry, manifestSchema);
      await this.#visit(() => this.#visitor.manifest?.(this.#manifest as Manifest));
      return;
    }
    if (!this.#manifest)
      throw new BackupError('The file begins without a manifest: it is no backup of Spindle.');
    if (name === CLOSING_ENTRY) {
      this.#closing = await readJson(entry, closingSchema);
      return;
    }
    const table = tableOfEntry(name);
    if (table === null)
      throw new BackupError(`The backup has an entry "${name}" that this version does not know.`);
    const part = this.#summed(table, entry);
    if (this.#visitor.rows) await this.#visit(() => this.#visitor.rows?.(table, part));
    // What the visitor left is read to the end all the same.
    for await (const _ of part);
  }

  async *#summed(table: string, entry: Entry): AsyncGenerator<Buffer> {
    const sum = this.#sums.get(table) ?? { bytes: 0, hash: createHash('sha256') };
    this.#sums.set(table, sum);
    for await (const chunk of entry as AsyncIterable<Buffer>) {
      sum.bytes += chunk.length;
      sum.hash.update(chunk);
      yield chunk;
    }
  }

  async #visit(visit: () => Promise<void> | void | undefined): Promise<void> {
    try {
      await visit();
    } catch (error) {
      this.visitorFailed = true;
      throw error;
    }
  }

  end(file: string): { readonly manifest: Manifest; readonly closing: Closing } {
    const [manifest, closing] = [this.#manifest, this.#closing];
    if (!manifest || !closing) throw new BackupError(`${file} was not written to its end.`);
    for (const { name, bytes, sha256 } of closing.tables) {
      const sum = this.#sums.get(name) ?? { bytes: 0, hash: createHash('sha256') };
      if (sum.bytes !== bytes || sum.hash.digest('hex') !== sha256)
        throw new BackupError(`${file} is damaged: the rows of ${name} are not those that were written.`);
    }
    const told = closing.tables.map((one) => one.name).join();
    if (told !== manifest.tables.map((one) => one.name).join())
      throw new BackupError(`${file} is damaged: it lacks tables.`);
    return { manifest, closing };
  }
}

async function readJson<T>(entry: Entry, schema: z.ZodType<T>): Promise<T> {
  const chunks: Buffer[] = [];
  for await (const chunk of entry as AsyncIterable<Buffer>) chunks.push(chunk);
  const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  const format = (value as { format?: unknown }).format;
  if (typeof format === 'number' && format > FORMAT_VERSION)
    throw new BackupError(`The backup has format ${format}, which only a newer Spindle reads.`);
  return schema.parse(value);
}
