import { type Database, shownFileName } from '@spindle/db';
import { problems } from '@spindle/service-kit';
import busboy, { type Busboy } from 'busboy';
import type { Request } from 'express';
import { storeFile } from './store-file.ts';

export interface UploadLimits {
  readonly maxFileBytes: number;
  readonly maxFiles: number;
}

/** Small fields beside the files are read past. */
const FIELDS = { fields: 20, fieldSize: 1_024, fieldNameSize: 100, headerPairs: 50 };

function createParser(request: Request, limits: UploadLimits): Busboy {
  if (!request.is('multipart/form-data')) {
    throw problems.unsupportedMediaType('Upload the files as multipart/form-data.');
  }
  try {
    return busboy({
      headers: request.headers,
      defParamCharset: 'utf8',
      limits: { ...FIELDS, files: limits.maxFiles, fileSize: limits.maxFileBytes },
    });
  } catch (cause) {
    throw problems.validation('The multipart body has no usable boundary.', {
      code: 'malformed-upload',
      cause,
    });
  }
}

/**
 * Takes the files of a multipart upload, one after another, straight into the database. Answers how
 * many there were. Whoever calls removes the import when this throws.
 *
 * @throws AppError for whatever is wrong with the upload, Error when the sender went away.
 */
export function receiveFiles(
  db: Database,
  importId: number,
  request: Request,
  limits: UploadLimits,
): Promise<number> {
  const parser = createParser(request, limits);
  return new Promise((resolve, reject) => {
    let files = 0;
    let work: Promise<void> = Promise.resolve();

    const fail = (error: unknown): void => {
      request.unpipe(parser);
      // Ends the file that is being read, and with it whatever waits for its bytes.
      parser.destroy();
      work.then(
        () => reject(error),
        () => reject(error),
      );
    };

    parser.on('file', (_field, stream, { filename }) => {
      stream.on('error', () => {});
      const name = shownFileName(filename ?? '');
      files += 1;
      work = work.then(() => storeFile(db, importId, { name, stream, maxBytes: limits.maxFileBytes }));
      work.catch(fail);
    });
    parser.on('filesLimit', () => {
      fail(
        problems.tooLarge(`At most ${limits.maxFiles} files go into one import.`, { code: 'too-many-files' }),
      );
    });
    parser.on('error', (cause) => {
      fail(
        problems.validation('The upload is broken off or not well formed.', {
          code: 'malformed-upload',
          cause,
        }),
      );
    });
    parser.on('finish', () => {
      work.then(() => resolve(files), reject);
    });
    request.on('close', () => {
      if (!request.complete) fail(new Error('the sender of an upload went away'));
    });
    request.pipe(parser);
  });
}
