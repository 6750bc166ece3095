import {
  leftOutNamesSchema,
  leftOutSchema,
  playlistRequestSchema,
  type ShuffleResult,
  type ShuffleView,
} from '@spindle/contracts';
import type { Queryable } from '../client.ts';
import type { OperationStatus, ShuffleMode } from '../generated/enums.ts';

interface Row {
  id: number;
  source_id: string;
  source_name: string;
  mode: ShuffleMode;
  seed: string;
  status: OperationStatus;
  failure_code: string | null;
  failure_message: string | null;
  request: unknown;
  source_count: number | null;
  left_out: unknown;
  left_out_names: unknown;
  refreshed: boolean;
  schedule_id: number | null;
  job_id: string | null;
  created_at: Date;
  finished_at: Date | null;
  playlists: { playlistId: string; name: string; tracks: number; deleted: boolean }[] | null;
}

const SELECT = `
  SELECT o.id, o.source_id, o.source_name, o.mode, o.seed, o.status, o.failure_code, o.failure_message, o.request,
         o.source_count, o.left_out, o.left_out_names, o.refreshed, o.schedule_id, o.job_id, o.created_at, o.finished_at,
         (SELECT jsonb_agg(jsonb_build_object('playlistId', p.playlist_id, 'name', p.name, 'tracks', p.track_count,
                                              'deleted', p.deleted_at IS NOT NULL) ORDER BY p.part)
            FROM shuffled_playlists p
           WHERE (p.id = o.id OR p.lead_id = o.id) AND p.playlist_id IS NOT NULL) AS playlists
    FROM shuffled_playlists o`;

const url = (playlistId: string): string => `https://open.spotify.com/playlist/${playlistId}`;

function toView(row: Row): ShuffleView {
  const playlists = (row.playlists ?? []).map((one) => ({ ...one, url: url(one.playlistId) }));
  return {
    id: String(row.id),
    source: { id: row.source_id, name: row.source_name },
    mode: row.mode,
    state: row.status,
    failure:
      row.failure_code === null ? null : { code: row.failure_code, message: row.failure_message ?? '' },
    playlists,
    tracks: playlists.reduce((sum, one) => sum + one.tracks, 0),
    sourceTracks: row.source_count,
    leftOut: leftOutSchema.parse(row.left_out),
    leftOutNames: leftOutNamesSchema.parse(row.left_out_names),
    seed: row.seed,
    refreshed: row.refreshed,
    request: playlistRequestSchema.nullable().parse(row.request),
    scheduled: row.schedule_id !== null,
    jobId: row.job_id,
    createdAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
  };
}

/** A listener's operations, newest first; those before the id `before`, if that is given. */
export async function recentOperations(
  db: Queryable,
  userId: number,
  page: { readonly limit: number; readonly before?: number },
): Promise<{ readonly items: ShuffleView[]; readonly next: number | null }> {
  const { rows } = await db.query<Row>(
    `${SELECT} WHERE o.user_id = $1 AND o.lead_id IS NULL AND ($2::int IS NULL OR o.id < $2) ORDER BY o.id DESC LIMIT $3`,
    [userId, page.before ?? null, page.limit + 1],
  );
  const shown = rows.slice(0, page.limit);
  return { items: shown.map(toView), next: rows.length > page.limit ? (shown.at(-1)?.id ?? null) : null };
}

/** What an operation came to; null when there is none. */
export async function operationResult(db: Queryable, operationId: number): Promise<ShuffleResult | null> {
  const { rows } = await db.query<Row>(`${SELECT} WHERE o.id = $1`, [operationId]);
  const [row] = rows;
  if (!row) return null;
  const { id, playlists, tracks, sourceTracks, leftOut, leftOutNames, seed, refreshed } = toView(row);
  return {
    id,
    playlists: playlists.map(({ deleted: _, ...one }) => one),
    tracks,
    sourceTracks: sourceTracks ?? tracks,
    leftOut,
    leftOutNames,
    seed,
    refreshed,
  };
}
