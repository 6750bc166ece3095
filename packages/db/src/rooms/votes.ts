import type { Database, Queryable, Transaction } from '../client.ts';

/**
 * A vote is a row: one of each participant and track, guaranteed by its key. The counts beside a track are
 * worked out from the rows by whoever settles it, some ten times a second for all votes that came together,
 * so that a thousand people who vote for one track never wait for one another.
 */

export type VoteRefusal = 'no-such-track' | 'not-here';
export type CastOutcome =
  | { readonly ok: true; readonly roomTrackId: number }
  | { readonly ok: false; readonly reason: VoteRefusal };

/** In the states in which a track can be voted on. */
const OPEN = `('proposed', 'promoted', 'playing')`;

/** Holds the participant as they are until the transaction ends; false when they are not there (any more). */
async function isHere(tx: Transaction, roomId: number, participantId: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    `SELECT 1 FROM room_participants p JOIN rooms r ON r.id = p.room_id AND r.ended_at IS NULL
      WHERE p.id = $1 AND p.room_id = $2 AND p.left_at IS NULL AND p.banned_at IS NULL FOR SHARE OF p`,
    [participantId, roomId],
  );
  return rowCount === 1;
}

/** Stores the like of whoever proposes a track. */
async function storeLike(
  tx: Transaction,
  roomTrackId: number,
  participantId: number,
  now: Date,
): Promise<void> {
  await tx.query(
    `INSERT INTO votes (room_track_id, participant_id, is_like, voted_at) VALUES ($1, $2, true, $3)
     ON CONFLICT (room_track_id, participant_id) DO UPDATE
        SET is_like = excluded.is_like, voted_at = excluded.voted_at`,
    [roomTrackId, participantId, now],
  );
}

/**
 * Counts the votes of tracks anew and promotes what reaches the threshold of its room, each once however
 * many settle at the same moment. Answers those of them whose counts or state changed.
 *
 * @param roomTrackIds all that wait or play, unless told
 */
export async function settleVotes(
  db: Database,
  roomId: number,
  now: Date,
  roomTrackIds?: readonly number[],
): Promise<{ readonly changed: number[]; readonly promoted: number[] }> {
  return db.transaction(async (tx) => {
    // In one order, so that two who settle never wait for each other in a circle; votes come in meanwhile.
    const { rows: locked } = await tx.query<{ id: number }>(
      `SELECT id FROM room_tracks
        WHERE room_id = $1 AND ($2::int[] IS NULL AND state IN ${OPEN} OR id = ANY($2)) ORDER BY id FOR NO KEY UPDATE`,
      [roomId, roomTrackIds ?? null],
    );
    const ids = locked.map((row) => row.id);
    if (ids.length === 0) return { changed: [], promoted: [] };
    // A statement of its own sees every vote that was stored before the lock was had.
    const { rows } = await tx.query<{ id: number; promoted: boolean }>(
      `UPDATE room_tracks t
          SET likes = c.likes, dislikes = c.dislikes, rev = t.rev + 1,
              state = CASE WHEN c.promotes THEN 'promoted'::room_track_state ELSE t.state END,
              promoted_at = CASE WHEN c.promotes THEN $2 ELSE t.promoted_at END
         FROM (SELECT o.id, n.likes, n.dislikes,
                      o.state = 'proposed' AND r.mode = 'threshold' AND r.ended_at IS NULL
                        AND n.likes >= r.like_threshold AS promotes
                 FROM room_tracks o JOIN rooms r ON r.id = o.room_id
                CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE v.is_like)::int AS likes,
                                           count(*) FILTER (WHERE NOT v.is_like)::int AS dislikes
                                      FROM votes v WHERE v.room_track_id = o.id) n
                WHERE o.id = ANY($1::int[])) c
        WHERE t.id = c.id AND (t.likes <> c.likes OR t.dislikes <> c.dislikes OR c.promotes)
        RETURNING t.id, c.promotes AS promoted`,
      [ids, now],
    );
    return {
      changed: rows.map((row) => row.id),
      promoted: rows.flatMap((row) => (row.promoted ? [row.id] : [])),
    };
  });
}

export type ProposeOutcome =
  | { readonly ok: true; readonly roomTrackId: number; readonly isNew: boolean }
  | { readonly ok: false; readonly reason: 'not-here' | 'too-many' };

/**
 * Puts a track of the catalogue among what waits, with the like of whoever proposes it. What waits or plays
 * already gets the like alone.
 *
 * @param most tracks that one guest may have waiting; null: any number
 */
export async function proposeTrack(
  db: Database,
  proposal: {
    readonly roomId: number;
    readonly participantId: number;
    readonly trackId: number;
    readonly most: number | null;
  },
  now: Date,
): Promise<ProposeOutcome> {
  const { roomId, participantId, trackId, most } = proposal;
  return db.transaction(async (tx): Promise<ProposeOutcome> => {
    // One proposal of a guest after the other: else two at once would both be the last that is allowed.
    await tx.query('SELECT pg_advisory_xact_lock(hashtext($1), $2)', ['proposals', participantId]);
    if (!(await isHere(tx, roomId, participantId))) return { ok: false, reason: 'not-here' };
    const { rows: there } = await tx.query<{ id: number }>(
      `SELECT id FROM room_tracks WHERE room_id = $1 AND track_id = $2 AND state IN ${OPEN}`,
      [roomId, trackId],
    );
    const [known] = there;
    if (known) {
      await storeLike(tx, known.id, participantId, now);
      return { ok: true, roomTrackId: known.id, isNew: false };
    }
    const { rows: waiting } = await tx.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM room_tracks
        WHERE room_id = $1 AND proposed_by_id = $2 AND state IN ('proposed', 'promoted')`,
      [roomId, participantId],
    );
    if (most !== null && (waiting[0]?.count ?? 0) >= most) return { ok: false, reason: 'too-many' };
    const { rows } = await tx.query<{ id: number; is_new: boolean }>(
      `INSERT INTO room_tracks AS t (room_id, track_id, proposed_by_id, proposed_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (room_id, track_id) WHERE state IN ${OPEN} DO UPDATE SET rev = t.rev + 1
       RETURNING id, proposed_by_id = $3 AND proposed_at = $4 AS is_new`,
      [roomId, trackId, participantId, now],
    );
    const [row] = rows;
    if (!row) throw new Error('a proposal was not stored');
    await storeLike(tx, row.id, participantId, now);
    return { ok: true, roomTrackId: row.id, isNew: row.is_new };
  });
}

/**
 * Takes back what waits: one's own, or anything for the host. Answers false when it does not wait, or Spotify
 * has it already.
 */
export async function removeProposal(
  db: Queryable,
  removal: { readonly roomId: number; readonly roomTrackId: number; readonly participantId: number | null },
  now: Date,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE room_tracks SET state = 'removed', ended_at = $4, rev = rev + 1
      WHERE id = $2 AND room_id = $1 AND state IN ('proposed', 'promoted')
        AND ($3::int IS NULL OR proposed_by_id = $3)
        AND NOT EXISTS (SELECT 1 FROM rooms r WHERE r.id = $1 AND r.handed_id = $2)`,
    [removal.roomId, removal.roomTrackId, removal.participantId, now],
  );
  return rowCount === 1;
}

export type SkipVoteOutcome =
  | { readonly ok: true; readonly roomTrackId: number; readonly votes: number }
  | { readonly ok: false; readonly reason: 'nothing-plays' | 'not-here' };

/** Votes for skipping the track of the room that plays: one vote each. */
export async function castSkipVote(
  db: Database,
  roomId: number,
  participantId: number,
  now: Date,
): Promise<SkipVoteOutcome> {
  return db.transaction(async (tx): Promise<SkipVoteOutcome> => {
    if (!(await isHere(tx, roomId, participantId))) return { ok: false, reason: 'not-here' };
    // Locked, so that the last of those who vote at once sees all votes.
    const { rows } = await tx.query<{ id: number }>(
      `SELECT id FROM room_tracks WHERE room_id = $1 AND state = 'playing' FOR UPDATE`,
      [roomId],
    );
    const [playing] = rows;
    if (!playing) return { ok: false, reason: 'nothing-plays' };
    await tx.query(
      `INSERT INTO skip_votes (room_track_id, participant_id, voted_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
      [playing.id, participantId, now],
    );
    const { rows: counted } = await tx.query<{ votes: number }>(
      'SELECT count(*)::int AS votes FROM skip_votes WHERE room_track_id = $1',
      [playing.id],
    );
    await tx.query('UPDATE rooms SET playback_rev = playback_rev + 1 WHERE id = $1', [roomId]);
    return { ok: true, roomTrackId: playing.id, votes: counted[0]?.votes ?? 0 };
  });
}
