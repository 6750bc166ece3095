import type { Queryable } from '../client.ts';
import type { CastOutcome } from './votes.ts';

/** One vote of many. */
export interface GivenVote {
  readonly participantId: number;
  /** The track as it waits or plays in the room. */
  readonly spotifyId: string;
  /** Null: take it back. */
  readonly isLike: boolean | null;
}

interface Row {
  place: number;
  is_here: boolean;
  room_track_id: number | null;
}

/**
 * Stores the votes of one room that came together, changes them, or takes them back: what comes later of the
 * same guest and track holds. Answers them in their order. The counts follow with `settleVotes`.
 */
export async function castVotes(
  db: Queryable,
  roomId: number,
  votes: readonly GivenVote[],
  now: Date,
): Promise<CastOutcome[]> {
  const { rows } = await db.query<Row>({
    name: 'cast-votes',
    // Participants are held as they are, in one order, until all is stored: a ban before it finds nobody
    // here, one after it finds the votes.
    text: `
      WITH given AS (
        SELECT * FROM unnest($2::int[], $3::text[], $4::bool[]) WITH ORDINALITY AS g (participant_id, spotify_id, is_like, place)
      ), here AS MATERIALIZED (
        SELECT p.id FROM room_participants p JOIN rooms r ON r.id = p.room_id AND r.ended_at IS NULL
         WHERE p.id = ANY($2) AND p.room_id = $1 AND p.left_at IS NULL AND p.banned_at IS NULL
         ORDER BY p.id FOR SHARE OF p
      ), meant AS MATERIALIZED (
        SELECT DISTINCT ON (s.spotify_id) s.spotify_id, x.id
          FROM (SELECT DISTINCT spotify_id FROM given) s
          JOIN LATERAL (SELECT id FROM tracks t WHERE t.spotify_id = s.spotify_id
                        UNION ALL SELECT track_id FROM track_aliases a WHERE a.spotify_id = s.spotify_id LIMIT 1) t ON true
          JOIN room_tracks x ON x.room_id = $1 AND x.track_id = t.id AND x.state IN ('proposed', 'promoted', 'playing')
      ), last AS MATERIALIZED (
        SELECT DISTINCT ON (m.id, g.participant_id) m.id AS room_track_id, g.participant_id, g.is_like
          FROM given g JOIN here h ON h.id = g.participant_id JOIN meant m ON m.spotify_id = g.spotify_id
         ORDER BY m.id, g.participant_id, g.place DESC
      ), stored AS (
        INSERT INTO votes (room_track_id, participant_id, is_like, voted_at)
        SELECT room_track_id, participant_id, is_like, $5 FROM last WHERE is_like IS NOT NULL
        ON CONFLICT (room_track_id, participant_id) DO UPDATE SET is_like = excluded.is_like, voted_at = excluded.voted_at
      ), dropped AS (
        DELETE FROM votes v USING last l
         WHERE l.is_like IS NULL AND v.room_track_id = l.room_track_id AND v.participant_id = l.participant_id
      )
      SELECT g.place::int, h.id IS NOT NULL AS is_here, m.id AS room_track_id
        FROM given g LEFT JOIN here h ON h.id = g.participant_id LEFT JOIN meant m ON m.spotify_id = g.spotify_id
       ORDER BY g.place`,
    values: [
      roomId,
      votes.map((vote) => vote.participantId),
      votes.map((vote) => vote.spotifyId),
      votes.map((vote) => vote.isLike),
      now,
    ],
  });
  return rows.map((row): CastOutcome => {
    if (!row.is_here) return { ok: false, reason: 'not-here' };
    if (row.room_track_id === null) return { ok: false, reason: 'no-such-track' };
    return { ok: true, roomTrackId: row.room_track_id };
  });
}
