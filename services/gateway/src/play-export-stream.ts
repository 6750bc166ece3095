import { Readable } from 'node:stream';
import type { PLAY_EXPORT_FORMATS } from '@spindle/contracts';
import { type Database, type ExportedPlay, exportPlays, listenOfPlay } from '@spindle/db';
import { stringify } from 'csv-stringify/sync';
import type { Response } from 'express';
import { streamAnswer } from './stream-answer.ts';

export type PlayExportFormat = (typeof PLAY_EXPORT_FORMATS)[number];

interface Writer {
  readonly extension: string;
  readonly mediaType: string;
  /** ListenBrainz cannot say that a listen is hidden or does not count, so such plays stay away from it. */
  readonly countedOnly: boolean;
  /** One page as text; `isFirst` for what stands above the rows. */
  write(page: readonly ExportedPlay[], isFirst: boolean): string;
}

const lines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

const CSV_COLUMNS = [
  'played_at',
  'ended_at',
  'ms_played',
  'track',
  'artists',
  'album',
  'duration_ms',
  'spotify_id',
  'isrc',
  'source',
  'seen_by',
  'context_uri',
  'device',
  'shuffle',
  'skipped',
  'offline',
  'hidden',
] as const;

function csvRow(play: ExportedPlay): Record<(typeof CSV_COLUMNS)[number], string | number | null> {
  const { track, flags } = play;
  return {
    played_at: play.playedAt,
    ended_at: play.endedAt,
    ms_played: play.msPlayed,
    track: track.name,
    artists: track.artists.map((artist) => artist.name).join('; '),
    album: track.album?.name ?? null,
    duration_ms: track.durationMs,
    spotify_id: track.spotifyId,
    isrc: track.isrc,
    source: play.source,
    seen_by: play.seenBy.join(' '),
    context_uri: play.contextUri,
    device: play.device,
    shuffle: String(flags.shuffle),
    skipped: String(flags.skipped),
    offline: String(flags.offline),
    hidden: String(flags.hidden),
  };
}

const WRITERS: Readonly<Record<PlayExportFormat, Writer>> = {
  ndjson: {
    extension: 'ndjson',
    mediaType: 'application/x-ndjson',
    countedOnly: false,
    write: (page) => lines(page),
  },
  // RFC 4180. Every text is quoted and stands as it is: names that begin with = or + are names, and
  // whoever reads this by program must get them unchanged.
  csv: {
    extension: 'csv',
    mediaType: 'text/csv; charset=utf-8; header=present',
    countedOnly: false,
    write: (page, isFirst) =>
      stringify(page.map(csvRow), {
        header: isFirst,
        columns: [...CSV_COLUMNS],
        quoted_string: true,
        record_delimiter: 'windows',
      }),
  },
  listenbrainz: {
    extension: 'jsonl',
    mediaType: 'application/jsonl',
    countedOnly: true,
    write: (page) => lines(page.flatMap((play) => listenOfPlay(play) ?? [])),
  },
};

async function* text(db: Database, userId: number, writer: Writer): AsyncGenerator<string> {
  let isFirst = true;
  for await (const page of exportPlays(db, userId, { countedOnly: writer.countedOnly })) {
    yield writer.write(page, isFirst);
    isFirst = false;
  }
  // Without a single play a table still has its heading.
  if (isFirst) yield writer.write([], true);
}

/**
 * Sends a listener's plays, read from the database as fast as the caller takes them, so that a history
 * of any length needs no memory; a caller who goes away ends it.
 */
export async function streamPlays(
  db: Database,
  wanted: {
    readonly userId: number;
    readonly handle: string;
    readonly format: PlayExportFormat;
    readonly now: Date;
  },
  response: Response,
): Promise<void> {
  const writer = WRITERS[wanted.format];
  const name = `spindle-${wanted.handle}-${wanted.now.toISOString().slice(0, 10)}.${writer.extension}`;
  response.setHeader('content-type', writer.mediaType);
  response.setHeader('content-disposition', `attachment; filename="${name}"`);
  response.setHeader('cache-control', 'private, no-store');
  // One page on its way and one behind it: strings are counted one by one here, not by their bytes.
  await streamAnswer(Readable.from(text(db, wanted.userId, writer), { highWaterMark: 1 }), response);
}
