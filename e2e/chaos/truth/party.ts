import { voteKey } from '../votes.ts';
import type { Judged, Verdict } from './judged.ts';

/** Votes and promotions: every answered vote counts once, and a track was promoted at one moment only. */
export async function judgeVotes({ db, records }: Judged): Promise<Verdict> {
  const differences: string[] = [];
  const { rows } = await db.pool.query<{ track: number; participant: number; is_like: boolean }>(
    'SELECT room_track_id AS track, participant_id AS participant, is_like FROM votes',
  );
  const stored = new Map(
    rows.map((row) => [voteKey(String(row.track), String(row.participant)), row.is_like]),
  );
  let open = 0;
  for (const [key, vote] of records.votes) {
    const here = stored.get(key) ?? null;
    if (vote.isOpen) open += 1;
    else if (here !== vote.isLike) differences.push(`vote ${key}: said ${vote.isLike}, stored ${here}`);
  }
  for (const key of stored.keys())
    if (!records.votes.has(key)) differences.push(`vote ${key}: stored, and nobody gave it`);

  const { rows: tracks } = await db.pool.query<{
    id: number;
    code: string;
    state: string;
    likes: number;
    dislikes: number;
    true_likes: number;
    true_dislikes: number;
    promoted_at: Date | null;
    like_threshold: number;
  }>(
    `SELECT t.id, r.code, t.state, t.likes, t.dislikes, t.promoted_at, r.like_threshold,
            (SELECT count(*)::int FROM votes v WHERE v.room_track_id = t.id AND v.is_like) AS true_likes,
            (SELECT count(*)::int FROM votes v WHERE v.room_track_id = t.id AND NOT v.is_like) AS true_dislikes
       FROM room_tracks t JOIN rooms r ON r.id = t.room_id`,
  );
  for (const track of tracks) {
    const tell = (what: string) =>
      differences.push(`${track.code}: track ${track.id} (${track.state}) ${what}`);
    if (track.likes !== track.true_likes || track.dislikes !== track.true_dislikes)
      tell(
        `shows ${track.likes}/${track.dislikes}, the votes are ${track.true_likes}/${track.true_dislikes}`,
      );
    if (track.state === 'proposed' && track.true_likes >= track.like_threshold)
      tell(`has ${track.true_likes} likes of ${track.like_threshold} and was not promoted`);
    const told = [...(records.promotions.get(String(track.id)) ?? [])];
    if (told.length > 1) tell(`was promoted at ${told.join(' and ')}`);
    if (told[0] !== undefined && told[0] !== track.promoted_at?.toISOString())
      tell(`was promoted at ${track.promoted_at?.toISOString()}, screens were told ${told[0]}`);
  }
  const { rows: twice } = await db.pool.query<{ code: string; count: number }>(
    `SELECT r.code, count(*)::int AS count FROM room_tracks t JOIN rooms r ON r.id = t.room_id
      WHERE t.state = 'playing' GROUP BY r.code HAVING count(*) > 1`,
  );
  for (const { code, count } of twice) differences.push(`${code}: ${count} tracks play at once`);
  return {
    figures: {
      votes: records.votes.size,
      votesLeftOpen: open,
      tracksVotedOn: tracks.length,
      promotions: tracks.filter((track) => track.promoted_at !== null).length,
    },
    differences,
  };
}
