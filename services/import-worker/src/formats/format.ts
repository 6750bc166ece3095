import type { PlaySourceName } from '@spindle/contracts';
import type { TrackNames } from '@spindle/db';

/** A track as an export tells it. */
export interface ExportedTrack extends TrackNames {
  /** Null where the export knows names alone. */
  readonly spotifyId: string | null;
}

/** A play as an export tells it. */
export interface ExportedPlay {
  readonly track: ExportedTrack;
  /** Start and end of the listen, epoch ms. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Measured listening time; null where the export measures none. */
  readonly msPlayed: number | null;
  /** Bits of `PLAY_FLAGS`. */
  readonly flags: number;
  /** How far the stamp may be off, ms. */
  readonly uncertaintyMs: number;
  readonly device: string | null;
  readonly contextUri: string | null;
  /** What told the play, where the export says so; else the format's own source. */
  readonly toldBy?: { readonly source: PlaySourceName; readonly seenBy: number };
}

/** Why a row is no play, though nothing is wrong with it. */
export type SkipReason = 'not-music' | 'no-track' | 'private-session' | 'too-short' | 'now-playing';

export type RowVerdict =
  | { readonly kind: 'play'; readonly play: ExportedPlay }
  | { readonly kind: 'skip'; readonly reason: SkipReason }
  /** `message` never quotes the row: exports hold addresses and user agents. */
  | { readonly kind: 'fail'; readonly message: string };

/**
 * A kind of export. A new one is a file here and a line in `known-formats.ts`. Rows are what a JSON list
 * or JSON lines hold; rows of CSV come as objects by the names of the head line, or as `{ cells }` where
 * there is none.
 */
export interface ExportFormat {
  /** As the report names it. */
  readonly id: string;
  readonly source: PlaySourceName;
  /** Whether a row is of this format, whatever the file is called. */
  recognises(row: Readonly<Record<string, unknown>>): boolean;
  /** @param nowMs nothing was listened to after it. */
  judge(row: unknown, nowMs: number): RowVerdict;
}
