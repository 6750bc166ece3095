import type { PlayView, TrackSummary } from '@spindle/contracts';
import { loadTrackSummaries, spotifyUrl } from '../catalogue/views.ts';
import type { Queryable } from '../client.ts';
import { encodePlayId } from '../play-id.ts';
import { PLAY_FLAGS, sourceName, sourcesIn } from '../play-source.ts';

/** The columns of {@link PLAY_COLUMNS}; `played_at` and `ended_at` in epoch ms. */
export interface PlayViewRow {
  readonly track_id: number;
  readonly played_at: number;
  readonly ended_at: number;
  readonly ms_played: number | null;
  readonly source: number;
  readonly seen_by: number;
  readonly flags: number;
  readonly min_play_ms: number;
  readonly context_uri: string | null;
  readonly device: string | null;
}

/** What {@link PLAY_COLUMNS} are taken from. */
export const PLAY_TABLES = `plays p JOIN users u ON u.id = p.user_id
  LEFT JOIN play_contexts c ON c.id = p.context_id LEFT JOIN play_devices d ON d.id = p.device_id`;

export const PLAY_COLUMNS = `p.track_id, p.ms_played, p.source, p.seen_by, p.flags, u.min_play_ms,
  c.uri AS context_uri, d.name AS device,
  (extract(epoch FROM p.played_at) * 1000)::float8 AS played_at,
  (extract(epoch FROM p.ended_at) * 1000)::float8 AS ended_at`;

const LINKED_KINDS = ['playlist', 'album', 'artist', 'show'] as const;

/** Where something was played from, as the API shows it. */
export function contextView(uri: string | null): PlayView['context'] {
  if (uri === null) return null;
  // `spotify:playlist:<id>`, and `spotify:user:<name>:collection` for Liked Songs.
  const parts = uri.split(':');
  const type = parts.at(-1) === 'collection' ? 'collection' : (parts.at(-2) ?? 'unknown');
  if (type === 'collection') return { uri, type, url: 'https://open.spotify.com/collection/tracks' };
  const linked = LINKED_KINDS.find((kind) => kind === type);
  return { uri, type, url: linked ? spotifyUrl(linked, parts.at(-1) ?? null) : null };
}

/** Why a play does not count; null when it does (see `countedCondition`). */
function uncountedReason(row: PlayViewRow): PlayView['uncounted'] {
  if ((row.flags & PLAY_FLAGS.hidden) !== 0) return 'hidden';
  if ((row.flags & PLAY_FLAGS.excluded) !== 0) return 'excluded';
  return row.ms_played !== null && row.ms_played < row.min_play_ms ? 'too-short' : null;
}

export function toPlayView(row: PlayViewRow, track: TrackSummary): PlayView {
  const uncounted = uncountedReason(row);
  return {
    id: encodePlayId({ playedAt: new Date(row.played_at), trackId: row.track_id }),
    playedAt: new Date(row.played_at).toISOString(),
    endedAt: new Date(row.ended_at).toISOString(),
    msPlayed: row.ms_played,
    source: sourceName(row.source),
    seenBy: sourcesIn(row.seen_by),
    context: contextView(row.context_uri),
    device: row.device,
    counts: uncounted === null,
    uncounted,
    track,
  };
}

/** Adds the tracks to rows of plays, keeping their order. */
export async function toPlayViews(db: Queryable, rows: readonly PlayViewRow[]): Promise<PlayView[]> {
  const tracks = await loadTrackSummaries(
    db,
    rows.map((row) => row.track_id),
  );
  return rows.flatMap((row) => {
    const track = tracks.get(row.track_id);
    return track ? [toPlayView(row, track)] : [];
  });
}
