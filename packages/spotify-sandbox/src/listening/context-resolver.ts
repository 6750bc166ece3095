import type { Album, Artist, Playable, Show, Track } from '../catalogue/items.ts';
import type { PlayContext } from './context.ts';

export function albumContext(album: Album): PlayContext {
  return { kind: 'album', uri: album.uri, items: album.tracks };
}

/** An artist's best known tracks, best known first. */
export function artistContext(artist: Artist): PlayContext {
  return { kind: 'artist', uri: artist.uri, items: topTracks(artist, 50) };
}

export function showContext(show: Show): PlayContext {
  return { kind: 'show', uri: show.uri, items: show.episodes };
}

export function topTracks(artist: Artist, count: number): Track[] {
  return artist.albums
    .flatMap((album) => album.tracks)
    .sort((a, b) => b.popularity - a.popularity || (a.id < b.id ? -1 : 1))
    .slice(0, count);
}

/** What autoplay goes on with: other music by the artists just heard. */
export function relatedTracks(
  items: readonly Playable[],
  pick: <T>(from: readonly T[]) => T,
  fallback: readonly Track[],
): Track[] {
  const artists = [...new Set(items.flatMap((item) => (item.kind === 'track' ? item.artists : [])))];
  const pool = artists.flatMap((artist) => artist.albums.flatMap((album) => album.tracks));
  const source = pool.length > 3 ? pool : fallback;
  return Array.from({ length: 40 }, () => pick(source));
}
