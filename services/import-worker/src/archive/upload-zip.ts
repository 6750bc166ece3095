import { Readable } from 'node:stream';
import { shownFileName, type UploadReader } from '@spindle/db';
import { type Entry, fromRandomAccessReaderPromise, getFileNameLowLevel, RandomAccessReader } from 'yauzl';
import { type ArchiveLimits, checkEntry, checkTotals } from './limits.ts';
import { UnusableFile } from './unusable-file.ts';

/** Lets the zip reader read from the uploaded pieces, and keeps what went wrong with them. */
class UploadAccess extends RandomAccessReader {
  readonly #upload: UploadReader;
  /** A piece could not be read: the zip itself is not at fault. */
  failure: unknown;

  constructor(upload: UploadReader) {
    super();
    this.#upload = upload;
  }

  /** What the reader asks for most, headers of some bytes, needs no stream. */
  override read(
    target: Buffer,
    offset: number,
    length: number,
    position: number,
    done: (error: Error | null) => void,
  ): void {
    this.#copy(target, offset, position, position + length).then(
      () => done(null),
      (error: unknown) => {
        this.#note(error);
        done(error instanceof Error ? error : new Error(String(error)));
      },
    );
  }

  async #copy(target: Buffer, offset: number, start: number, end: number): Promise<void> {
    let at = offset;
    for await (const part of this.#upload.read(start, end)) at += part.copy(target, at);
  }

  #note(error: unknown): void {
    // Outside of the file: the zip points to places that it does not have.
    if (!(error instanceof RangeError)) this.failure ??= error;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    const stream = Readable.from(this.#upload.read(start, end), { objectMode: false, highWaterMark: 65_536 });
    stream.on('error', (error) => this.#note(error));
    return stream;
  }
}

/** Something to read inside an upload: an entry of a zip, or the file itself. */
export interface UploadEntry {
  /** As the report names it; never used as a path. */
  readonly name: string;
  /** Unpacked. */
  readonly bytes: number;
  /** Its unpacked bytes. @throws UnusableFile when they are damaged. */
  open(): AsyncIterable<Buffer>;
}

const DAMAGED = 'The zip is damaged here. Upload it again, or unpack it and upload the JSON files.';

async function* unpacked(
  access: UploadAccess,
  openStream: () => Promise<Readable>,
): AsyncGenerator<Buffer, void, undefined> {
  let stream: Readable | undefined;
  try {
    stream = await openStream();
    yield* stream as AsyncIterable<Buffer>;
  } catch (error) {
    if (access.failure) throw access.failure;
    throw new UnusableFile(DAMAGED, { cause: error });
  } finally {
    stream?.destroy();
  }
}

function nameOf(entry: Entry): string {
  return shownFileName(
    getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false),
  );
}

/** The entries that hold data, in the order of the zip's own list, once all of them have passed the limits. */
async function listEntries(
  directory: AsyncIterable<Entry>,
  packedBytes: number,
  limits: ArchiveLimits,
): Promise<Entry[]> {
  const files: Entry[] = [];
  let entries = 0;
  let unpackedBytes = 0;
  for await (const entry of directory) {
    const isFolder = entry.fileNameRaw.at(-1) === 0x2f;
    entries += 1;
    unpackedBytes += entry.uncompressedSize;
    checkEntry(entry, nameOf(entry), limits);
    checkTotals({ entries, unpackedBytes, packedBytes }, limits);
    if (!isFolder) files.push(entry);
  }
  return files;
}

/**
 * Opens an uploaded zip by its central directory. Everything that the limits forbid is refused before
 * a byte is unpacked; and no entry yields more bytes than the directory said (the reader ends it).
 *
 * @throws UnusableFile when it is no whole zip or goes beyond the limits.
 */
export async function openZip(
  upload: UploadReader,
  limits: ArchiveLimits,
): Promise<{ readonly entries: readonly UploadEntry[]; close(): void }> {
  const access = new UploadAccess(upload);
  try {
    const zip = await fromRandomAccessReaderPromise(access, upload.bytes, {
      autoClose: false,
      decodeStrings: false,
      validateEntrySizes: true,
    });
    const entries = await listEntries(zip.eachEntry(), upload.bytes, limits);
    return {
      entries: entries.map((entry) => ({
        name: nameOf(entry),
        bytes: entry.uncompressedSize,
        open: () => unpacked(access, () => zip.openReadStreamPromise(entry)),
      })),
      close: () => zip.close(),
    };
  } catch (error) {
    if (access.failure) throw access.failure;
    if (error instanceof UnusableFile) throw error;
    throw new UnusableFile(
      'The zip is not whole: its list of contents is missing or damaged. Upload it again.',
      {
        cause: error,
      },
    );
  }
}
