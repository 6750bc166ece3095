import type { TrackSummary } from '@spindle/contracts';
import { loadTrackSummaries } from '../catalogue/views.ts';
import type { Database, Queryable } from '../client.ts';
import { lockHistory } from '../plays/ingest.ts';
import { markStale, STALE } from '../statistics/state.ts';
import { addLinks, listLinks, removeLink, TRACK_MERGES } from './chains.ts';
import { CorrectionRefused } from './refused.ts';

/** `track`'s plays count as plays of `into` (or of what that one was merged into). */
export interface MergeView {
  readonly track: TrackSummary;
  readonly into: TrackSummary;
  readonly createdAt: string;
}

async function toViews(
  db: Queryable,
  links: readonly { readonly id: number; readonly into_id: number; readonly created_at: Date }[],
): Promise<MergeView[]> {
  const tracks = await loadTrackSummaries(
    db,
    links.flatMap((link) => [link.id, link.into_id]),
  );
  return links.flatMap((link) => {
    const [track, into] = [tracks.get(link.id), tracks.get(link.into_id)];
    return track && into ? [{ track, into, createdAt: link.created_at.toISOString() }] : [];
  });
}

/** What a listener has merged, newest first. */
export async function listMerges(db: Queryable, userId: number): Promise<MergeView[]> {
  return toViews(db, await listLinks(db, TRACK_MERGES, userId));
}

async function requirePlayed(db: Queryable, userId: number, trackIds: readonly number[]) {
  const { rows } = await db.query<{ id: number }>(
    `SELECT id FROM unnest($2::int[]) AS wanted (id)
      WHERE NOT EXISTS (SELECT 1 FROM plays p WHERE p.user_id = $1 AND p.track_id = wanted.id)`,
    [userId, trackIds],
  );
  if (rows[0]) throw new CorrectionRefused('unknown', `You have no plays of a track ${rows[0].id}.`);
}

/**
 * Lets the plays of tracks count as plays of another. A track that was merged before is merged anew.
 * The figures follow with the recount that this asks for.
 *
 * @returns the merges of these tracks as they stand now.
 * @throws CorrectionRefused `circle` for a track into itself, directly or by way of others, `unknown` for
 *   tracks that this listener has not played.
 */
export async function mergeTracks(
  db: Database,
  userId: number,
  wanted: readonly number[],
  intoId: number,
  now: Date,
): Promise<MergeView[]> {
  const trackIds = [...new Set(wanted)];
  if (trackIds.includes(intoId)) {
    throw new CorrectionRefused('circle', 'A track cannot be merged into itself.');
  }
  return db.transaction(async (tx) => {
    await lockHistory(tx, userId);
    await requirePlayed(tx, userId, [...trackIds, intoId]);
    const outcome = await addLinks(
      tx,
      TRACK_MERGES,
      userId,
      trackIds.map((id) => ({ id, intoId })),
      now,
    );
    if ('circle' in outcome) {
      throw new CorrectionRefused(
        'circle',
        `Track ${intoId} counts as track ${outcome.circle} already: take that merge back first.`,
      );
    }
    if (outcome.changed > 0) await markStale(tx, userId, STALE.all, now);
    return toViews(tx, await listLinks(tx, TRACK_MERGES, userId, trackIds));
  });
}

/** Takes a merge back, and asks for a recount. @returns false when this track is not merged. */
export async function unmergeTrack(
  db: Database,
  userId: number,
  trackId: number,
  now: Date,
): Promise<boolean> {
  return db.transaction(async (tx) => {
    await lockHistory(tx, userId);
    if (!(await removeLink(tx, TRACK_MERGES, userId, trackId))) return false;
    await markStale(tx, userId, STALE.all, now);
    return true;
  });
}
