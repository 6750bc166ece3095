import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Random } from '@spindle/service-kit';
import { ZipFile } from 'yazl';
import { type ExportRow, isPlay, listening } from './listening.ts';

/** Spotify cuts its files at about 12 MB, some 16,000 rows. */
const ROWS_A_FILE = 16_000;
const FOLDER = 'Spotify Extended Streaming History';

function* jsonFile(
  rows: Iterator<ExportRow>,
  count: number,
  seen: (row: ExportRow) => void,
): Generator<string> {
  yield '[\n';
  for (let index = 0; index < count; index += 1) {
    const step = rows.next();
    if (step.done) break;
    seen(step.value);
    const text = JSON.stringify(step.value, null, 2).replaceAll('\n', '\n  ');
    yield `${index === 0 ? '  ' : ',\n  '}${text}`;
  }
  yield '\n]';
}

/** Writes an export of so many rows as Spotify packs it. Answers how many of them are plays. */
export async function writeExportZip(file: string, rows: number, random: Random): Promise<{ plays: number }> {
  const source = listening(rows, random);
  let plays = 0;
  const zip = new ZipFile();
  const written = pipeline(zip.outputStream, createWriteStream(file));
  for (let start = 0, number = 0; start < rows; start += ROWS_A_FILE, number += 1) {
    const count = Math.min(ROWS_A_FILE, rows - start);
    // Asked for one after another, so the rows come in their order.
    zip.addReadStreamLazy(`${FOLDER}/Streaming_History_Audio_${number}.json`, (done) => {
      const text = jsonFile(source, count, (row) => {
        if (isPlay(row)) plays += 1;
      });
      done(null, Readable.from(text, { objectMode: false, highWaterMark: 262_144 }));
    });
  }
  zip.addBuffer(
    Buffer.from('%PDF-1.4 What the fields mean.'),
    `${FOLDER}/ReadMeFirst_ExtendedStreamingHistory.pdf`,
  );
  zip.end();
  await written;
  return { plays };
}
