import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Database, type ExportFile, exportUser } from '@spindle/db';
import type { Request, Response } from 'express';
import { ZipFile } from 'yazl';

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
  request: Request,
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
  try {
    await Promise.race([pipeline(zip.outputStream, response), broken.promise]);
  } catch (error) {
    // A caller who hangs up is no failure of ours; anything else breaks the answer off visibly.
    if (!request.destroyed || !response.destroyed) response.destroy();
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'))
      throw error;
  }
}
