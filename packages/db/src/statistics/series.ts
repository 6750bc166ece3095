/**
 * The codes of `play_periods`. A row says what one item (`kind`, `item_id`) came to in one period
 * (`grain`, `period`) of a listener's calendar.
 */

/** How long a period is. Days hold totals and hours only; single days of items are read from `plays`. */
export const GRAIN = { day: 0, month: 1, year: 2, all: 3 } as const;
export type Grain = (typeof GRAIN)[keyof typeof GRAIN];

export const KIND = {
  /** `item_id` 0. */
  total: 0,
  /** Canonical tracks (merges count for the track they were merged into). */
  track: 1,
  /** Every artist that a track names, once a play; aliases count for the artist they stand for. */
  artist: 2,
  album: 3,
  /** `item_id` 0 is Monday 00:00 to 00:59, 167 Sunday 23:00 to 23:59, by the start of the play. */
  hour: 4,
  /** How many different items the period has: `item_id` is the kind counted, `plays` the number. */
  items: 5,
} as const;
export type ItemKind = typeof KIND.track | typeof KIND.artist | typeof KIND.album;

/** `period` of grain all. */
export const ALL_TIME = '1970-01-01';

/** Plays with less than this between the end of one and the start of the next are one session, ms. */
export const SESSION_GAP_MS = 600_000;
