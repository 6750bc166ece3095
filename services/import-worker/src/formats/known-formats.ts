import type { ExportFormat } from './format.ts';
import { lastfm } from './lastfm.ts';
import { listenbrainz } from './listenbrainz.ts';
import { maloja } from './maloja.ts';
import { spindle } from './spindle.ts';
import { spotifyAccountData } from './spotify-account-data.ts';
import { spotifyExtended } from './spotify-extended.ts';

/** In the order in which a row is offered to them. */
const KNOWN_FORMATS: readonly ExportFormat[] = [
  spotifyExtended,
  spotifyAccountData,
  spindle,
  listenbrainz,
  maloja,
  lastfm,
];

/** The format that a row is of; null when it is of none that is known. */
export function formatOf(row: unknown): ExportFormat | null {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return null;
  const fields: Readonly<Record<string, unknown>> = { ...row };
  return KNOWN_FORMATS.find((format) => format.recognises(fields)) ?? null;
}
