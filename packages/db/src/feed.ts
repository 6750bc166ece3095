import type { NowPlayingView } from '@spindle/contracts';
import { ACTIVE } from './active-users.ts';
import type { Database, Queryable } from './client.ts';
import { NOW_PLAYING_COLUMNS, type NowPlayingRow, toNowPlayingViews } from './now-playing.ts';

/** Listeners that the feed shows at most. */
export const FEED_LIMIT = 200;

/** Everybody who shares at the moment `$1`, with what their player said last. */
const SHARERS = `shares s JOIN users u ON u.id = s.user_id AND ${ACTIVE}
  LEFT JOIN now_playing n ON n.user_id = u.id
  WHERE s.ended_at IS NULL AND (s.expires_at IS NULL OR s.expires_at > $1)`;

/**
 * What strangers see. A private session looks like nothing at all, and of the last play it is not told
 * where and from what it was heard.
 */
function toPublicView(view: NowPlayingView): NowPlayingView {
  const lastPlayed = view.isPrivate ? null : view.lastPlayed;
  return {
    ...view,
    isPrivate: false,
    lastPlayed: lastPlayed && { ...lastPlayed, context: null, device: null },
  };
}

/** What everybody who shares plays, the newest change first, {@link FEED_LIMIT} at most. Three queries. */
export async function loadFeed(db: Queryable, now: Date): Promise<NowPlayingView[]> {
  const { rows } = await db.query<NowPlayingRow>(
    `SELECT ${NOW_PLAYING_COLUMNS} FROM ${SHARERS}
      ORDER BY greatest(s.started_at, n.changed_at) DESC, u.id LIMIT $2`,
    [now, FEED_LIMIT],
  );
  return (await toNowPlayingViews(db, rows, now)).map(toPublicView);
}

/** The handle under which the feed shows a listener; null when it does not. */
export async function findFeedName(db: Queryable, userId: number, now: Date): Promise<string | null> {
  const { rows } = await db.query<{ handle: string }>(`SELECT u.handle FROM ${SHARERS} AND s.user_id = $2`, [
    now,
    userId,
  ]);
  return rows[0]?.handle ?? null;
}

/**
 * Calls `tell` with what the feed shows of a listener; does nothing and answers false when they do not
 * share. Their share cannot end while `tell` runs, and nobody else tells of them meanwhile: who ends it
 * waits, so that what is told of the end comes after this, and nothing of theirs after that.
 *
 * @param now asked once the share is held, for waiting takes time.
 */
export async function whileSharing(
  db: Database,
  userId: number,
  now: () => Date,
  tell: (view: NowPlayingView) => Promise<void>,
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const { rowCount } = await tx.query(
      'SELECT 1 FROM shares WHERE user_id = $1 AND ended_at IS NULL FOR UPDATE',
      [userId],
    );
    if (rowCount === 0) return false;
    // A statement of its own: it sees what others stored while this one waited.
    const at = now();
    const { rows } = await tx.query<NowPlayingRow>(
      `SELECT ${NOW_PLAYING_COLUMNS} FROM ${SHARERS} AND s.user_id = $2`,
      [at, userId],
    );
    const [view] = await toNowPlayingViews(tx, rows, at);
    if (!view) return false;
    await tell(toPublicView(view));
    return true;
  });
}

/**
 * Somebody looks at the feed until `until`: the players of those who share are read at the pace of those
 * that are watched. Whom nobody watched until now is read within ten seconds, one after another; who is
 * watched already is not read sooner, however many look.
 */
export async function watchSharers(
  db: Queryable,
  watch: { readonly now: Date; readonly until: Date },
): Promise<void> {
  await db.query(
    `UPDATE capture_states c
        SET watched_until = greatest(c.watched_until, $2),
            next_playback_at = CASE
              WHEN c.watched_until > $1 AND c.next_playback_at IS NOT NULL THEN c.next_playback_at
              ELSE least(c.next_playback_at, $1::timestamptz + make_interval(secs => c.user_id % 20 * 0.5)) END
       FROM shares s JOIN users u ON u.id = s.user_id AND ${ACTIVE}
      WHERE s.user_id = c.user_id AND s.ended_at IS NULL AND (s.expires_at IS NULL OR s.expires_at > $1)`,
    [watch.now, watch.until],
  );
}

/**
 * Ends the shares whose time is over, as of when it was. `tell` hears the handles before that is stored,
 * so that a crash in between tells them twice rather than never.
 */
export async function endExpiredShares(
  db: Database,
  now: Date,
  tell: (handles: readonly string[]) => Promise<void>,
): Promise<number> {
  return db.transaction(async (tx) => {
    const { rows: ended } = await tx.query<{ user_id: number }>(
      `UPDATE shares SET ended_at = greatest(expires_at, started_at)
        WHERE ended_at IS NULL AND expires_at <= $1 RETURNING user_id`,
      [now],
    );
    if (ended.length === 0) return 0;
    // A statement of its own, for a handle that changed while the first one waited.
    const { rows } = await tx.query<{ handle: string }>(
      'SELECT handle FROM users WHERE id = ANY($1::int[]) ORDER BY id',
      [ended.map((share) => share.user_id)],
    );
    await tell(rows.map((row) => row.handle));
    return ended.length;
  });
}
