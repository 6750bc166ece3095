import type { Figures, Measure } from '@spindle/contracts';
import { count } from '../time-words.ts';

/** Listening time: "45 s", "12 min", "3 h 12 min", "1,204 h". */
export function listeningTime(ms: number): string {
  if (ms > 0 && ms < 60_000) return `${Math.max(1, Math.round(ms / 1000))} s`;
  const minutes = Math.round(ms / 60_000);
  const hours = Math.floor(minutes / 60);
  if (hours === 0) return `${minutes} min`;
  if (hours >= 100 || minutes % 60 === 0) return `${count(Math.round(minutes / 60))} h`;
  return `${hours} h ${minutes % 60} min`;
}

export const plays = (number: number): string => `${count(number)} ${number === 1 ? 'play' : 'plays'}`;
export const days = (number: number): string => `${count(number)} ${number === 1 ? 'day' : 'days'}`;

/** "2 h assumed from track lengths", said wherever a time is not all measured; null when it is. */
export function assumedWords({ msPlayed, msAssumed }: Figures): string | null {
  if (msAssumed <= 0) return null;
  return msAssumed >= msPlayed
    ? 'all of it assumed from track lengths'
    : `of which ${listeningTime(msAssumed)} assumed from track lengths`;
}

/** The figure that a measure asks for. */
export function measured(figures: Pick<Figures, 'plays' | 'msPlayed'>, by: Measure): number {
  return by === 'plays' ? figures.plays : figures.msPlayed;
}

export function inMeasure(figures: Pick<Figures, 'plays' | 'msPlayed'>, by: Measure): string {
  return by === 'plays' ? plays(figures.plays) : listeningTime(figures.msPlayed);
}

export interface Change {
  readonly direction: 'up' | 'down' | 'same' | 'new';
  /** "12%" beside the arrow; "new" without anything before. */
  readonly short: string;
  /** For readers: "12% more than the week before". */
  readonly words: string;
}

const PERCENT = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 0 });

/** How a figure moved against the period before; null when both are nothing. */
export function changeOf(now: number, before: number, than: string): Change | null {
  if (now === 0 && before === 0) return null;
  if (before === 0) return { direction: 'new', short: 'new', words: `nothing in ${than}` };
  const share = Math.abs(now - before) / before;
  if (Math.round(share * 100) === 0) return { direction: 'same', short: 'same', words: `as in ${than}` };
  const short = now / before >= 10 ? `×${count(Math.round(now / before))}` : PERCENT.format(share);
  return now > before
    ? { direction: 'up', short, words: `${PERCENT.format(share)} more than in ${than}` }
    : { direction: 'down', short, words: `${PERCENT.format(share)} less than in ${than}` };
}

/** A share of a whole: "12%", "0.3%". */
export function percent(share: number): string {
  return new Intl.NumberFormat('en', {
    style: 'percent',
    maximumFractionDigits: share > 0 && share < 0.01 ? 1 : 0,
  }).format(share);
}
