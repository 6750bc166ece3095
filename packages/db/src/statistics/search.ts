import { loadTrackSummaries } from '../catalogue/views.ts';
import type { Queryable } from '../client.ts';
import { nameKey } from '../name-key.ts';
import { loadAlbumItems, loadArtistItems } from './item-views.ts';
import { ALL_TIME, GRAIN, type ItemKind, KIND } from './series.ts';

const MOST_WORDS = 8;
/** The most played items of a listener, which are looked at first. */
const FAVOURITES = 2_000;

/** Where the words are looked for, by kind; `i` is the item. */
const NAMES: Readonly<Record<ItemKind, { readonly table: string; readonly names: readonly string[] }>> = {
  [KIND.track]: { table: 'tracks', names: ['i.name_key', 'i.artist_key'] },
  [KIND.artist]: { table: 'artists', names: ['i.name_key'] },
  [KIND.album]: { table: 'albums', names: ['i.name_key', 'i.artist_key'] },
};

interface Found {
  item_id: number;
  plays: number;
}

/** Words as they are looked for: each somewhere in one of the names, in any order. */
const wordsOf = (text: string): string[] => nameKey(text).split(' ').filter(Boolean).slice(0, MOST_WORDS);

/**
 * Items that the listener has played, most played first. What people look for they have mostly played
 * much, and common words are everywhere: the most played items come first, and all are gone through only
 * when too few of these are found.
 */
async function findItems(
  db: Queryable,
  userId: number,
  kind: ItemKind,
  words: readonly string[],
  limit: number,
): Promise<Found[]> {
  const { table, names } = NAMES[kind];
  const values: unknown[] = [userId, limit, ...words];
  const holds = words
    .map((_, index) => `(${names.map((name) => `strpos(${name}, $${index + 3}) > 0`).join(' OR ')})`)
    .join(' AND ');
  const mine = `SELECT r.item_id, r.plays FROM play_periods r
      WHERE r.user_id = $1 AND r.grain = ${GRAIN.all} AND r.kind = ${kind} AND r.period = DATE '${ALL_TIME}'`;
  const search = (items: string) =>
    db.query<Found>(
      `SELECT m.item_id, m.plays FROM (${items}) m JOIN ${table} i ON i.id = m.item_id
        WHERE ${holds} ORDER BY m.plays DESC, m.item_id LIMIT $2`,
      values,
    );
  const first = await search(`${mine} ORDER BY r.plays DESC, r.item_id LIMIT ${FAVOURITES}`);
  return first.rows.length >= limit ? first.rows : (await search(mine)).rows;
}

/** Tracks, artists and albums of the listener's own history whose names hold all words. */
export async function searchItems(db: Queryable, userId: number, text: string, limit: number) {
  const words = wordsOf(text);
  if (words.length === 0) return { tracks: [], artists: [], albums: [] };
  const [tracks, artists, albums] = await Promise.all(
    [KIND.track, KIND.artist, KIND.album].map((kind) => findItems(db, userId, kind, words, limit)),
  );
  const idsOf = (found: readonly Found[] = []) => found.map((one) => one.item_id);
  const [trackViews, artistViews, albumViews] = await Promise.all([
    loadTrackSummaries(db, idsOf(tracks)),
    loadArtistItems(db, idsOf(artists)),
    loadAlbumItems(db, idsOf(albums)),
  ]);
  return {
    tracks: (tracks ?? []).flatMap(({ item_id: id, plays }) => {
      const track = trackViews.get(id);
      return track ? [{ track, plays }] : [];
    }),
    artists: (artists ?? []).flatMap(({ item_id: id, plays }) => {
      const artist = artistViews.get(id);
      return artist ? [{ artist, plays }] : [];
    }),
    albums: (albums ?? []).flatMap(({ item_id: id, plays }) => {
      const album = albumViews.get(id);
      return album ? [{ album, plays, cover: album.images[0] ?? null }] : [];
    }),
  };
}
