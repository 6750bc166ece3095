import type { ImportView } from '@spindle/contracts';
import { stringify } from 'csv-stringify/sync';

const COLUMNS = ['file', 'format', 'outcome', 'reason', 'entry', 'row', 'rows'] as const;

type Line = Partial<Record<(typeof COLUMNS)[number], string | number | null>>;

function linesOf(file: ImportView['files'][number]): Line[] {
  const line = (outcome: string, rows: number, more: Line = {}): Line[] =>
    rows === 0 ? [] : [{ file: file.name, format: file.format, outcome, rows, ...more }];
  // A failure of row 0 is told of the file or the entry as a whole; it is no row.
  const failures = file.failures.flatMap(({ entry, row, message }) => [
    {
      file: file.name,
      format: file.format,
      outcome: 'failed',
      reason: message,
      entry,
      row,
      rows: row === 0 ? 0 : 1,
    },
  ]);
  const listed = file.failures.filter(({ row }) => row > 0).length;
  return [
    ...line('new', file.imported),
    ...line('already there', file.duplicates),
    ...Object.entries(file.skippedReasons)
      .sort(([, a], [, b]) => b - a)
      .flatMap(([reason, rows]) => line('skipped', rows, { reason })),
    ...failures,
    ...line('failed', file.failed - listed, { reason: 'more rows, which are not listed' }),
  ];
}

/**
 * The report of an import as CSV (RFC 4180), a head line first: `rows` rows of `file` came to `outcome`
 * (`new`, `already there`, `skipped`, `failed`) for `reason`. Failed rows stand one by one, with the entry of
 * the zip and the number of the row, from 1, as far as the report keeps them. The rows add up to those read.
 */
export function importReport(view: ImportView): string {
  return stringify(
    view.files.flatMap((file) => linesOf(file)),
    { header: true, columns: [...COLUMNS], record_delimiter: 'windows', escape_formulas: true },
  );
}
