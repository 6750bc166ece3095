/** What is proposed. */
export interface Proposal {
  /** Null: unknown, which is taken. */
  readonly explicit: boolean | null;
  readonly durationMs: number | null;
}

/** What a host allows. */
export interface ProposalRules {
  readonly allowExplicit: boolean;
  /** Longest track, ms; null: any. */
  readonly maxTrackMs: number | null;
}

/** Why a track cannot be proposed in a room, in words for the guest; null: it can. */
export function proposalRefusal(
  { explicit, durationMs }: Proposal,
  { allowExplicit, maxTrackMs }: ProposalRules,
): string | null {
  if (!allowExplicit && explicit) return 'The host does not want explicit tracks.';
  if (maxTrackMs !== null && durationMs !== null && durationMs > maxTrackMs) {
    const minutes = Math.floor(maxTrackMs / 60_000);
    return `The host allows tracks of ${minutes} ${minutes === 1 ? 'minute' : 'minutes'} at most.`;
  }
  return null;
}
