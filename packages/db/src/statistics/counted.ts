import { PLAY_FLAGS } from '../play-source.ts';

/** Bits of `plays.flags` of which any keeps a play out of every figure. */
export const UNCOUNTED_FLAGS = PLAY_FLAGS.hidden | PLAY_FLAGS.excluded;

/**
 * SQL that holds for plays that count: neither hidden by hand nor excluded by a rule, and – where
 * measured – at least as long as the listener asks for. What only Spotify's recently-played told is not
 * measured, and counts: Spotify lists a track there once it has played for 30 s.
 *
 * @param play alias of `plays`.
 * @param minMs expression for the listener's `min_play_ms`.
 */
export function countedCondition(play: string, minMs: string): string {
  return `(${play}.flags & ${UNCOUNTED_FLAGS}) = 0 AND (${play}.ms_played IS NULL OR ${play}.ms_played >= ${minMs})`;
}

/**
 * SELECT of one listener's (`$1`) counted plays as they enter figures: start and end, the canonical
 * track, the local time of the start, measured and assumed time. A play that nothing measured is
 * assumed to have lasted as long as its track.
 *
 * @param join further FROM items and conditions, such as a join with keys that are left out.
 * @param plays the FROM item that gives them as `p`.
 */
export function countedPlays(join = '', plays = 'plays p'): string {
  return `
  SELECT p.played_at, p.ended_at, coalesce(m.root_id, p.track_id) AS track_id,
         p.played_at AT TIME ZONE u.time_zone AS local, coalesce(p.ms_played, 0) AS ms_played,
         CASE WHEN p.ms_played IS NULL THEN coalesce(t.duration_ms, 0) ELSE 0 END AS ms_assumed
    FROM ${plays}
    JOIN users u ON u.id = p.user_id
    LEFT JOIN track_merges m ON m.user_id = p.user_id AND m.track_id = p.track_id
    LEFT JOIN tracks t ON t.id = p.track_id AND p.ms_played IS NULL
    ${join}
   WHERE p.user_id = $1 AND ${countedCondition('p', 'u.min_play_ms')}`;
}

/** Hour of the week of a local time, as {@link KIND}.hour counts it. */
export function hourOfWeek(local: string): string {
  return `((extract(isodow FROM ${local})::int - 1) * 24 + extract(hour FROM ${local})::int)`;
}
