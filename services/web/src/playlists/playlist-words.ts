import type { JobDocument, LeftOut, LeftOutReason, ShuffleModeName, ShuffleView } from '@spindle/contracts';
import { count } from '../time-words.ts';

/** After a number: "3 podcast episodes". */
const REASONS: Readonly<Record<LeftOutReason, readonly [one: string, many: string]>> = {
  local: ['file on your own device', 'files on your own device'],
  removed: ['track that is no longer on Spotify', 'tracks that are no longer on Spotify'],
  episode: ['podcast episode', 'podcast episodes'],
  unplayable: ['track that cannot be played', 'tracks that cannot be played'],
  'no-spotify-id': ['known by name only', 'known by name only'],
  refused: ['not accepted by Spotify', 'not accepted by Spotify'],
  artist: ['by other artists', 'by other artists'],
  added: ['added earlier', 'added earlier'],
  released: ['of other years', 'of other years'],
  played: ['played lately', 'played lately'],
  explicit: ['explicit', 'explicit'],
  limit: ['beyond the length you chose', 'beyond the length you chose'],
  cut: ['beyond the 10,000 that a playlist holds', 'beyond the 10,000 that a playlist holds'],
};

/** "3 podcast episodes". */
export function leftOutWords(reason: LeftOutReason, items: number): string {
  return `${count(items)} ${REASONS[reason][items === 1 ? 0 : 1]}`;
}

/** What was left out, most first. */
export function leftOutEntries(
  leftOut: LeftOut,
): { readonly reason: LeftOutReason; readonly items: number }[] {
  return (Object.keys(REASONS) as LeftOutReason[])
    .map((reason) => ({ reason, items: leftOut[reason] ?? 0 }))
    .filter(({ items }) => items > 0)
    .sort((a, b) => b.items - a.items);
}

export const tracksWord = (number: number): string => `${count(number)} ${number === 1 ? 'track' : 'tracks'}`;

export const MODES: Readonly<Record<ShuffleModeName, { readonly name: string; readonly words: string }>> = {
  uniform: {
    name: 'Fully random',
    words: 'Every order is equally likely. Two tracks of one artist in a row can happen: that is chance.',
  },
  spread: {
    name: 'Spread out',
    words: 'Random, but tracks of one artist, and of one album, are kept apart. Feels more random, is less.',
  },
  unheard: {
    name: 'Unheard first',
    words: 'What you have not played for long tends to come first, with some chance in it.',
  },
};

/** What an operation was, for its heading. */
export const OPERATIONS: Readonly<Record<ShuffleView['mode'], string>> = {
  uniform: 'Fully random',
  spread: 'Spread out',
  unheard: 'Unheard first',
  liked: 'Shared',
  tops: 'Top list',
  room: 'Party',
};

/** The steps of a job that writes a playlist, in their order; jobs skip those they do not need. */
const STEPS = ['reading', 'shuffling', 'opening', 'writing'] as const;
const DOING: Readonly<Record<(typeof STEPS)[number], string>> = {
  reading: 'Reading the tracks',
  shuffling: 'Shuffling',
  opening: 'Making the playlist',
  writing: 'Writing to Spotify',
};

/** How far a job is: "Writing to Spotify: 200 of 1,204". */
export function progressWords(progress: JobDocument['progress']): string {
  const { done, total, phase } = progress ?? {};
  const doing = DOING[STEPS.find((step) => step === phase) ?? 'reading'];
  if (!phase) return 'About to begin';
  return total ? `${doing}: ${count(Math.min(done ?? 0, total))} of ${count(total)}` : doing;
}
