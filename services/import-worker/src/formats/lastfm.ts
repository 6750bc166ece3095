import { z } from 'zod';
import type { ExportFormat, RowVerdict } from './format.ts';
import { failOf, hasAll, nameOf } from './row-values.ts';
import { scrobbled } from './scrobble.ts';

/**
 * Last.fm itself exports nothing; these tools do, and each in its own way:
 * - pages of `user.getRecentTracks` as JSON (https://www.last.fm/api/show/user.getRecentTracks), as
 *   lastfm.ghan.nl/export and many scripts write them: `artist` and `album` are objects with `#text` or
 *   `name`, `date.uts` is in seconds;
 * - CSV of lastfm.ghan.nl: `uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid`;
 * - lastfmstats.com: JSON `{ username, scrobbles: [{ track, artist, album, date }] }` or CSV of the same,
 *   `date` in ms;
 * - benjaminbenben.com/lastfm-to-csv: no head line, `artist,album,track,31 Jul 2023 13:05`.
 */

const named = z
  .union([
    z.string(),
    z
      .object({ '#text': z.string().optional(), name: z.string().optional() })
      .transform((it) => it['#text'] ?? it.name ?? ''),
  ])
  .nullish();
const whole = z.union([z.number(), z.string()]).nullish();

const rowSchema = z.object({
  artist: named,
  album: named,
  track: z.string().nullish(),
  name: z.string().nullish(),
  uts: whole,
  utc_time: z.string().nullish(),
  date: z.union([z.object({ uts: whole }), z.number(), z.string()]).nullish(),
  '@attr': z.unknown().optional(),
});

const cellsSchema = z.object({
  cells: z.array(z.string()).min(4, 'must have artist, album, track and time'),
});

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WORDY = /^(\d{1,2}) ([A-Za-z]{3})[a-z]* (\d{4}),? (\d{1,2}):(\d\d)$/;
const MINUTE_MS = 60_000;
/** Below this a number counts seconds, above it ms: the year 2286 in the one, 1970 in the other. */
const SECONDS_BELOW = 1e10;

interface Stamp {
  /** Epoch ms; NaN when it cannot be read. */
  readonly at: number;
  readonly coarseMs: number;
}

/** `31 Jul 2023, 13:05` (UTC), or seconds or ms since 1970. */
function readStamp(value: string | number): Stamp {
  const text = String(value).trim();
  if (/^\d{1,16}$/.test(text)) {
    const number = Number(text);
    return { at: number < SECONDS_BELOW ? number * 1_000 : number, coarseMs: 0 };
  }
  const [, day, month = '', year, hour, minute] = WORDY.exec(text) ?? [];
  const index = MONTHS.indexOf(month.toLowerCase());
  const at =
    index < 0 ? Number.NaN : Date.UTC(Number(year), index, Number(day), Number(hour), Number(minute));
  return { at, coarseMs: MINUTE_MS };
}

function verdict(
  names: { readonly artist: string | null; readonly album: string | null; readonly track: string | null },
  stamp: string | number,
  nowMs: number,
): RowVerdict {
  const { artist, album, track: name } = names;
  if (artist === null || name === null) return { kind: 'skip', reason: 'no-track' };
  const { at, coarseMs } = readStamp(stamp);
  return scrobbled({ track: { spotifyId: null, name, artist, album }, startedAt: at, coarseMs }, nowMs);
}

function judgeCells(value: unknown, nowMs: number): RowVerdict {
  const parsed = cellsSchema.safeParse(value);
  if (!parsed.success) return failOf(parsed.error);
  const [artist, album, track, date = ''] = parsed.data.cells;
  return verdict({ artist: nameOf(artist), album: nameOf(album), track: nameOf(track) }, date, nowMs);
}

function judge(value: unknown, nowMs: number): RowVerdict {
  if (typeof value === 'object' && value !== null && 'cells' in value) return judgeCells(value, nowMs);
  const parsed = rowSchema.safeParse(value);
  if (!parsed.success) return failOf(parsed.error);
  const row = parsed.data;
  const date = typeof row.date === 'object' ? row.date?.uts : row.date;
  const stamp = row.uts ?? date ?? row.utc_time ?? null;
  // The track that played while the list was read has no time yet.
  if (stamp === null && row['@attr'] !== undefined) return { kind: 'skip', reason: 'now-playing' };
  return verdict(
    { artist: nameOf(row.artist), album: nameOf(row.album), track: nameOf(row.track ?? row.name) },
    stamp ?? '',
    nowMs,
  );
}

function isWordyRow(cells: unknown): boolean {
  return Array.isArray(cells) && cells.length === 4 && WORDY.test(String(cells[3]).trim());
}

export const lastfm: ExportFormat = {
  id: 'lastfm',
  source: 'lastfm',
  recognises(row) {
    if (isWordyRow(row['cells'])) return true;
    if (!Object.hasOwn(row, 'artist')) return false;
    if (Object.hasOwn(row, 'track'))
      return ['uts', 'utc_time', 'date'].some((key) => Object.hasOwn(row, key));
    return hasAll(row, 'name', 'url') && (Object.hasOwn(row, 'date') || Object.hasOwn(row, '@attr'));
  },
  judge,
};
