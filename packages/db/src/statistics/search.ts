import { loadTrackSummaries } from '../catalogue/views.ts';
import type { Queryable } from '../client.ts';
import { nameKey } from '../name-key.ts';
import { loadAlbumItems, loadArtistItems } from './item-views.ts';
import { ALL_TIME, GRAIN, type ItemKind, KIND } from './series.ts';

const MOST_WORDS = 8;
/** The most played items of a listener, which are looked at first. */
const FAVOURITES = 2_000;

/** Where the words are looked for, by kind; `i` is the item. */
const NAMES: Readonly<Record<ItemKind, { readonly table: string; readonly text: string }>> = {
  [KIND.track]: { table: 'tracks', text: `i.name_key || ' ' || coalesce(i.artist_key, '')` },
  [KIND.artist]: { table: 'artists', text: 'i.name_key' },
  [KIND.album]: { table: 'albums', text: `i.name_key || ' ' || coalesce(i.artist_key, '')` },
};

interface Found {
  item_id: number;
  plays: number;
}

/** Words as they are looked for: each somewhere in the names, in any order. */
function patternsOf(text: string): string[] {
  const words = nameKey(text).split(' ').filter(Boolean).slice(0, MOST_WORDS);
  return words.map((word) => `%${word.replace(/[\\%_]/g, '\\$&')}%`);
}

/**
 * Items that the listener has played, most played first. Common words are everywhere, and what people
 * look for they have mostly played much: so the most played items are looked at first, and only when too
 * few of these are found, all names, one after the other.
 */
async function findItems(
  db: Queryable,
  userId: number,
  kind: ItemKind,
  patterns: readonly string[],
  limit: number,
): Promise<Found[]> {
  const { table, text } = NAMES[kind];
  const values = [userId, patterns, limit];
  const mine = `r.user_id = $1 AND r.grain = ${GRAIN.all} AND r.kind = ${kind} AND r.period = DATE '${ALL_TIME}'`;
  const { rows } = await db.query<Found>(
    `SELECT m.item_id, m.plays
       FROM (SELECT r.item_id, r.plays FROM play_periods r WHERE ${mine}
              ORDER BY r.plays DESC, r.item_id LIMIT ${FAVOURITES}) m
       JOIN ${table} i ON i.id = m.item_id
      WHERE ${text} LIKE ALL ($2::text[]) ORDER BY m.plays DESC, m.item_id LIMIT $3`,
    values,
  );
  if (rows.length >= limit) return rows;
  // Names before plays, said so: a planner that takes few names for many looks up every play instead.
  const all = await db.query<Found>(
    `WITH named AS MATERIALIZED (SELECT i.id FROM ${table} i WHERE ${text} LIKE ALL ($2::text[]))
     SELECT r.item_id, r.plays FROM named n JOIN play_periods r ON r.item_id = n.id
      WHERE ${mine} ORDER BY r.plays DESC, r.item_id LIMIT $3`,
    values,
  );
  return all.rows;
}

/** Tracks, artists and albums of the listener's own history whose names hold all words. */
export async function searchItems(db: Queryable, userId: number, text: string, limit: number) {
  const patterns = patternsOf(text);
  if (patterns.length === 0) return { tracks: [], artists: [], albums: [] };
  const [tracks, artists, albums] = await Promise.all(
    [KIND.track, KIND.artist, KIND.album].map((kind) => findItems(db, userId, kind, patterns, limit)),
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
