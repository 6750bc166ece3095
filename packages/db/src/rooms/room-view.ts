import type { RoomPlaybackState, RoomPlaybackView, RoomTrackView, TrackSummary } from '@spindle/contracts';
import { inOrder, type OrderedTrack, turnsOf } from '@spindle/rooms';
import { loadTrackSummaries } from '../catalogue/views.ts';
import type { Queryable } from '../client.ts';
import type { RoomTrackState } from '../generated/enums.ts';

/** A track of a room, with what orders it. */
export interface RoomTrack extends OrderedTrack {
  readonly roomId: number;
  readonly trackId: number;
  readonly state: RoomTrackState;
  readonly isFallback: boolean;
  readonly proposerName: string | null;
  readonly proposedAt: Date;
  readonly promotedAt: Date | null;
  readonly playedAt: Date | null;
  readonly rev: number;
}

interface RoomTrackRow {
  id: number;
  room_id: number;
  track_id: number;
  state: RoomTrackState;
  is_fallback: boolean;
  likes: number;
  dislikes: number;
  proposed_by_id: number | null;
  display_name: string | null;
  proposed_at: Date;
  promoted_at: Date | null;
  played_at: Date | null;
  rev: number;
}

const SELECT = `
  SELECT t.id, t.room_id, t.track_id, t.state, t.is_fallback, t.likes, t.dislikes, t.proposed_by_id, p.display_name,
         t.proposed_at, t.promoted_at, t.played_at, t.rev
    FROM room_tracks t LEFT JOIN room_participants p ON p.id = t.proposed_by_id`;

const toRoomTrack = (row: RoomTrackRow): RoomTrack => ({
  id: row.id,
  roomId: row.room_id,
  trackId: row.track_id,
  state: row.state,
  isFallback: row.is_fallback,
  likes: row.likes,
  dislikes: row.dislikes,
  proposerId: row.proposed_by_id,
  proposerName: row.display_name,
  proposedAtMs: row.proposed_at.getTime(),
  proposedAt: row.proposed_at,
  promotedAt: row.promoted_at,
  playedAt: row.played_at,
  rev: row.rev,
});

/** What waits in a room, in no order. */
export async function waitingTracks(db: Queryable, roomId: number): Promise<RoomTrack[]> {
  const { rows } = await db.query<RoomTrackRow>(
    `${SELECT} WHERE t.room_id = $1 AND t.state IN ('proposed', 'promoted')`,
    [roomId],
  );
  return rows.map(toRoomTrack);
}

/** These tracks, whatever their state. */
export async function roomTracks(db: Queryable, ids: readonly number[]): Promise<RoomTrack[]> {
  const { rows } = await db.query<RoomTrackRow>(`${SELECT} WHERE t.id = ANY($1::int[]) ORDER BY t.id`, [ids]);
  return rows.map(toRoomTrack);
}

/** Every track of a room, in the order of proposal. */
export async function allRoomTracks(db: Queryable, roomId: number): Promise<RoomTrack[]> {
  const { rows } = await db.query<RoomTrackRow>(`${SELECT} WHERE t.room_id = $1 ORDER BY t.id`, [roomId]);
  return rows.map(toRoomTrack);
}

/** What was played, newest first, and what plays. */
export async function playedTracks(db: Queryable, roomId: number, limit: number): Promise<RoomTrack[]> {
  const { rows } = await db.query<RoomTrackRow>(
    `${SELECT} WHERE t.room_id = $1 AND t.played_at IS NOT NULL ORDER BY t.played_at DESC, t.id DESC LIMIT $2`,
    [roomId, limit],
  );
  return rows.map(toRoomTrack);
}

/** How many tracks of each guest the room has played or plays. */
export async function playedBy(db: Queryable, roomId: number): Promise<Map<number, number>> {
  const { rows } = await db.query<{ id: number; count: number }>(
    `SELECT proposed_by_id AS id, count(*)::int AS count FROM room_tracks
      WHERE room_id = $1 AND played_at IS NOT NULL AND proposed_by_id IS NOT NULL GROUP BY proposed_by_id`,
    [roomId],
  );
  return new Map(rows.map((row) => [row.id, row.count]));
}

function toView(
  track: RoomTrack,
  summaries: ReadonlyMap<number, TrackSummary>,
  turn: number,
): RoomTrackView[] {
  const summary = summaries.get(track.trackId);
  if (!summary) return [];
  return [
    {
      id: String(track.id),
      uri: `spotify:track:${summary.spotifyId ?? ''}`,
      track: summary,
      state: track.state,
      likes: track.likes,
      dislikes: track.dislikes,
      proposedBy:
        track.proposerId === null || track.proposerName === null
          ? null
          : { id: String(track.proposerId), displayName: track.proposerName },
      turn,
      proposedAt: track.proposedAt.toISOString(),
      promotedAt: track.promotedAt?.toISOString() ?? null,
      playedAt: track.playedAt?.toISOString() ?? null,
      rev: track.rev,
    },
  ];
}

/**
 * Tracks as everybody sees them, in the order given; `turn` is that among all that waits in the room.
 */
export async function roomTrackViews(
  db: Queryable,
  roomId: number,
  tracks: readonly RoomTrack[],
): Promise<RoomTrackView[]> {
  const [summaries, waiting, played] = await Promise.all([
    loadTrackSummaries(
      db,
      tracks.map((track) => track.trackId),
    ),
    waitingTracks(db, roomId),
    playedBy(db, roomId),
  ]);
  const turns = turnsOf(waiting, played);
  return tracks.flatMap((track) => toView(track, summaries, Math.min(turns.get(track.id) ?? 0, 1_000_000)));
}

/** What waits, in the order in which it comes: what is promoted first, where a threshold promotes. */
export async function queueOf(db: Queryable, roomId: number): Promise<RoomTrack[]> {
  const [waiting, played] = await Promise.all([waitingTracks(db, roomId), playedBy(db, roomId)]);
  const order = inOrder(waiting, played);
  return [
    ...order.filter((one) => one.state === 'promoted'),
    ...order.filter((one) => one.state !== 'promoted'),
  ];
}

/** How the playback of a room does, as the party worker last noted it. */
export async function roomPlaybackView(db: Queryable, roomId: number): Promise<RoomPlaybackView | null> {
  const { rows } = await db.query<{
    playback_state: RoomPlaybackState;
    playback_message: string | null;
    current_id: number | null;
    track_id: number | null;
    started_at: Date | null;
    progress_ms: number | null;
    duration_ms: number | null;
    handed_id: number | null;
    skip_votes: number;
    device_id: string | null;
    device_name: string | null;
    playback_rev: number;
  }>(
    `SELECT r.playback_state, r.playback_message, r.current_id, coalesce(t.track_id, r.foreign_track_id) AS track_id,
            r.started_at, r.progress_ms, r.duration_ms, r.handed_id, r.device_id, r.device_name, r.playback_rev,
            (SELECT count(*)::int FROM skip_votes s WHERE s.room_track_id = r.current_id) AS skip_votes
       FROM rooms r LEFT JOIN room_tracks t ON t.id = r.current_id WHERE r.id = $1`,
    [roomId],
  );
  const [row] = rows;
  if (!row) return null;
  const summaries = await loadTrackSummaries(db, row.track_id === null ? [] : [row.track_id]);
  return {
    state: row.playback_state,
    message: row.playback_message,
    roomTrackId: row.current_id === null ? null : String(row.current_id),
    track: row.track_id === null ? null : (summaries.get(row.track_id) ?? null),
    startedAt: row.started_at?.toISOString() ?? null,
    progressMs: row.progress_ms,
    durationMs: row.duration_ms,
    nextRoomTrackId: row.handed_id === null ? null : String(row.handed_id),
    skipVotes: row.skip_votes,
    device: row.device_id === null ? null : { id: row.device_id, name: row.device_name ?? 'A device' },
    rev: row.playback_rev,
  };
}

/** What a participant alone knows: their votes, by track, and the track for whose skip they voted. */
export async function votesOf(
  db: Queryable,
  participantId: number,
): Promise<{ readonly votes: Record<string, boolean>; readonly skipVote: string | null }> {
  const { rows } = await db.query<{ id: number; is_like: boolean }>(
    `SELECT v.room_track_id AS id, v.is_like FROM votes v JOIN room_tracks t ON t.id = v.room_track_id
      WHERE v.participant_id = $1 AND t.state IN ('proposed', 'promoted', 'playing')`,
    [participantId],
  );
  const { rows: skips } = await db.query<{ id: number }>(
    `SELECT s.room_track_id AS id FROM skip_votes s JOIN room_tracks t ON t.id = s.room_track_id AND t.state = 'playing'
      WHERE s.participant_id = $1`,
    [participantId],
  );
  return {
    votes: Object.fromEntries(rows.map((row) => [String(row.id), row.is_like])),
    skipVote: skips[0] ? String(skips[0].id) : null,
  };
}
