import type { Findings, TrackSummary } from '@spindle/contracts';
import { loadTrackSummaries } from '../catalogue/views.ts';
import type { Database } from '../client.ts';
import { type ComparedLine, duplicatesOf } from './duplicates.ts';
import { type SourceLine, sourceLines } from './source-lines.ts';

type Comparable = Omit<ComparedLine, 'position'>;

async function comparables(
  db: Database,
  userId: number,
  trackIds: readonly number[],
): Promise<Map<number, Comparable>> {
  const { rows } = await db.pool.query<Comparable & { id: number }>(
    `SELECT t.id, coalesce(m.root_id, t.id) AS "rootId", nullif(upper(t.isrc), '') AS isrc, t.name_key AS name,
            t.artist_key AS artist, nullif(t.duration_ms, 0) AS "durationMs"
       FROM tracks t LEFT JOIN track_merges m ON m.user_id = $1 AND m.track_id = t.id
      WHERE t.id = ANY ($2::int[])`,
    [userId, trackIds],
  );
  return new Map(rows.map(({ id, ...comparable }) => [id, comparable]));
}

/**
 * What is odd about a source, from what is stored of it.
 *
 * @returns null when the listener has no such playlist
 */
export async function findings(db: Database, userId: number, source: string): Promise<Findings | null> {
  const known = await sourceLines(db, userId, source);
  if (!known) return null;
  const tracks = known.lines.filter((line) => line.kind === 'track' && line.trackId !== null);
  const facts = await comparables(
    db,
    userId,
    tracks.map((line) => line.trackId as number),
  );
  const duplicates = duplicatesOf(
    tracks.flatMap((line) => {
      const comparable = facts.get(line.trackId as number);
      return comparable ? [{ ...comparable, position: line.position }] : [];
    }),
  );
  const unplayable = tracks.filter((line) => line.unplayable);
  const shown = [
    ...duplicates.flatMap((group) => group.positions).flatMap((position) => known.lines[position - 1] ?? []),
    ...unplayable,
  ];
  const summaries = await loadTrackSummaries(
    db.pool,
    shown.flatMap((line) => line.trackId ?? []),
  );
  return {
    source,
    name: known.name,
    readAt: known.readAt?.toISOString() ?? null,
    tracks: known.lines.length,
    duplicates: duplicates.map(({ why, positions }) => ({
      why,
      lines: told(
        positions.flatMap((position) => known.lines[position - 1] ?? []),
        summaries,
      ),
    })),
    unplayable: told(unplayable, summaries),
    others: known.lines.flatMap(({ position, kind, name, trackId }) =>
      kind === 'track'
        ? trackId === null
          ? [{ position, kind: 'removed', name }]
          : []
        : [{ position, kind, name }],
    ),
  };
}

function told(
  lines: readonly SourceLine[],
  summaries: ReadonlyMap<number, TrackSummary>,
): Findings['unplayable'] {
  return lines.flatMap(({ position, addedAt, trackId }) => {
    const track = trackId === null ? undefined : summaries.get(trackId);
    return track
      ? [{ position, addedAt: addedAt === null ? null : new Date(addedAt).toISOString(), track }]
      : [];
  });
}
