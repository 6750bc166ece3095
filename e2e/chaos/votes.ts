/**
 * What a guest said of a track, as far as they know that it was heard.
 *
 * The invariant: a vote that was answered counts, once. A guest whose vote was left without an answer sends
 * the same vote again until it is answered, and from then on does not change their mind about that track:
 * the lost one might still be carried out, and nobody could say which was the last.
 */
export interface Vote {
  readonly roomTrackId: string;
  readonly participantId: string;
  /** Null: taken back. */
  readonly isLike: boolean | null;
  /** Sent, and never answered by yes or no. Either is right then. */
  readonly isOpen: boolean;
  /** Some sending was lost: this guest sticks to what they said. */
  readonly isFixed: boolean;
}

export const voteKey = (roomTrackId: string, participantId: string): string =>
  `${roomTrackId} ${participantId}`;
