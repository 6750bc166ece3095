/** What can be found, played and kept in the invented catalogue. Durations are milliseconds. */
export interface Artist {
  id: string;
  uri: string;
  name: string;
  genres: string[];
  followers: number;
  popularity: number;
  /** 24 hexadecimal digits that name the picture whatever its size. */
  imageKey: string;
  albums: Album[];
}

export type AlbumType = 'album' | 'single' | 'compilation';

export interface Album {
  id: string;
  uri: string;
  name: string;
  albumType: AlbumType;
  artists: Artist[];
  /** `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, as precise as `releaseDatePrecision` says. */
  releaseDate: string;
  releaseDatePrecision: 'year' | 'month' | 'day';
  label: string;
  upc: string;
  popularity: number;
  imageKey: string;
  tracks: Track[];
}

export interface Track {
  kind: 'track';
  id: string;
  uri: string;
  name: string;
  durationMs: number;
  explicit: boolean;
  discNumber: number;
  trackNumber: number;
  isrc: string;
  popularity: number;
  /** False for the few recordings that may not be played in the account's country. */
  playable: boolean;
  album: Album;
  artists: Artist[];
}

export interface Show {
  id: string;
  uri: string;
  name: string;
  publisher: string;
  description: string;
  explicit: boolean;
  imageKey: string;
  episodes: Episode[];
}

export interface Episode {
  kind: 'episode';
  id: string;
  uri: string;
  name: string;
  description: string;
  durationMs: number;
  explicit: boolean;
  releaseDate: string;
  show: Show;
}

/** What somebody played from their own disk and put into a playlist; it has no Spotify id. */
export interface LocalFile {
  kind: 'local';
  uri: string;
  name: string;
  artist: string;
  album: string;
  durationMs: number;
}

/** What a free account hears between two tracks. */
interface Advert {
  kind: 'ad';
  uri: string;
  durationMs: number;
}

export type Playable = Track | Episode;
/** Anything a player can be busy with. */
export type Sounding = Playable | Advert;
