/**
 * What cards are drawn from. Whoever makes these asks nobody: they hold what is stored, artwork as data
 * URIs included. Times are epoch ms, durations ms.
 */

/** Whose card it is. */
export interface CardUser {
  readonly name: string;
  readonly handle: string;
  /** The user's page on this instance, absolute. */
  readonly url: string | null;
}

/**
 * Artwork as `data:image/jpeg;base64,…` (or png, webp); null while it is not at hand. Shown as it is.
 */
export type Artwork = string | null;

export interface NowPlayingCardData {
  readonly kind: 'now-playing';
  readonly user: CardUser;
  /** `last-played`: nothing plays, and the item is what was played last, at `playedAt`. */
  readonly state: 'playing' | 'paused' | 'last-played' | 'nothing' | 'private';
  readonly title: string | null;
  /** Artists; of an episode its show. */
  readonly artists: readonly string[];
  readonly album: string | null;
  readonly artwork: Artwork;
  /** The item on open.spotify.com. */
  readonly url: string | null;
  readonly durationMs: number | null;
  /** Where it was paused. */
  readonly progressMs: number | null;
  /** While playing: when the item would have begun had it run without a pause. Goes before `progressMs`. */
  readonly startedAt: number | null;
  readonly playedAt: number | null;
  readonly device: string | null;
  readonly explicit: boolean;
  readonly itemKind: 'track' | 'episode' | 'ad' | 'local' | null;
  readonly now: number;
}

export interface RecentRow {
  readonly title: string;
  readonly artists: readonly string[];
  readonly artwork: Artwork;
  readonly url: string | null;
  readonly playedAt: number;
}

export interface RecentCardData {
  readonly kind: 'recently-played';
  readonly user: CardUser;
  /** Newest first. */
  readonly rows: readonly RecentRow[];
  readonly now: number;
}

export interface TopRow {
  /** From 1. */
  readonly rank: number;
  /** Name of the track or of the artist. */
  readonly title: string;
  /** Of a track; empty for an artist. */
  readonly artists: readonly string[];
  readonly artwork: Artwork;
  readonly url: string | null;
  readonly plays: number;
  readonly msPlayed: number;
}

export interface TopCardData {
  readonly kind: 'top-tracks' | 'top-artists';
  readonly user: CardUser;
  /** The period in words: "this month", "all time". */
  readonly label: string;
  readonly rows: readonly TopRow[];
}

export interface GridCardData {
  readonly kind: 'grid';
  readonly user: CardUser;
  /** Plays of the 168 hours of a week, Monday 0:00 first. */
  readonly cells: readonly number[];
  readonly label: string;
}

export interface SummaryCardData {
  readonly kind: 'summary';
  readonly user: CardUser;
  readonly label: string;
  readonly plays: number;
  readonly msPlayed: number;
  /** Different ones. */
  readonly tracks: number;
  readonly artists: number;
  readonly streakDays: number;
}

export interface StreakCardData {
  readonly kind: 'streak';
  readonly user: CardUser;
  /** Days in a row up to today or yesterday; 0 when broken. */
  readonly current: number;
  /** Days. */
  readonly longest: number;
  /** Plays ever. */
  readonly plays: number;
  /** The next round number of plays. */
  readonly nextMilestone: number;
}

export type CardData =
  | NowPlayingCardData
  | RecentCardData
  | TopCardData
  | GridCardData
  | SummaryCardData
  | StreakCardData;

/** Why there is a notice in place of a card. */
export type CardNotice =
  | { readonly kind: 'sharing-stopped'; readonly name: string | null }
  | { readonly kind: 'reconnect'; readonly name: string | null }
  | { readonly kind: 'no-such-user' }
  | { readonly kind: 'nothing-yet'; readonly name: string | null }
  | { readonly kind: 'unavailable' }
  /** From `parseWidgetQuery`. */
  | { readonly kind: 'bad-options'; readonly problems: readonly string[] };
