import {
  type JobDocument,
  LEFT_OUT_WORDS,
  type LeftOut,
  type LeftOutReason,
  type ShuffleModeName,
  type ShuffleView,
} from '@spindle/contracts';
import { count } from '../time-words.ts';

/** "3 podcast episodes". */
export function leftOutWords(reason: LeftOutReason, items: number): string {
  const [one, many] = LEFT_OUT_WORDS[reason];
  return `${count(items)} ${items === 1 ? one : many}`;
}

/** What was left out, most first. */
export function leftOutEntries(
  leftOut: LeftOut,
): { readonly reason: LeftOutReason; readonly items: number }[] {
  return (Object.keys(LEFT_OUT_WORDS) as LeftOutReason[])
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
