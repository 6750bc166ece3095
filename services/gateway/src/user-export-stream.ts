import { Readable } from 'node:stream';
import { type Database, type ExportFile, exportUser } from '@spindle/db';
import type { Response } from 'express';
import { ZipFile } from 'yazl';
import { streamAnswer } from './stream-answer.ts';

/** The rows of a file as lines of JSON, one at a time. */
async function* lines(file: ExportFile): AsyncGenerator<string> {
  for await (const row of file.rows()) yield `${JSON.stringify(row)}\n`;
}

/**
 * Sends everything of a user's as a zip of NDJSON files. It is read from the database as fast as the
 * caller takes it, so a history of any length needs no memory; a caller who goes away ends it.
 */
export async function streamExport(
  db: Database,
  userId: number,
  now: Date,
  response: Response,
): Promise<void> {
  const zip = new ZipFile();
  const broken = Promise.withResolvers<never>();
  zip.on('error', broken.reject);
  for (const file of exportUser(db, userId)) {
    zip.addReadStreamLazy(file.name, { mtime: now }, (done) => {
      const rows = Readable.from(lines(file));
      rows.on('error', broken.reject);
      done(null, rows);
    });
  }
  zip.end();
  response.setHeader('content-type', 'application/zip');
  response.setHeader(
    'content-disposition',
    `attachment; filename="spindle-${now.toISOString().slice(0, 10)}.zip"`,
  );
  response.setHeader('cache-control', 'private, no-store');
  await streamAnswer(zip.outputStream, response, broken.promise);
}
