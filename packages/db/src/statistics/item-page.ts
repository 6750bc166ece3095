import type { AlbumPage, ArtistPage, TopItem, TrackPage } from '@spindle/contracts';
import { shownTo } from '../catalogue/shown-to.ts';
import { loadTrackSummaries } from '../catalogue/views.ts';
import type { Queryable } from '../client.ts';
import { loadItemFigures, TRACKS_OF_ARTIST } from './item-figures.ts';
import { loadAlbumItems, loadArtistItems, loadItemViews } from './item-views.ts';
import type { Listener } from './listener.ts';
import { ALL_TIME, GRAIN, type ItemKind, KIND } from './series.ts';
import type { RankedItem } from './top.ts';
import { FIGURE_SUMS, toFigures } from './totals.ts';

/** Items of an artist or album that a page lists. */
const LISTED = 50;

type Item = Omit<TopItem, 'previous'>;

/** All-time rows `r` of the listener's tracks among those that `among` (a SELECT of ids of `$2`) names. */
const trackRows = (among: string) => `
   FROM play_periods r JOIN tracks t ON t.id = r.item_id
  WHERE r.user_id = $1 AND r.grain = ${GRAIN.all} AND r.kind = ${KIND.track} AND r.period = DATE '${ALL_TIME}'
    AND r.item_id IN (${among})`;

/** This listener's most played tracks among those that `among` names. */
const topTracks = (db: Queryable, listener: Listener, itemId: number, among: string) =>
  ranked(
    db,
    KIND.track,
    `SELECT r.item_id, r.plays, r.ms_played::float8, r.ms_assumed::float8 ${trackRows(among)}
      ORDER BY r.plays DESC, r.item_id LIMIT ${LISTED}`,
    [listener.userId, itemId],
  );

/** The albums of those tracks, by the plays of these alone: on a compilation others play as well. */
const topAlbums = (db: Queryable, listener: Listener, itemId: number, among: string) =>
  ranked(
    db,
    KIND.album,
    `SELECT t.album_id AS item_id, ${FIGURE_SUMS} ${trackRows(among)} AND t.album_id IS NOT NULL
      GROUP BY t.album_id ORDER BY plays DESC, item_id LIMIT ${LISTED}`,
    [listener.userId, itemId],
  );

async function ranked(
  db: Queryable,
  kind: ItemKind,
  select: string,
  values: readonly number[],
): Promise<Item[]> {
  const { rows } = await db.query<RankedItem>(select, [...values]);
  const views = await loadItemViews(
    db,
    kind,
    rows.map((row) => row.item_id),
  );
  return rows.map((row, index) => ({ rank: index + 1, ...toFigures(row), ...views.get(row.item_id) }));
}

/** Where the listener counts this item, and what counts for it. */
async function loadRoots(
  db: Queryable,
  table: 'track_merges' | 'artist_aliases',
  userId: number,
  itemId: number,
): Promise<{ root: number | null; members: number[] }> {
  const column = table === 'track_merges' ? 'track_id' : 'artist_id';
  const { rows } = await db.query<{ id: number; root_id: number }>(
    `SELECT ${column} AS id, root_id FROM ${table} WHERE user_id = $1 AND (${column} = $2 OR root_id = $2) ORDER BY 1`,
    [userId, itemId],
  );
  return {
    root: rows.find((row) => row.id === itemId)?.root_id ?? null,
    members: rows.filter((row) => row.root_id === itemId).map((row) => row.id),
  };
}

/** A track with the listener's figures; of a merged one, those of the track it counts for. Null: no such track, or none that they may see. */
export async function loadTrackPage(
  db: Queryable,
  listener: Listener,
  trackId: number,
  now: Date,
): Promise<TrackPage | null> {
  const { root, members } = await loadRoots(db, 'track_merges', listener.userId, trackId);
  const [tracks, { rows }, mine] = await Promise.all([
    loadTrackSummaries(db, [trackId, ...members, ...(root === null ? [] : [root])]),
    db.query<{ isrc: string | null; release_date: string | null }>(
      `SELECT t.isrc, b.release_date FROM tracks t LEFT JOIN albums b ON b.id = t.album_id
        WHERE t.id = $1 AND ${shownTo('track', 't', '$2')}`,
      [trackId, listener.userId],
    ),
    loadItemFigures(db, listener, KIND.track, root ?? trackId, now),
  ]);
  const track = tracks.get(trackId);
  const [details] = rows;
  if (!track || !details) return null;
  return {
    track: { ...track, isrc: details.isrc, releaseDate: details.release_date },
    mine,
    merged: members.flatMap((id) => tracks.get(id) ?? []),
    mergedInto: root === null ? null : (tracks.get(root) ?? null),
  };
}

/** An artist with the listener's figures; of an alias, those of the artist it counts for. Null: no such artist, or none that they may see. */
export async function loadArtistPage(
  db: Queryable,
  listener: Listener,
  artistId: number,
  now: Date,
): Promise<ArtistPage | null> {
  const { root, members } = await loadRoots(db, 'artist_aliases', listener.userId, artistId);
  const canonical = root ?? artistId;
  const [artists, { rows }, { rows: rules }, mine, tracks, albums] = await Promise.all([
    loadArtistItems(db, [artistId, ...members, ...(root === null ? [] : [root])]),
    db.query<{ genres: string[] }>(
      `SELECT a.genres FROM artists a WHERE a.id = $1 AND ${shownTo('artist', 'a', '$2')}`,
      [artistId, listener.userId],
    ),
    db.query<{ id: number }>(
      `SELECT id FROM exclusion_rules WHERE user_id = $1 AND kind = 'artist' AND artist_id = $2`,
      [listener.userId, artistId],
    ),
    loadItemFigures(db, listener, KIND.artist, canonical, now),
    topTracks(db, listener, canonical, TRACKS_OF_ARTIST),
    topAlbums(db, listener, canonical, TRACKS_OF_ARTIST),
  ]);
  const artist = artists.get(artistId);
  const [details] = rows;
  if (!artist || !details) return null;
  return {
    artist: { ...artist, genres: details.genres },
    mine,
    topTracks: tracks,
    topAlbums: albums,
    aliases: members.flatMap((id) => artists.get(id) ?? []),
    aliasOf: root === null ? null : (artists.get(root) ?? null),
    exclusionId: rules[0] ? String(rules[0].id) : null,
  };
}

/** An album with the listener's figures and the tracks of it that they played. Null: no such album, or none that they may see. */
export async function loadAlbumPage(
  db: Queryable,
  listener: Listener,
  albumId: number,
  now: Date,
): Promise<AlbumPage | null> {
  const [albums, { rows }, mine, tracks] = await Promise.all([
    loadAlbumItems(db, [albumId]),
    db.query<{ release_date: string | null; total_tracks: number | null }>(
      `SELECT b.release_date, b.total_tracks FROM albums b
        WHERE b.id = $1 AND ${shownTo('album', 'b', '$2')}`,
      [albumId, listener.userId],
    ),
    loadItemFigures(db, listener, KIND.album, albumId, now),
    topTracks(db, listener, albumId, 'SELECT t.id FROM tracks t WHERE t.album_id = $2'),
  ]);
  const album = albums.get(albumId);
  const [details] = rows;
  if (!album || !details) return null;
  const { release_date: releaseDate, total_tracks: totalTracks } = details;
  return { album: { ...album, releaseDate, totalTracks }, mine, tracks };
}
