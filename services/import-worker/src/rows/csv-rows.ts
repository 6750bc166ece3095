import { pipeline, Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { BrokenRows, MAX_ROW_BYTES, TOO_LONG } from './broken-rows.ts';
import type { ParsedRow } from './json-rows.ts';

/** Names of columns that tell a head line from a first row. */
const HEAD = new Set(['artist', 'track', 'uts', 'utc_time', 'date', 'album']);

const NOT_UTF8 = 'The text is not UTF-8 from here on. Save it as UTF-8, and upload it again.';

/** @throws BrokenRows at the first byte that is no UTF-8. */
async function* decoded(chunks: AsyncIterable<Buffer>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true });
    yield decoder.decode();
  } catch (error) {
    if (error instanceof TypeError) throw new BrokenRows(0, NOT_UTF8);
    throw error;
  }
}

/** `Date#somebody` of lastfmstats.com is `date`. */
const columnName = (cell: string): string => (cell.split('#')[0] ?? '').trim().toLowerCase();

function headOf(cells: readonly string[]): string[] | null {
  const names = cells.map(columnName);
  return names.filter((name) => HEAD.has(name)).length >= 2 ? names : null;
}

/**
 * The rows of a CSV text, separated by commas, semicolons or tabs: objects by the names of the head line,
 * in lower case, or `{ cells }` where there is none. The head line counts as a row but is not given.
 *
 * @throws BrokenRows when a row is too long, or the text is not UTF-8. Rows before that have been given.
 */
export async function* csvRows(
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<readonly ParsedRow[], void, undefined> {
  const parser = parse({
    bom: true,
    delimiter: [',', ';', '\t'],
    max_record_size: MAX_ROW_BYTES,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
  });
  // What goes wrong in the source comes out of the parser, which is read below.
  pipeline(Readable.from(decoded(chunks)), parser, () => {});
  let index = 0;
  let names: readonly string[] | null = null;
  try {
    for await (const record of parser) {
      const cells: string[] = record;
      if (index === 0) names = headOf(cells);
      if (names === null) yield [{ index, parsed: { value: { cells } } }];
      else if (index > 0)
        yield [
          {
            index,
            parsed: { value: Object.fromEntries(names.map((name, at) => [name, cells[at] ?? ''])) },
          },
        ];
      index += 1;
    }
  } catch (error) {
    if (error instanceof CsvError)
      throw new BrokenRows(
        index + 1,
        error.code === 'CSV_MAX_RECORD_SIZE' ? TOO_LONG : 'The row is not valid CSV.',
      );
    throw error;
  }
}
