import { UnusableFile } from './unusable-file.ts';

export interface ArchiveLimits {
  readonly maxEntries: number;
  /** Of all entries together. */
  readonly maxUnpackedBytes: number;
  /** Unpacked against packed size, of one entry and of the zip. Exports pack some 20 to 1; deflate reaches 1,032. */
  readonly maxRatio: number;
}

export const DEFAULT_LIMITS: ArchiveLimits = {
  maxEntries: 10_000,
  maxUnpackedBytes: 4 * 2 ** 30,
  maxRatio: 200,
};

/** What is small may pack as well as it likes. */
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

/** The entries of a zip, together. */
export interface ArchiveTotals {
  readonly entries: number;
  readonly unpackedBytes: number;
  /** Size of the zip itself. */
  readonly packedBytes: number;
}

/**
 * @throws UnusableFile when a zip holds too many entries, or unpacks to too much: in all, or for its
 * size (many small bombs, or entries that share the same bytes).
 */
export function checkTotals(totals: ArchiveTotals, limits: ArchiveLimits): void {
  const { entries, unpackedBytes, packedBytes } = totals;
  if (entries > limits.maxEntries)
    throw new UnusableFile(
      `The zip holds more than ${limits.maxEntries.toLocaleString('en')} files, so nothing of it was read.`,
    );
  if (unpackedBytes > limits.maxUnpackedBytes)
    throw new UnusableFile(
      `The zip would unpack to more than ${inMegabytes(limits.maxUnpackedBytes)}, so nothing of it was read.`,
    );
  if (unpackedBytes >= RATIO_FROM_BYTES && unpackedBytes > packedBytes * limits.maxRatio)
    throw new UnusableFile(
      `The zip would unpack to more than ${limits.maxRatio} times its size. That is no export, so nothing of it was read.`,
    );
}
