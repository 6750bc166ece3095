import type { ListeningProfile } from '../listening/listening-model.ts';
import type { RecentlyPlayedRules } from '../listening/play-history.ts';

/** Somebody with a Spotify account. Whatever is left out is invented from the seed and the id. */
export interface PersonOptions {
  /** Spotify's user name; letters, digits, `_`, `.` and `-`. */
  id: string;
  displayName?: string;
  email?: string;
  /** ISO 3166-1 alpha-2. */
  country?: string;
  product?: 'premium' | 'free';
  /**
   * `model`: lives by seeded habits. `quiet`: does nothing until scripted or commanded.
   */
  listening?: 'model' | 'quiet';
  /** Overrides single habits of the model. */
  profile?: Partial<ListeningProfile>;
  /** Overrides the sandbox's rules of recently-played for this person. */
  recentlyPlayed?: Partial<RecentlyPlayedRules>;
  /**
   * How many days before the sandbox's start the person's history begins, always at the start of a local day (4 o'clock);
   * default the sandbox's.
   */
  historyDays?: number;
  /** Tracks end this much before their end (ms). */
  crossfadeMs?: number;
  /** How many. */
  likedSongs?: number;
}
