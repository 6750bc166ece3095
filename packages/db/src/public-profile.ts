import type { PlayView, PublicProfile } from '@spindle/contracts';
import { ACTIVE } from './active-users.ts';
import type { Queryable } from './client.ts';
import { PLAY_COLUMNS, PLAY_TABLES, type PlayViewRow, toPlayViews } from './plays/play-view.ts';
import { countedCondition } from './statistics/counted.ts';

interface Row {
  id: number;
  handle: string;
  display_name: string;
  image_url: string | null;
  created_at: Date;
  time_zone: string;
  public_history: boolean;
  public_stats: boolean;
  comparable: boolean;
  shares: boolean;
}

/** A profile that its listener shows to anybody; null for everybody else, existing or not. */
export async function findPublicProfile(
  db: Queryable,
  handle: string,
  now: Date,
): Promise<{ readonly userId: number; readonly profile: PublicProfile } | null> {
  const { rows } = await db.query<Row>(
    `SELECT u.id, u.handle, u.display_name, u.image_url, u.created_at, u.time_zone, u.public_history, u.public_stats,
            u.comparable, EXISTS (SELECT 1 FROM shares s WHERE s.user_id = u.id AND s.ended_at IS NULL
                                     AND (s.expires_at IS NULL OR s.expires_at > $2)) AS shares
       FROM users u WHERE u.handle = $1 AND u.public_profile AND ${ACTIVE}`,
    [handle, now],
  );
  const [row] = rows;
  if (!row) return null;
  return {
    userId: row.id,
    profile: {
      handle: row.handle,
      displayName: row.display_name,
      imageUrl: row.image_url,
      since: row.created_at.toISOString(),
      timeZone: row.time_zone,
      parts: {
        now: row.shares,
        recent: row.public_history,
        stats: row.public_stats,
        comparable: row.comparable,
      },
    },
  };
}

/** Last plays that count, for anybody's eyes: where and from what they were heard is left out. */
export async function publicPlays(db: Queryable, userId: number, limit: number): Promise<PlayView[]> {
  const { rows } = await db.query<PlayViewRow>(
    `SELECT ${PLAY_COLUMNS} FROM ${PLAY_TABLES}
      WHERE p.user_id = $1 AND ${countedCondition('p', 'u.min_play_ms')}
      ORDER BY p.played_at DESC, p.track_id DESC LIMIT $2`,
    [userId, limit],
  );
  return (await toPlayViews(db, rows)).map((play) => ({ ...play, context: null, device: null }));
}
