import { type Database, type TrackItem, upsertTracks } from '@spindle/db';

/** Tracks that go into the catalogue at once. */
const BATCH = 500;

/** Makes sure that the catalogue has what these lines are of; rows by the id in the list. */
export async function storeTracks(
  db: Database,
  lines: readonly { readonly track: TrackItem | null }[],
  now: Date,
): Promise<Map<string, number>> {
  const tracks = lines.flatMap(({ track }) => track ?? []);
  const ids = new Map<string, number>();
  for (let from = 0; from < tracks.length; from += BATCH) {
    const batch = tracks.slice(from, from + BATCH);
    for (const [spotifyId, id] of await db.transaction((tx) => upsertTracks(tx, batch, now)))
      ids.set(spotifyId, id);
  }
  return ids;
}
