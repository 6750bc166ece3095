import type { PlaySourceName } from '@spindle/contracts';

/** A play as an export tells it. */
export interface ExportedPlay {
  readonly spotifyId: string;
  /** Null where the export has lost the name (deleted content). */
  readonly name: string | null;
  readonly artist: string | null;
  readonly album: string | null;
  /** End of the listen, epoch ms. */
  readonly endedAt: number;
  readonly msPlayed: number;
  /** Bits of `PLAY_FLAGS`. */
  readonly flags: number;
}

/** Why a row is no play, though nothing is wrong with it. */
export type SkipReason = 'not-music' | 'no-track' | 'private-session' | 'too-short';

export type RowVerdict =
  | { readonly kind: 'play'; readonly play: ExportedPlay }
  | { readonly kind: 'skip'; readonly reason: SkipReason }
  /** `message` never quotes the row: exports hold addresses and user agents. */
  | { readonly kind: 'fail'; readonly message: string };

/** A kind of export. A new one is a file here and a line in `known-formats.ts`. */
export interface ExportFormat {
  /** As the report names it. */
  readonly id: string;
  readonly source: PlaySourceName;
  /** Whether a row is of this format, whatever the file is called. */
  recognises(row: unknown): boolean;
  /** @param nowMs nothing was listened to after it. */
  judge(row: unknown, nowMs: number): RowVerdict;
}
