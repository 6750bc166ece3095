import type { AlbumItem, ArtistItem, TrackItem } from '@spindle/db';
import type { SpotifyAlbum, SpotifyTrack } from '@spindle/spotify';

type ArtistRefs = readonly { readonly id?: string | null | undefined; readonly name: string }[];

function artistItems(artists: ArtistRefs): ArtistItem[] {
  return artists.flatMap(({ id, name }) => (id ? [{ spotifyId: id, name }] : []));
}

export function albumItem(album: SpotifyAlbum): AlbumItem | null {
  if (!album.id) return null;
  return {
    spotifyId: album.id,
    name: album.name,
    albumType: album.album_type ?? null,
    releaseDate: album.release_date ?? null,
    releaseDatePrecision: album.release_date_precision ?? null,
    totalTracks: album.total_tracks ?? null,
    upc: album.external_ids?.upc ?? null,
    images: album.images,
    artists: artistItems(album.artists),
  };
}

/** A track of the wire as the catalogue takes it; null for local files, which have no id. */
export function trackItem(track: SpotifyTrack): TrackItem | null {
  if (!track.id) return null;
  return {
    spotifyId: track.id,
    name: track.name,
    durationMs: track.duration_ms,
    explicit: track.explicit ?? null,
    isrc: track.external_ids?.isrc ?? null,
    discNumber: track.disc_number ?? null,
    trackNumber: track.track_number ?? null,
    album: track.album ? albumItem(track.album) : null,
    artists: artistItems(track.artists),
  };
}

/**
 * A track as it stands in a list: under the id by which it is there, which is another than its own where
 * Spotify plays another release in its place.
 */
export function listedTrackItem(track: SpotifyTrack): TrackItem | null {
  const item = trackItem(track);
  const listedAs = track.linked_from?.id;
  return item && listedAs ? { ...item, spotifyId: listedAs } : item;
}
