import {
  type Database,
  playedBy,
  playedTracks,
  type Room,
  type RoomTrack,
  roomTracks,
  waitingTracks,
} from '@spindle/db';
import { nextUp } from '@spindle/rooms';

/** What comes next, as far as that is known: what Spotify was told already, else what would be told now. */
export async function nextTrack(
  db: Database,
  room: Room,
  handedId: number | null,
): Promise<RoomTrack | null> {
  if (handedId !== null) return (await roomTracks(db.pool, [handedId]))[0] ?? null;
  const { inARow, mode } = room.settings;
  const [waiting, counts, played] = await Promise.all([
    waitingTracks(db.pool, room.id),
    playedBy(db.pool, room.id),
    playedTracks(db.pool, room.id, inARow ?? 0),
  ]);
  const promoted = waiting.filter((track) => track.state === 'promoted');
  // What was promoted under a threshold stays first when the host lets the queue decide.
  const ready = promoted.length > 0 || mode === 'threshold' ? promoted : waiting;
  return nextUp(ready, {
    playedBy: counts,
    lastProposers: played.map((track) => track.proposerId),
    inARow,
  });
}
