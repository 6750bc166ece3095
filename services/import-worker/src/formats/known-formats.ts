import type { ExportFormat } from './format.ts';
import { spotifyExtended } from './spotify-extended.ts';

/** In the order in which a row is offered to them. */
export const KNOWN_FORMATS: readonly ExportFormat[] = [spotifyExtended];

/** Files that people upload in good faith and that hold no extended history, with what to tell them. */
const NEAR_MISSES: readonly { readonly keys: readonly string[]; readonly hint: string }[] = [
  {
    keys: ['endTime', 'msPlayed'],
    hint: 'This is the short account data of the last year. Ask Spotify for the extended streaming history instead.',
  },
];

/** A sentence for somebody who uploaded the wrong file, where its rows tell which one. */
export function hintFor(row: unknown): string | null {
  if (typeof row !== 'object' || row === null) return null;
  return NEAR_MISSES.find(({ keys }) => keys.every((key) => Object.hasOwn(row, key)))?.hint ?? null;
}
