import { Readable } from 'node:stream';
import type { LIBRARY_EXPORT_FORMATS } from '@spindle/contracts';
import { type Database, type ExportedLine, exportSource, type SourceLines } from '@spindle/db';
import { stringify } from 'csv-stringify/sync';
import type { Response } from 'express';
import { streamAnswer } from './stream-answer.ts';

type LibraryExportFormat = (typeof LIBRARY_EXPORT_FORMATS)[number];

const MEDIA_TYPES: Readonly<Record<LibraryExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  json: 'application/json; charset=utf-8',
};

const CSV_COLUMNS = [
  'position',
  'added_at',
  'kind',
  'name',
  'artists',
  'album',
  'release_date',
  'duration_ms',
  'explicit',
  'isrc',
  'uri',
  'unplayable',
] as const;

function csvRow(line: ExportedLine): Record<(typeof CSV_COLUMNS)[number], string | number | null> {
  return {
    position: line.position,
    added_at: line.addedAt,
    kind: line.kind,
    name: line.name,
    artists: line.artists.join('; '),
    album: line.album,
    release_date: line.releaseDate,
    duration_ms: line.durationMs,
    explicit: line.explicit === null ? null : String(line.explicit),
    isrc: line.isrc,
    uri: line.uri,
    unplayable: String(line.unplayable),
  };
}

/** RFC 4180, texts as they are: see the export of plays. */
const csv = (page: readonly ExportedLine[], header: boolean): string =>
  stringify(page.map(csvRow), {
    header,
    columns: [...CSV_COLUMNS],
    quoted_string: true,
    record_delimiter: 'windows',
  });

async function* csvText(pages: AsyncIterable<ExportedLine[]>): AsyncGenerator<string> {
  yield csv([], true);
  for await (const page of pages) yield csv(page, false);
}

async function* jsonText(pages: AsyncIterable<ExportedLine[]>): AsyncGenerator<string> {
  let separator = '[\n';
  for await (const page of pages) {
    yield separator + page.map((line) => JSON.stringify(line)).join(',\n');
    separator = ',\n';
  }
  yield separator.startsWith('[') ? '[]\n' : '\n]\n';
}

/** Letters and digits of a name, for a file; what is left of it may be nothing. */
function fileWords(name: string): string {
  const plain = name.normalize('NFKD').toLowerCase();
  return plain
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
}

/** Sends the lines of a source as they are looked up, as fast as the caller takes them. */
export async function streamLibrary(
  db: Database,
  wanted: { readonly source: SourceLines; readonly format: LibraryExportFormat; readonly now: Date },
  response: Response,
): Promise<void> {
  const { source, format, now } = wanted;
  const words = ['spindle', fileWords(source.name), now.toISOString().slice(0, 10)].filter(Boolean);
  response.setHeader('content-type', MEDIA_TYPES[format]);
  response.setHeader('content-disposition', `attachment; filename="${words.join('-')}.${format}"`);
  response.setHeader('cache-control', 'private, no-store');
  const pages = exportSource(db, source.lines);
  const text = format === 'csv' ? csvText(pages) : jsonText(pages);
  await streamAnswer(Readable.from(text, { highWaterMark: 1 }), response);
}
