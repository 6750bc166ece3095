import { PLAY_SOURCES, type PlaySourceName } from '@spindle/contracts';

/** `plays.source`: the index of the name in `PLAY_SOURCES`, so the order there must never change. */
export function sourceCode(name: PlaySourceName): number {
  return PLAY_SOURCES.indexOf(name);
}

export function sourceName(code: number): PlaySourceName {
  const name = PLAY_SOURCES[code];
  if (name === undefined) throw new RangeError(`no play source has the code ${code}`);
  return name;
}

/** `plays.seen_by`: one bit a source. */
export function sourceBit(name: PlaySourceName): number {
  return 1 << sourceCode(name);
}

export function sourcesIn(seenBy: number): PlaySourceName[] {
  return PLAY_SOURCES.filter((name) => (seenBy & sourceBit(name)) !== 0);
}

/** `plays.flags`. */
export const PLAY_FLAGS = {
  shuffle: 1,
  skipped: 2,
  offline: 4,
  privateSession: 8,
  /** Hidden by its listener's hand: stays, and counts nowhere. */
  hidden: 16,
  /** A rule of its listener's keeps it out; set by `applyExclusions`. */
  excluded: 32,
} as const;
