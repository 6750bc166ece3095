import { z } from 'zod';

// A backup is a tar compressed with zstd, so that `tar --zstd -xf` opens it without us. Its entries, in order:
//   manifest.json              {@link Manifest}: what is in it
//   tables/<table>/<n>.copy    rows in PostgreSQL's text form of COPY, in parts of some MiB that may end within a row
//   closing.json               {@link Closing}: counts and checksums; a backup without it was not finished

export const FORMAT_VERSION = 1;
export const MANIFEST_ENTRY = 'manifest.json';
export const CLOSING_ENTRY = 'closing.json';

/** The name of a part of a table's rows. */
export const partEntry = (table: string, part: number): string =>
  `tables/${table}/${String(part).padStart(6, '0')}.copy`;

/** The table of a part, by the name of its entry; null for anything else. */
export const tableOfEntry = (name: string): string | null =>
  /^tables\/([^/]+)\/\d+\.copy$/.exec(name)?.[1] ?? null;

const tableShape = z.object({
  name: z.string(),
  /** In the order of the rows' fields. */
  columns: z.array(z.string()),
});

export const manifestSchema = z.object({
  format: z.number().int(),
  spindle: z.string(),
  /** When the snapshot was taken. */
  takenAt: z.iso.datetime(),
  /** Migrations that the database had, oldest first. */
  migrations: z.array(z.string()).min(1),
  postgres: z.string(),
  /** Ids of the keys in TOKEN_KEYS without which the tokens in it cannot be read. */
  keyIds: z.array(z.string()),
  tables: z.array(tableShape),
});
export type Manifest = z.infer<typeof manifestSchema>;

const tableSum = z.object({
  name: z.string(),
  rows: z.number().int(),
  /** Of the uncompressed rows. */
  bytes: z.number().int(),
  sha256: z.string(),
});
export type TableSum = z.infer<typeof tableSum>;

const sequenceState = z.object({ name: z.string(), lastValue: z.string(), isCalled: z.boolean() });

export const closingSchema = z.object({
  tables: z.array(tableSum),
  sequences: z.array(sequenceState),
});
export type Closing = z.infer<typeof closingSchema>;
export type SequenceState = z.infer<typeof sequenceState>;

/** A file that is no backup, not a whole one, or one that this version cannot read. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}
