import type { TrackSummary } from '@spindle/contracts';
import { loadTrackSummaries } from '../catalogue/views.ts';
import type { Queryable } from '../client.ts';
import { ALL_TIME, GRAIN, KIND } from '../statistics/series.ts';

/** Lengths of one recording on several releases differ by no more than this, ms. */
const SAME_LENGTH_MS = 3_000;
/** Groups that are looked at, the most played. */
const MOST_GROUPS = 2_000;

interface GroupRow {
  by_isrc: boolean;
  members: { id: number; plays: number; durationMs: number | null }[];
}

export interface MergeSuggestion {
  readonly reason: 'isrc' | 'name';
  readonly tracks: { readonly track: TrackSummary; readonly plays: number }[];
}

/**
 * Of a group the members that could be the same recording as the first, the most played. The same
 * recording code is proof enough; the same name needs the same length where both are known.
 */
function alike({ by_isrc, members }: GroupRow): GroupRow['members'] {
  const [first] = members;
  if (!first || by_isrc) return members;
  return members.filter(
    ({ durationMs }) =>
      durationMs === null ||
      first.durationMs === null ||
      Math.abs(durationMs - first.durationMs) <= SAME_LENGTH_MS,
  );
}

/** Tracks of the listener's history that seem to be the same recording, the most played groups first. */
export async function suggestMerges(
  db: Queryable,
  userId: number,
  page: { readonly limit: number; readonly offset: number },
): Promise<{ items: MergeSuggestion[]; nextOffset: number | null }> {
  const { rows } = await db.query<GroupRow>(
    `WITH mine AS (
       SELECT r.item_id AS id, r.plays, t.duration_ms, t.isrc, t.name_key, t.artist_key
         FROM play_periods r JOIN tracks t ON t.id = r.item_id
        WHERE r.user_id = $1 AND r.grain = ${GRAIN.all} AND r.kind = ${KIND.track} AND r.period = DATE '${ALL_TIME}'
          AND NOT EXISTS (SELECT 1 FROM track_merges m WHERE m.user_id = $1 AND m.track_id = r.item_id)),
     found AS (
       SELECT true AS by_isrc, array_agg(id ORDER BY id) AS ids, sum(plays) AS plays,
              json_agg(json_build_object('id', id, 'plays', plays, 'durationMs', duration_ms) ORDER BY plays DESC, id) AS members
         FROM mine WHERE isrc IS NOT NULL GROUP BY isrc HAVING count(*) > 1
       UNION ALL
       SELECT false, array_agg(id ORDER BY id), sum(plays),
              json_agg(json_build_object('id', id, 'plays', plays, 'durationMs', duration_ms) ORDER BY plays DESC, id)
         FROM mine WHERE artist_key IS NOT NULL GROUP BY name_key, artist_key HAVING count(*) > 1)
     SELECT by_isrc, members FROM (SELECT DISTINCT ON (ids) * FROM found ORDER BY ids, by_isrc DESC) f
      ORDER BY plays DESC, ids LIMIT ${MOST_GROUPS}`,
    [userId],
  );
  const groups = rows
    .map((row) => ({ reason: row.by_isrc ? ('isrc' as const) : ('name' as const), members: alike(row) }))
    .filter(({ members }) => members.length > 1);
  const shown = groups.slice(page.offset, page.offset + page.limit);
  const tracks = await loadTrackSummaries(
    db,
    shown.flatMap(({ members }) => members.map(({ id }) => id)),
  );
  const items = shown.map(({ reason, members }) => ({
    reason,
    tracks: members.flatMap(({ id, plays }) => {
      const track = tracks.get(id);
      return track ? [{ track, plays }] : [];
    }),
  }));
  const end = page.offset + shown.length;
  return { items, nextOffset: end < groups.length ? end : null };
}
