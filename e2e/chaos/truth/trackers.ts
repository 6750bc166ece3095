import { refreshTrackerPlays } from '@spindle/db';
import type { LedgerCall } from '@spindle/spotify-sandbox';
import type { Judged, Verdict } from './judged.ts';

interface Point {
  user_id: number;
  day: string;
  liked_tracks: number;
  playlists: number;
  plays: number;
  counted: number;
}

const PLAYLIST = 'spotify:playlist:';
/** A point that is stored just after midnight was read just before it, simulated ms. */
const MIDNIGHT_MS = 15 * 60_000;

/** The value that held at a moment, of changes in order. */
function at<T extends { readonly atMs: number; readonly count: number }>(changes: readonly T[], ms: number) {
  return changes.findLast((change) => change.atMs <= ms)?.count;
}

const dayIn = (timeZone: string) => {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' });
  return (ms: number) => format.format(ms);
};

/**
 * Datapoints of trackers: what a point says of likes and playlists was true when Spotify was asked for it on
 * that day, and its plays are those of the day's rollup.
 */
export async function judgeTrackers({ system, db, records, people }: Judged): Promise<Verdict> {
  const differences: string[] = [];
  // What the next tick does: plays came in after the last one.
  await refreshTrackerPlays(db.pool, system.sandbox.clock.now());
  const { control, groundTruth } = system.sandbox;
  const { rows } = await db.pool.query<Point>(
    `SELECT t.user_id, t.day::text, t.liked_tracks, t.playlists, t.plays, coalesce(r.plays, 0) AS counted
       FROM tracker_points t
       LEFT JOIN play_periods r ON r.user_id = t.user_id AND r.grain = 0 AND r.kind = 0 AND r.period = t.day AND r.item_id = 0`,
  );
  const points = Map.groupBy(rows, (row) => row.user_id);
  for (const { personId, userId, timeZone } of people) {
    const dayOf = dayIn(timeZone);
    const library = new Set(records.libraries.get(personId) ?? []);
    const playlists = [{ atMs: 0, count: library.size }];
    for (const { action, atMs, details } of control.commands(personId)) {
      if (!changeLibrary(library, action, details)) continue;
      playlists.push({ atMs, count: library.size });
    }
    const liked = records.likes.filter((change) => change.personId === personId);
    const first = liked[0]?.count ?? groundTruth.likedSongs(personId).length;
    const likes = [{ atMs: 0, count: first }, ...liked];
    const reads = (path: string, isWanted: (call: LedgerCall) => boolean) =>
      control.calls({ personId, method: 'GET', pathPrefix: path, status: 200 }).filter(isWanted);
    const listReads = reads('/v1/me/playlists', ({ query }) => /(?:^|[?&])limit=1(?:&|$)/.test(query));
    const likeReads = reads('/v1/me/tracks', () => true);
    for (const point of points.get(userId) ?? []) {
      const tell = (what: string) => differences.push(`${personId}, ${point.day}: ${what}`);
      const ofDay = (calls: readonly LedgerCall[]) =>
        calls.filter(({ atMs }) => dayOf(atMs) === point.day || dayOf(atMs + MIDNIGHT_MS) === point.day);
      const trueLists = new Set(ofDay(listReads).map(({ atMs }) => at(playlists, atMs)));
      if (!trueLists.has(point.playlists))
        tell(`${point.playlists} playlists, true at readings were ${[...trueLists].join(', ') || 'none'}`);
      const trueLikes = new Set(ofDay(likeReads).map(({ atMs }) => at(likes, atMs)));
      if (!trueLikes.has(point.liked_tracks))
        tell(`${point.liked_tracks} likes, true at readings were ${[...trueLikes].join(', ') || 'none'}`);
      if (point.plays !== point.counted) tell(`${point.plays} plays, the day has ${point.counted}`);
    }
  }
  return { figures: { trackerPoints: rows.length }, differences };
}

/** Carries out what a command did to the playlists of a library. Answers false when it did nothing to them. */
function changeLibrary(
  library: Set<string>,
  action: string,
  details: Readonly<Record<string, unknown>>,
): boolean {
  if (action === 'playlist.create') return library.add(String(details.playlistId)).size > 0;
  const ids = (Array.isArray(details.uris) ? details.uris : []).flatMap((uri) =>
    String(uri).startsWith(PLAYLIST) ? [String(uri).slice(PLAYLIST.length)] : [],
  );
  if (action === 'library.save') for (const id of ids) library.add(id);
  else if (action === 'library.remove') for (const id of ids) library.delete(id);
  else return false;
  return ids.length > 0;
}
