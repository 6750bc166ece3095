import type { UserView } from '@spindle/contracts';
import type { Database } from './client.ts';
import { CONNECTION_COLUMNS, toConnectionView } from './connection-view.ts';
import { currentShare } from './shares.ts';
import { GRAIN, KIND } from './statistics/series.ts';

const iso = (at: Date | null | undefined): string | null => at?.toISOString() ?? null;

async function countsOf(db: Database, userId: number): Promise<{ plays: number; gaps: number }> {
  const { rows } = await db.pool.query<{ plays: string; gaps: string }>(
    `SELECT (SELECT coalesce(sum(plays), 0) FROM play_periods
              WHERE user_id = $1 AND grain = ${GRAIN.all} AND kind = ${KIND.total}) AS plays,
            (SELECT count(*) FROM capture_gaps WHERE user_id = $1) AS gaps`,
    [userId],
  );
  return { plays: Number(rows[0]?.plays ?? 0), gaps: Number(rows[0]?.gaps ?? 0) };
}

/**
 * A listener's profile, settings, connection and state of capture; null when there is none.
 *
 * @param wantedScopes what Spindle asks for at consent.
 */
export async function loadUserView(
  db: Database,
  userId: number,
  wantedScopes: readonly string[],
  now: Date,
): Promise<UserView | null> {
  const [user, share, counts] = await Promise.all([
    db.prisma.user.findUnique({
      where: { id: userId },
      include: {
        credential: { select: CONNECTION_COLUMNS },
        capture: {
          select: {
            historyReadAt: true,
            nextHistoryAt: true,
            playbackReadAt: true,
            lastErrorCode: true,
            lastErrorAt: true,
          },
        },
        exclusionRules: {
          where: { kind: 'artist' },
          select: { artistId: true },
          orderBy: { artistId: 'asc' },
        },
      },
    }),
    currentShare(db.pool, userId, now),
    countsOf(db, userId),
  ]);
  if (!user) return null;
  const { capture } = user;
  return {
    id: String(user.id),
    handle: user.handle,
    displayName: user.displayName,
    imageUrl: user.imageUrl,
    timeZone: user.timeZone,
    publicProfile: user.publicProfile,
    publicHistory: user.publicHistory,
    publicStats: user.publicStats,
    comparable: user.comparable,
    minPlayMs: user.minPlayMs,
    trackers: user.trackers,
    liveCapture: user.liveCapture,
    hiddenArtists: user.exclusionRules.map((rule) => String(rule.artistId)),
    isAdmin: user.isAdmin,
    createdAt: user.createdAt.toISOString(),
    sharing: share !== null,
    connection: toConnectionView(user.credential, wantedScopes, now),
    capture: {
      historyReadAt: iso(capture?.historyReadAt),
      nextHistoryAt: iso(capture?.nextHistoryAt),
      playbackReadAt: iso(capture?.playbackReadAt),
      ...counts,
      lastError:
        capture?.lastErrorCode && capture.lastErrorAt
          ? { code: capture.lastErrorCode, at: capture.lastErrorAt.toISOString() }
          : null,
    },
  };
}
