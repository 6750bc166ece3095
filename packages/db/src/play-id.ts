/** The natural key of a play inside one listener's history. */
export interface PlayKey {
  readonly playedAt: Date;
  readonly trackId: number;
}

/** The opaque id under which the API names a play: both halves of its key, base 36. */
export function encodePlayId(key: PlayKey): string {
  return `${key.playedAt.getTime().toString(36)}-${key.trackId.toString(36)}`;
}

/** Null when the text is no id of a play. */
export function decodePlayId(text: string): PlayKey | null {
  const match = /^(-?[0-9a-z]{1,10})-([0-9a-z]{1,7})$/.exec(text);
  if (!match?.[1] || !match[2]) return null;
  const playedAt = new Date(Number.parseInt(match[1], 36));
  const trackId = Number.parseInt(match[2], 36);
  if (Number.isNaN(playedAt.getTime()) || trackId < 1 || trackId > 2_147_483_647) return null;
  return { playedAt, trackId };
}
