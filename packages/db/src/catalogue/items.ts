import type { Image } from '@spindle/contracts';

/** An artist as Spotify tells it inside a track or album, or whole (`images` and `genres` then set). */
export interface ArtistItem {
  readonly spotifyId: string;
  readonly name: string;
  readonly images?: readonly Image[];
  readonly genres?: readonly string[];
}

export interface AlbumItem {
  readonly spotifyId: string;
  readonly name: string;
  readonly albumType: string | null;
  readonly releaseDate: string | null;
  readonly releaseDatePrecision: string | null;
  readonly totalTracks: number | null;
  readonly upc?: string | null;
  readonly images: readonly Image[];
  readonly artists: readonly ArtistItem[];
}

/** A track with everything that Spotify tells of it. */
export interface TrackItem {
  readonly spotifyId: string;
  readonly name: string;
  readonly durationMs: number;
  readonly explicit: boolean | null;
  readonly isrc: string | null;
  readonly discNumber: number | null;
  readonly trackNumber: number | null;
  readonly album: AlbumItem | null;
  readonly artists: readonly ArtistItem[];
}

export interface NamedArtist {
  readonly name: string;
  readonly spotifyId: string | null;
}

/** What a source that is not Spotify's API tells of a track. */
export interface TrackNames {
  readonly name: string;
  /** The first of its artists, or all of them as one name where the source writes them so. */
  readonly artist: string;
  readonly album: string | null;
  /** All artists in the order of the credits, where the source tells them apart. */
  readonly artists?: readonly NamedArtist[];
  readonly albumSpotifyId?: string | null;
  readonly durationMs?: number | null;
  readonly isrc?: string | null;
}

/** A track of which an export tells the id and the names alone. */
export interface NamedTrack extends TrackNames {
  readonly spotifyId: string;
}
