import { randomFor } from '../seeded-random.ts';
import {
  albumName,
  artistName,
  episodeName,
  GENRES,
  labelName,
  showName,
  trackName,
} from './invented-names.ts';
import type { Album, AlbumType, Artist, Episode, Show, Track } from './items.ts';
import { spotifyId } from './spotify-ids.ts';

export interface CatalogueSize {
  artists: number;
  shows: number;
}

/** Everything there is to hear, by id and in one order. Immutable once built. */
export interface Catalogue {
  artists: readonly Artist[];
  albums: readonly Album[];
  tracks: readonly Track[];
  shows: readonly Show[];
  artist(id: string): Artist | undefined;
  album(id: string): Album | undefined;
  track(id: string): Track | undefined;
  show(id: string): Show | undefined;
  episode(id: string): Episode | undefined;
}

const TRACK_MEDIAN_MS = 212_000;
const byId = <T extends { id: string }>(items: readonly T[]): Map<string, T> =>
  new Map(items.map((item) => [item.id, item]));

/** Invents a catalogue: the same seed and size give the same one, whatever else the sandbox does. */
export function buildCatalogue(seed: string, size: CatalogueSize): Catalogue {
  const artists = Array.from({ length: size.artists }, (_, index) => inventArtist(seed, index));
  const albums = artists.flatMap((artist, index) => inventDiscography(seed, artist, index, artists));
  const tracks = albums.flatMap((album) => album.tracks);
  const shows = Array.from({ length: size.shows }, (_, index) => inventShow(seed, index));

  const [artistById, albumById, trackById, showById] = [
    byId(artists),
    byId(albums),
    byId(tracks),
    byId(shows),
  ];
  const episodeById = byId(shows.flatMap((show) => show.episodes));
  return {
    artists,
    albums,
    tracks,
    shows,
    artist: (id) => artistById.get(id),
    album: (id) => albumById.get(id),
    track: (id) => trackById.get(id),
    show: (id) => showById.get(id),
    episode: (id) => episodeById.get(id),
  };
}

function inventArtist(seed: string, index: number): Artist {
  const random = randomFor(seed, 'artist', index);
  const id = spotifyId(random);
  const popularity = Math.min(96, Math.max(1, Math.round(random.logNormal(38, 0.5))));
  return {
    id,
    uri: `spotify:artist:${id}`,
    name: artistName(random),
    genres: random.shuffled(GENRES).slice(0, random.int(0, 3)),
    followers: Math.round(random.logNormal(40_000, 1.6)),
    popularity,
    imageKey: random.hex(24),
    albums: [],
  };
}

function inventDiscography(
  seed: string,
  artist: Artist,
  artistIndex: number,
  everyone: readonly Artist[],
): Album[] {
  const random = randomFor(seed, 'discography', artistIndex);
  const shapes: AlbumType[] = ['album'];
  for (let count = random.int(1, 4); count > 0; count -= 1) {
    shapes.push(
      random.weighted<AlbumType>([
        ['album', 5],
        ['single', 4],
        ['compilation', 1],
      ]),
    );
  }
  const albums = shapes.map((shape, index) => inventAlbum(seed, artist, index, shape, everyone));
  addAdvanceSingle(seed, artist, albums);
  artist.albums = albums;
  return albums;
}

function inventAlbum(
  seed: string,
  artist: Artist,
  index: number,
  albumType: AlbumType,
  everyone: readonly Artist[],
): Album {
  const random = randomFor(seed, 'album', artist.id, index);
  const id = spotifyId(random);
  const precision = random.weighted<Album['releaseDatePrecision']>([
    ['day', 18],
    ['year', 2],
    ['month', 1],
  ]);
  const date = `${random.int(1968, 2026)}-${String(random.int(1, 10)).padStart(2, '0')}-${String(random.int(1, 28)).padStart(2, '0')}`;
  const album: Album = {
    id,
    uri: `spotify:album:${id}`,
    name: albumName(random),
    albumType,
    artists: [artist],
    releaseDate: date.slice(0, { year: 4, month: 7, day: 10 }[precision]),
    releaseDatePrecision: precision,
    label: labelName(random),
    upc: String(random.int(100_000_000_000, 899_999_999_999)),
    popularity: Math.max(0, artist.popularity - random.int(0, 15)),
    imageKey: random.hex(24),
    tracks: [],
  };
  const count = albumType === 'single' ? random.int(1, 3) : random.int(8, 16);
  const discs = count >= 14 && random.chance(0.4) ? 2 : 1;
  const perDisc = Math.ceil(count / discs);
  album.tracks = Array.from({ length: count }, (_, position): Track => {
    const trackId = spotifyId(random);
    const guests = random.chance(0.12) ? [random.pick(everyone)].filter((guest) => guest !== artist) : [];
    return {
      kind: 'track',
      id: trackId,
      uri: `spotify:track:${trackId}`,
      name: trackName(random),
      durationMs: trackDuration(random.next(), random.logNormal(TRACK_MEDIAN_MS, 0.28)),
      explicit: random.chance(0.12),
      discNumber: 1 + Math.floor(position / perDisc),
      trackNumber: 1 + (position % perDisc),
      isrc: `QZ${random.hex(3).toUpperCase()}${String(random.int(68, 99)).slice(-2)}${String(random.int(0, 99_999)).padStart(5, '0')}`,
      popularity: Math.max(0, album.popularity - random.int(0, 25)),
      playable: !random.chance(0.004),
      album,
      artists: [artist, ...guests],
    };
  });
  return album;
}

/** Mostly songs of two to five minutes, now and then an interlude or a long one. */
function trackDuration(lot: number, usual: number): number {
  if (lot < 0.015) return 12_000 + Math.round(lot * 1_500_000);
  if (lot > 0.99) return 480_000 + Math.round((lot - 0.99) * 60_000_000);
  return Math.round(Math.min(Math.max(usual, 75_000), 540_000));
}

/** One album track also came out as a single: same recording and ISRC, another id, as on the real service. */
function addAdvanceSingle(seed: string, artist: Artist, albums: Album[]): void {
  const random = randomFor(seed, 'advance-single', artist.id);
  const album = albums.find(({ albumType }) => albumType === 'album');
  if (!album || !random.chance(0.35)) return;
  const original = random.pick(album.tracks);
  const single: Album = {
    ...album,
    id: spotifyId(random),
    uri: '',
    name: original.name,
    albumType: 'single',
    upc: String(random.int(100_000_000_000, 899_999_999_999)),
    imageKey: random.hex(24),
    tracks: [],
  };
  single.uri = `spotify:album:${single.id}`;
  const trackId = spotifyId(random);
  single.tracks = [
    {
      ...original,
      id: trackId,
      uri: `spotify:track:${trackId}`,
      discNumber: 1,
      trackNumber: 1,
      album: single,
    },
  ];
  albums.push(single);
}

function inventShow(seed: string, index: number): Show {
  const random = randomFor(seed, 'show', index);
  const id = spotifyId(random);
  const name = showName(random);
  const show: Show = {
    id,
    uri: `spotify:show:${id}`,
    name,
    publisher: labelName(random),
    description: `${name}: invented conversations about invented music, every other week.`,
    explicit: random.chance(0.2),
    imageKey: random.hex(24),
    episodes: [],
  };
  const count = random.int(8, 30);
  show.episodes = Array.from({ length: count }, (_, position): Episode => {
    const episodeId = spotifyId(random);
    const number = count - position;
    const title = episodeName(random, number);
    return {
      kind: 'episode',
      id: episodeId,
      uri: `spotify:episode:${episodeId}`,
      name: title,
      description: `${title}. In which nothing real is discussed.`,
      durationMs: random.int(18, 75) * 60_000 + random.int(0, 59_999),
      explicit: show.explicit,
      releaseDate: new Date(Date.UTC(2026, 0, 1 + number * 9)).toISOString().slice(0, 10),
      show,
    };
  });
  return show;
}
