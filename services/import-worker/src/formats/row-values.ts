import { z } from 'zod';
import type { RowVerdict } from './format.ts';

/** Listens below this are skips, not plays; what counts from there on is each listener's own setting. */
export const SHORTEST_PLAY_MS = 5_000;
/** No listen is longer. */
const LONGEST_MS = 86_400_000;
/** Clocks may be wrong by up to a day. */
const AHEAD_MS = 86_400_000;
const MAX_NAME = 1_000;

export const optionalText = z.string().nullish();

export const measuredMs = z
  .int('must be a whole number of milliseconds')
  .min(0, 'must not be negative')
  .max(LONGEST_MS, 'must not be more than a day');

/** A length in seconds or ms that is of use; anything else says nothing. */
export const lengthMs = (value: unknown, unitMs: 1 | 1_000): number | null => {
  const ms = typeof value === 'number' ? Math.round(value * unitMs) : Number.NaN;
  return ms > 0 && ms <= LONGEST_MS ? ms : null;
};

export const fail = (message: string): RowVerdict => ({ kind: 'fail', message });

export const failOf = ({ issues: [issue] }: z.ZodError): RowVerdict =>
  fail(issue ? `${issue.path.join('.') || 'The row'}: ${issue.message}` : 'The row is not as it should be.');

/** A name as it can be stored: PostgreSQL takes no U+0000. Null for none. */
export function nameOf(text: string | null | undefined): string | null {
  if (!text) return null;
  const name = text.includes('\u0000') ? text.replaceAll('\u0000', '') : text;
  return name.trim() === '' ? null : name.slice(0, MAX_NAME).toWellFormed();
}

/** Whether a stamp can be true: not before the service existed, not in the future. Epoch ms. */
export const isPossible = (stamp: number, earliestMs: number, nowMs: number): boolean =>
  stamp >= earliestMs && stamp <= nowMs + AHEAD_MS;

const TRACK =
  /^(?:spotify:track:|https?:\/\/open\.spotify\.com\/(?:intl-[a-z-]+\/)?track\/)([0-9A-Za-z]{22})(?:[?#].*)?$/;

/** The Spotify id in a track's URI or address; null when it is none. */
export const spotifyTrackId = (text: unknown): string | null =>
  typeof text === 'string' ? (TRACK.exec(text)?.[1] ?? null) : null;

/** Whether a row has all of these fields. */
export const hasAll = (row: Readonly<Record<string, unknown>>, ...keys: readonly string[]): boolean =>
  keys.every((key) => Object.hasOwn(row, key));
