import { type Database, type ImportFileWork, openUpload, type UploadReader } from '@spindle/db';
import { sniff } from '../rows/sniff.ts';
import type { ArchiveLimits } from './limits.ts';
import { UnusableFile } from './unusable-file.ts';
import { openZip, type UploadEntry } from './upload-zip.ts';

/** What an uploaded file holds: one entry if it is no zip. */
export interface OpenedUpload {
  readonly kind: 'zip' | 'single';
  readonly entries: readonly UploadEntry[];
  /** Of all entries, unpacked. */
  readonly bytes: number;
  close(): void;
}

const HEAD_BYTES = 4_096;

async function headOf(upload: UploadReader): Promise<Buffer> {
  for await (const part of upload.read(0, Math.min(HEAD_BYTES, upload.bytes))) return part;
  return Buffer.alloc(0);
}

/** What to say of contents that hold no rows. */
export const UNUSABLE = {
  gzip: 'The file is packed with gzip. Unpack it, or upload the zip as it came from Spotify.',
  'utf-16': 'The text is UTF-16; exports are UTF-8. Upload the file as it came, or save it as UTF-8.',
  empty: 'The file is empty.',
  other: 'The file is neither a zip nor JSON nor CSV, so it is no export of a listening history.',
} as const;

/**
 * Opens an uploaded file by its content, whatever it is called.
 *
 * @throws UnusableFile when it can be no export.
 */
export async function openUploadedFile(
  db: Database,
  file: Pick<ImportFileWork, 'id' | 'name' | 'bytes'>,
  limits: ArchiveLimits,
): Promise<OpenedUpload> {
  const upload = openUpload(db, file);
  const content = sniff(await headOf(upload));
  if (content === 'zip') {
    const zip = await openZip(upload, limits);
    const bytes = zip.entries.reduce((sum, entry) => sum + entry.bytes, 0);
    return { kind: 'zip', entries: zip.entries, bytes, close: zip.close };
  }
  if (content !== 'json' && content !== 'text') throw new UnusableFile(UNUSABLE[content]);
  const entry = { name: file.name, bytes: file.bytes, open: () => upload.read(0, file.bytes) };
  return { kind: 'single', entries: [entry], bytes: file.bytes, close: () => {} };
}
