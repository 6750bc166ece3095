import { sourceBit, sourceCode, sourceName, sourcesIn } from '../play-source.ts';
import { UNCOUNTED_FLAGS } from '../statistics/counted.ts';
import type { StoredPlay } from './reconcile.ts';

/** Sources that measure listening time. */
const MEASURING = sourceBit('live') | sourceBit('spotify-extended') | sourceBit('spotify-account-data');

/**
 * What is left of a play when one of its sources is no longer believed; null when it was the only one.
 *
 * Merging keeps the best of all and not who said what, so this is the nearest that can be had: the
 * end stays (Spotify's own stamp wins over an export's), a start that live playback measured stays, and
 * where nothing else measured, the start is inferred again as the end minus the track's length.
 *
 * @param code of the source, as in `plays.source`.
 * @param durationMs length of the track; null when unknown, the start then stays as it is.
 */
export function withoutSource(play: StoredPlay, code: number, durationMs: number | null): StoredPlay | null {
  const seenBy = play.seenBy & ~sourceBit(sourceName(code));
  const [first] = sourcesIn(seenBy);
  if (first === undefined) return null;
  const left = { ...play, seenBy, source: play.source === code ? sourceCode(first) : play.source };
  if ((seenBy & MEASURING) !== 0) return left;
  return {
    ...left,
    playedAt: durationMs === null ? play.playedAt : play.endedAt - durationMs,
    msPlayed: null,
    flags: play.flags & UNCOUNTED_FLAGS,
  };
}
