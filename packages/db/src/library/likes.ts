import type { Database, Queryable, Transaction } from '../client.ts';

/** A liked song as it is stored. */
export interface StoredLike {
  /** Spotify's id, or `removed:` and the time it was added. */
  readonly itemKey: string;
  /** Null where Spotify never told what it was. */
  readonly trackId: number | null;
  /** ms since the epoch. */
  readonly addedAtMs: number;
  /** The newest has the highest. */
  readonly place: number;
  readonly unplayable: boolean;
}

export interface LikesChange {
  /** What was stored when the reading began. */
  readonly before: readonly StoredLike[];
  /** What is to be stored: all of it, newest first. */
  readonly after: readonly StoredLike[];
  /** The number that Spotify tells: it may count songs that it does not list. */
  readonly total: number;
  /** Every page was read. */
  readonly full: boolean;
  readonly now: Date;
}

interface Row {
  item_key: string;
  track_id: number | null;
  added_at: Date;
  place: number;
  unplayable: boolean;
}

/** All Liked Songs of a listener, newest first. */
export async function loadLikes(db: Database, userId: number): Promise<StoredLike[]> {
  return likesOf(db.pool, userId);
}

async function likesOf(db: Queryable, userId: number): Promise<StoredLike[]> {
  const { rows } = await db.query<Row>(
    `SELECT item_key, track_id, added_at, place, unplayable FROM liked_tracks
      WHERE user_id = $1 ORDER BY place DESC`,
    [userId],
  );
  return rows.map((row) => ({
    itemKey: row.item_key,
    trackId: row.track_id,
    addedAtMs: row.added_at.getTime(),
    place: row.place,
    unplayable: row.unplayable,
  }));
}

function same(a: StoredLike | undefined, b: StoredLike): boolean {
  return (
    a !== undefined &&
    a.itemKey === b.itemKey &&
    a.trackId === b.trackId &&
    a.addedAtMs === b.addedAtMs &&
    a.place === b.place &&
    a.unplayable === b.unplayable
  );
}

/**
 * Stores what a reading came to, in one transaction with the times of the readings.
 *
 * @returns false when something else was stored since the reading began: then nothing was written.
 */
export async function storeLikes(db: Database, userId: number, change: LikesChange): Promise<boolean> {
  return db.transaction(async (tx) => {
    await tx.query('SELECT pg_advisory_xact_lock(hashtext($1), $2)', ['liked', userId]);
    const stored = await likesOf(tx, userId);
    const { before } = change;
    if (stored.length !== before.length) return false;
    if (!stored.every((like, place) => same(before[place], like))) return false;
    await writeDifference(tx, userId, change);
    await tx.query(
      `INSERT INTO library_states AS s (user_id, liked_read_at, liked_full_at, liked_total)
       VALUES ($1, $2, CASE WHEN $3 THEN $2::timestamptz END, $4)
       ON CONFLICT (user_id) DO UPDATE
          SET liked_read_at = excluded.liked_read_at, liked_total = excluded.liked_total,
              liked_full_at = coalesce(excluded.liked_full_at, s.liked_full_at)`,
      [userId, change.now, change.full, change.total],
    );
    return true;
  });
}

async function writeDifference(
  tx: Transaction,
  userId: number,
  { before, after }: LikesChange,
): Promise<void> {
  const earlier = new Map(before.map((like) => [like.itemKey, like]));
  const kept = new Set(after.map((like) => like.itemKey));
  const gone = before.filter((like) => !kept.has(like.itemKey));
  const written = after.filter((like) => !same(earlier.get(like.itemKey), like));
  if (gone.length > 0) {
    await tx.query('DELETE FROM liked_tracks WHERE user_id = $1 AND item_key = ANY ($2::text[])', [
      userId,
      gone.map((like) => like.itemKey),
    ]);
  }
  if (written.length === 0) return;
  await tx.query(
    `INSERT INTO liked_tracks AS l (user_id, item_key, track_id, added_at, place, unplayable)
     SELECT $1, n.* FROM unnest($2::text[], $3::int[], $4::timestamptz[], $5::int[], $6::boolean[]) AS n
     ON CONFLICT (user_id, item_key) DO UPDATE
        SET track_id = excluded.track_id, added_at = excluded.added_at, place = excluded.place,
            unplayable = excluded.unplayable`,
    [
      userId,
      written.map((like) => like.itemKey),
      written.map((like) => like.trackId),
      written.map((like) => new Date(like.addedAtMs)),
      written.map((like) => like.place),
      written.map((like) => like.unplayable),
    ],
  );
}
