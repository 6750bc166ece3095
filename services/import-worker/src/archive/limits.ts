import { UnusableFile } from './unusable-file.ts';

export interface ArchiveLimits {
  readonly maxEntries: number;
  /** Of all entries together. */
  readonly maxUnpackedBytes: number;
  /** Unpacked against packed size of one entry. Exports pack some 20 to 1; deflate reaches 1,032. */
  readonly maxRatio: number;
}

export const DEFAULT_LIMITS: ArchiveLimits = {
  maxEntries: 10_000,
  maxUnpackedBytes: 4 * 2 ** 30,
  maxRatio: 200,
};

/** Small entries may pack as well as they like. */
const RATIO_FROM_BYTES = 8 * 2 ** 20;

export interface EntrySize {
  readonly compressedSize: number;
  readonly uncompressedSize: number;
}

const inMegabytes = (bytes: number) => `${Math.round(bytes / 1e6).toLocaleString('en')} MB`;

/** @throws UnusableFile when one entry unpacks to a suspicious multiple of itself. */
export function checkEntry(entry: EntrySize, name: string, limits: ArchiveLimits): void {
  if (entry.uncompressedSize < RATIO_FROM_BYTES) return;
  if (entry.uncompressedSize <= entry.compressedSize * limits.maxRatio) return;
  throw new UnusableFile(
    `"${name}" would unpack to ${inMegabytes(entry.uncompressedSize)}, more than ${limits.maxRatio} times its size. That is no export, so nothing of the zip was read.`,
  );
}

/** @throws UnusableFile when a zip holds too many entries, or unpacks to too much. */
export function checkTotals(entries: number, unpackedBytes: number, limits: ArchiveLimits): void {
  if (entries > limits.maxEntries)
    throw new UnusableFile(
      `The zip holds more than ${limits.maxEntries.toLocaleString('en')} files, so nothing of it was read.`,
    );
  if (unpackedBytes > limits.maxUnpackedBytes)
    throw new UnusableFile(
      `The zip would unpack to more than ${inMegabytes(limits.maxUnpackedBytes)}, so nothing of it was read.`,
    );
}
