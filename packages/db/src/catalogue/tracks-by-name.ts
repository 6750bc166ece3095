import type { Transaction } from '../client.ts';
import { nameKey } from '../name-key.ts';
import { fillNameOnly, insertTracks } from './insert-tracks.ts';
import type { TrackNames } from './items.ts';

/** What stands behind the first artist where a source writes all of them into one name. */
const FURTHER_ARTISTS = /\s*(?:[([]?\b(?:feat|ft|featuring)\b\.?|,|;|&| x | vs\.? ).*$/iu;

const keysOf = (track: TrackNames): { readonly name: string; readonly artists: readonly string[] } => {
  const artist = nameKey(track.artist);
  const first = nameKey(track.artist.replace(FURTHER_ARTISTS, ''));
  return {
    name: nameKey(track.name),
    artists: first === '' || first === artist ? [artist] : [artist, first],
  };
};

interface Candidate {
  readonly place: number;
  readonly id: number;
}

/** For each place the track that this name most likely means to the listener. */
async function findByName(
  tx: Transaction,
  userId: number,
  tracks: readonly TrackNames[],
): Promise<Map<number, number>> {
  const wanted = tracks.flatMap((track, place) => {
    const { name, artists } = keysOf(track);
    return artists.map((artist, rank) => ({ place, rank, name, artist }));
  });
  const { rows } = await tx.query<Candidate>(
    `SELECT DISTINCT ON (i.place) i.place, t.id
       FROM unnest($2::int[], $3::int[], $4::text[], $5::text[]) AS i (place, rank, name_key, artist_key)
       JOIN tracks t ON t.name_key = i.name_key AND t.artist_key = i.artist_key
      -- A shortened artist is good for finding a track that Spotify tells, not for guessing among names.
      WHERE i.rank = 0 OR t.spotify_id IS NOT NULL
      ORDER BY i.place, (SELECT count(*) FROM plays p WHERE p.user_id = $1 AND p.track_id = t.id) DESC,
               t.spotify_id IS NULL, i.rank, t.id`,
    [
      userId,
      wanted.map((one) => one.place),
      wanted.map((one) => one.rank),
      wanted.map((one) => one.name),
      wanted.map((one) => one.artist),
    ],
  );
  return new Map(rows.map((row) => [row.place, row.id]));
}

/** One item for each track; what one of several leaves out and another knows is taken from that. */
function bestOf(items: readonly TrackNames[], keyOf: (item: TrackNames) => string): Map<string, TrackNames> {
  const tracks = new Map<string, TrackNames>();
  for (const item of items) {
    const known = tracks.get(keyOf(item));
    tracks.set(keyOf(item), {
      ...item,
      ...known,
      album: known?.album ?? item.album,
      durationMs: known?.durationMs ?? item.durationMs ?? null,
    });
  }
  return tracks;
}

/**
 * Row ids, in the order of the items, of tracks that a source names without saying which of Spotify's it
 * was: of those of that name and artist the one that the listener played most, else one that has an id
 * at Spotify, else a row known by name alone, made where it is new. A track that gets to be known at
 * Spotify later takes that row over (see `adoptNameOnly`).
 */
export async function ensureTracksByName(
  tx: Transaction,
  userId: number,
  items: readonly TrackNames[],
): Promise<number[]> {
  const keyOf = (item: TrackNames) => `${nameKey(item.name)}\u0000${nameKey(item.artist)}`;
  const tracks = [...bestOf(items, keyOf)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
  const ids = new Map<string, number>();
  const take = (list: readonly TrackNames[], found: ReadonlyMap<number, number>) => {
    for (const [place, id] of found) {
      const track = list[place];
      if (track) ids.set(keyOf(track), id);
    }
  };
  const missing = () => tracks.filter((track) => !ids.has(keyOf(track)));
  take(tracks, await findByName(tx, userId, tracks));
  const unknown = missing();
  if (unknown.length > 0)
    take(
      unknown,
      await insertTracks(
        tx,
        unknown.map((track) => ({ ...track, spotifyId: null })),
      ),
    );
  // Another transaction may have made some in the meantime.
  const others = missing();
  if (others.length > 0) take(others, await findByName(tx, userId, others));
  await fillNameOnly(
    tx,
    tracks.flatMap((track) => {
      const id = ids.get(keyOf(track));
      return id === undefined ? [] : [{ id, track }];
    }),
  );
  return items.map((item) => {
    const id = ids.get(keyOf(item));
    if (id === undefined) throw new Error('a track that was just made by name is not there');
    return id;
  });
}
