import type { TrackSummary } from '@spindle/contracts';
import { loadTrackSummaries } from '../catalogue/views.ts';
import type { Queryable } from '../client.ts';
import { ALL_TIME, GRAIN, KIND } from '../statistics/series.ts';

/** Lengths of one recording on several releases differ by no more than this, ms. */
const SAME_LENGTH_MS = 3_000;

export interface MergeSuggestion {
  readonly reason: 'isrc' | 'name';
  /** The most played first. */
  readonly tracks: { readonly track: TrackSummary; readonly plays: number }[];
}

/** A track that shares its recording code, or its name and artist, with another of the listener's. */
interface Candidate {
  readonly id: number;
  readonly plays: number;
  readonly duration_ms: number | null;
  /** Without the hyphens and small letters that some sources write. */
  readonly code: string | null;
  readonly name_key: string;
  readonly artist_key: string;
}

interface Group {
  readonly reason: MergeSuggestion['reason'];
  readonly members: Candidate[];
}

function groupBy(candidates: readonly Candidate[], keyOf: (one: Candidate) => string | null): Candidate[][] {
  const groups = new Map<string, Candidate[]>();
  for (const one of candidates) {
    const key = keyOf(one);
    if (key === null) continue;
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  return [...groups.values()];
}

/**
 * Splits tracks of one name into recordings by their lengths: the most played begins one, and those join
 * it that are as long as its first known length, or of unknown length.
 */
function byLength(sameName: readonly Candidate[]): Candidate[][] {
  const recordings: { length: number | null; members: Candidate[] }[] = [];
  for (const one of sameName) {
    const fits = recordings.find(
      ({ length }) =>
        length === null || one.duration_ms === null || Math.abs(length - one.duration_ms) <= SAME_LENGTH_MS,
    );
    if (fits) {
      fits.members.push(one);
      fits.length ??= one.duration_ms;
    } else recordings.push({ length: one.duration_ms, members: [one] });
  }
  return recordings.map(({ members }) => members);
}

/** Of tracks with the same code the most played stands for all: those are a group of their own already. */
function oneOfEachCode(members: readonly Candidate[]): Candidate[] {
  const seen = new Set<string>();
  return members.filter(({ code }) => {
    if (code === null) return true;
    if (seen.has(code)) return false;
    seen.add(code);
    return true;
  });
}

/** @param candidates most played first, and so are the members of each group. */
function groupsOf(candidates: readonly Candidate[]): Group[] {
  const named = groupBy(candidates, (one) => (one.artist_key ? `${one.artist_key}\n${one.name_key}` : null));
  const groups: Group[] = [
    ...groupBy(candidates, (one) => one.code).map((members) => ({ reason: 'isrc' as const, members })),
    ...named.flatMap((sameName) =>
      byLength(sameName).map((members) => ({ reason: 'name' as const, members: oneOfEachCode(members) })),
    ),
  ].filter(({ members }) => members.length > 1);
  const plays = new Map(
    groups.map((one) => [one, one.members.reduce((sum, { plays: own }) => sum + own, 0)]),
  );
  return groups.sort((a, b) => (plays.get(b) ?? 0) - (plays.get(a) ?? 0));
}

/**
 * Tracks of a listener's history that seem to be one recording, the most played groups first: they have
 * one international recording code, or name and artist are the same and the lengths are not apart. What
 * is merged already is left out.
 */
export async function suggestMerges(
  db: Queryable,
  userId: number,
  page: { readonly limit: number; readonly offset: number },
): Promise<{ items: MergeSuggestion[]; nextOffset: number | null }> {
  const { rows } = await db.query<Candidate>(
    `WITH mine AS MATERIALIZED (
       SELECT r.item_id AS id, r.plays, t.duration_ms, nullif(upper(replace(t.isrc, '-', '')), '') AS code,
              t.name_key, t.artist_key
         FROM play_periods r JOIN tracks t ON t.id = r.item_id
        WHERE r.user_id = $1 AND r.grain = ${GRAIN.all} AND r.kind = ${KIND.track} AND r.period = DATE '${ALL_TIME}'
          AND NOT EXISTS (SELECT 1 FROM track_merges m WHERE m.user_id = $1 AND m.track_id = r.item_id))
     SELECT id, plays, duration_ms, code, name_key, artist_key FROM mine
      WHERE code IN (SELECT code FROM mine WHERE code IS NOT NULL GROUP BY code HAVING count(*) > 1)
         OR (name_key, artist_key) IN (SELECT name_key, artist_key FROM mine GROUP BY 1, 2 HAVING count(*) > 1)
      ORDER BY plays DESC, id`,
    [userId],
  );
  const groups = groupsOf(rows);
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
