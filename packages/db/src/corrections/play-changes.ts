import type { Database, Transaction } from '../client.ts';
import type { PlayKey } from '../play-id.ts';
import { PLAY_FLAGS } from '../play-source.ts';
import { lockHistory } from '../plays/ingest.ts';
import { removePlays } from '../plays/remove.ts';
import { countIn, countOut, type PlayRef } from '../statistics/rollup.ts';

export type PlayChange = 'hide' | 'show' | 'delete';

/** Those of the plays that exist and are hidden, or not. */
async function withFlag(
  tx: Transaction,
  userId: number,
  plays: readonly PlayRef[],
  hidden: boolean,
): Promise<PlayRef[]> {
  const { rows } = await tx.query<{ track_id: number; played_at: number }>(
    `SELECT p.track_id, (extract(epoch FROM p.played_at) * 1000)::float8 AS played_at
       FROM unnest($2::float8[], $3::int[]) AS k (played_at, track_id)
       JOIN plays p ON p.user_id = $1 AND p.played_at = to_timestamp(k.played_at / 1000) AND p.track_id = k.track_id
      WHERE ((p.flags & ${PLAY_FLAGS.hidden}) <> 0) = $4`,
    [userId, plays.map((play) => play.playedAt), plays.map((play) => play.trackId), hidden],
  );
  return rows.map((row) => ({ trackId: row.track_id, playedAt: row.played_at }));
}

async function flipHidden(tx: Transaction, userId: number, plays: readonly PlayRef[]): Promise<void> {
  await tx.query(
    `UPDATE plays SET flags = plays.flags # ${PLAY_FLAGS.hidden} FROM unnest($2::float8[], $3::int[]) AS k (played_at, track_id)
      WHERE plays.user_id = $1 AND plays.played_at = to_timestamp(k.played_at / 1000) AND plays.track_id = k.track_id`,
    [userId, plays.map((play) => play.playedAt), plays.map((play) => play.trackId)],
  );
}

async function apply(
  tx: Transaction,
  userId: number,
  change: PlayChange,
  plays: readonly PlayRef[],
  now: Date,
): Promise<number> {
  switch (change) {
    case 'delete':
      return removePlays(tx, userId, plays, now);
    case 'hide': {
      const shown = await withFlag(tx, userId, plays, false);
      await countOut(tx, userId, shown);
      await flipHidden(tx, userId, shown);
      return shown.length;
    }
    case 'show': {
      const hidden = await withFlag(tx, userId, plays, true);
      await flipHidden(tx, userId, hidden);
      await countIn(tx, userId, hidden);
      return hidden.length;
    }
  }
}

/**
 * Hides, shows or deletes plays of one listener, figures included, all in one transaction.
 *
 * @returns how many were changed: what is as wished already, and keys that name no play, are passed over.
 */
export async function changePlays(
  db: Database,
  userId: number,
  change: PlayChange,
  keys: readonly PlayKey[],
  now: Date,
): Promise<number> {
  const distinct = new Map(keys.map((key) => [`${key.trackId}@${key.playedAt.getTime()}`, key]));
  const plays = [...distinct.values()].map(({ trackId, playedAt }) => ({
    trackId,
    playedAt: playedAt.getTime(),
  }));
  return db.transaction(async (tx) => {
    await lockHistory(tx, userId);
    return apply(tx, userId, change, plays, now);
  });
}
