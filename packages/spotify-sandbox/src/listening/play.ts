import type { Playable } from '../catalogue/items.ts';
import type { ContextKind } from './context.ts';

export type PlayEnding = 'finished' | 'skipped' | 'replaced' | 'stopped' | 'slept';

/** One listen as it really happened, whether or not Spotify ever tells of it. Times: ms since the epoch, UTC. */
export interface Play {
  personId: string;
  /** 0, 1, 2 … in the order in which this person's plays ended. */
  sequence: number;
  item: Playable;
  startedAtMs: number;
  /** When it last sounded. */
  endedAtMs: number;
  /** Time heard, pauses left out. */
  msPlayed: number;
  endedBy: PlayEnding;
  contextUri: string | null;
  contextKind: ContextKind | null;
  deviceId: string | null;
  privateSession: boolean;
  /** What recently-played shows as `played_at`; null when it never shows the play. */
  playedAtMs: number | null;
  /** Why recently-played never shows it; null when it may. */
  withheld: 'too-short' | 'private' | 'episode' | 'lost' | null;
  /** When it becomes visible in recently-played. */
  offeredFromMs: number | null;
  /**
   * When 50 newer plays pushed it out; null while it is still there. Equal to `offeredFromMs` when it came so late
   * that it never was in the window.
   */
  offeredUntilMs: number | null;
}
