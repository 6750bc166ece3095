/** What the benchmark of rooms says to its own processes, and hears from them. */

/** Somebody in a room, as the benchmark knows them. */
export interface BenchGuest {
  readonly code: string;
  readonly participantId: number;
  readonly token: string;
}

/** A vote that was answered. Times: ms since 1970, with fractions. */
export interface BenchVote {
  readonly sentAt: number;
  readonly answeredAt: number;
  /** Place among the guests of the run. */
  readonly guest: number;
  readonly roomTrackId: string;
  readonly isLike: boolean;
  /** Votes on the track by the answer: whoever sees so many sees this one. */
  readonly total: number;
  /** How often it had to be sent. */
  readonly tries: number;
}

export type VotersRequest = {
  readonly ask: 'vote';
  readonly origin: string;
  readonly guests: readonly BenchGuest[];
  /** Tracks of each room: id in the room, and URI. */
  readonly tracks: Readonly<Record<string, readonly { readonly id: string; readonly uri: string }[]>>;
  /** Votes a second; null: all at the same instant, each guest one. */
  readonly rate: number | null;
  readonly votes: number;
};
export type VotersAnswer = { readonly votes: readonly BenchVote[]; readonly failed: number };

export type ScreensRequest =
  | { readonly ask: 'open'; readonly origin: string; readonly guests: readonly BenchGuest[] }
  | { readonly ask: 'open-bare'; readonly origin: string; readonly screens: number }
  /** What the votes took to every screen. */
  | { readonly ask: 'measure'; readonly votes: readonly BenchVote[]; readonly guests: readonly BenchGuest[] }
  /** Whether every screen shows these totals. */
  | { readonly ask: 'compare'; readonly totals: Readonly<Record<string, Readonly<Record<string, number>>>> }
  | { readonly ask: 'measure-bare' }
  | { readonly ask: 'close' };
export type ScreensAnswer =
  | { readonly opened: number }
  | {
      /** Screens by the ms that a vote took to them, rounded up; the last: longer, or never. */
      readonly histogram: readonly number[];
      readonly events: number;
      readonly bytesOfEvent: number;
      readonly eventsOfScreen: number;
      /** Moments at which a track was promoted, by its id. */
      readonly promotedAt: Readonly<Record<string, readonly string[]>>;
      readonly reconnects: number;
      readonly recovered: number;
    }
  | { readonly wrong: number; readonly screens: number };

export const nowMs = (): number => performance.timeOrigin + performance.now();
