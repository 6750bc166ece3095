import type { Catalogue } from './catalogue.ts';
import type { Album, Artist, Episode, Show, Track } from './items.ts';

/** A query taken apart: free words and `field:value` filters, folded to lower case without accents. */
interface Query {
  words: string[];
  filters: Map<string, string>;
}

export interface CatalogueSearch {
  tracks(query: string): Track[];
  albums(query: string): Album[];
  artists(query: string): Artist[];
  shows(query: string): Show[];
  episodes(query: string): Episode[];
  /** Filters anything else by name. */
  named<T>(query: string, items: readonly T[], name: (item: T) => string): T[];
}

/** Folds case and accents, so that "Björk" is found by "bjork". */
function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

/**
 * Search over the catalogue: every word must occur; `artist:`, `album:`, `track:`, `isrc:`, `upc:` and `year:`
 * (`1999` or `1990-1999`) narrow down. Whole-name matches come first, then by popularity.
 */
export function catalogueSearch(catalogue: Catalogue): CatalogueSearch {
  const folded = new Map<object, { name: string; text: string }>();
  const index = (item: object, name: string, more: string[]): void => {
    const own = fold(name);
    folded.set(item, { name: own, text: [own, ...more.map(fold)].join(' ') });
  };
  for (const artist of catalogue.artists) index(artist, artist.name, []);
  for (const album of catalogue.albums)
    index(
      album,
      album.name,
      album.artists.map(({ name }) => name),
    );
  for (const track of catalogue.tracks) {
    index(track, track.name, [...track.artists.map(({ name }) => name), track.album.name]);
  }
  for (const show of catalogue.shows) {
    index(show, show.name, [show.publisher]);
    for (const episode of show.episodes) index(episode, episode.name, [show.name]);
  }
  const episodes = catalogue.shows.flatMap((show) => show.episodes);

  function find<T extends object>(
    items: readonly T[],
    query: Query,
    keep: (item: T) => boolean,
    popularity: (item: T) => number,
  ): T[] {
    const phrase = query.words.join(' ');
    const hits: { item: T; rank: number }[] = [];
    for (const item of items) {
      const entry = folded.get(item);
      if (!entry || !keep(item) || !query.words.every((word) => entry.text.includes(word))) continue;
      const whole = entry.name === phrase ? 2000 : entry.name.startsWith(phrase) ? 1000 : 0;
      hits.push({ item, rank: whole + popularity(item) });
    }
    return hits.sort((a, b) => b.rank - a.rank).map(({ item }) => item);
  }

  const has = (query: Query, field: string, ...values: string[]): boolean => {
    const wanted = query.filters.get(field);
    return wanted === undefined || values.some((value) => fold(value).includes(wanted));
  };
  const released = (query: Query, album: Album): boolean => {
    const [from, to] = (query.filters.get('year') ?? '').split('-').map(Number);
    if (!from) return true;
    const year = Number(album.releaseDate.slice(0, 4));
    return year >= from && year <= (to ?? from);
  };
  const names = (artists: readonly Artist[]): string[] => artists.map(({ name }) => name);

  return {
    tracks: (text) => {
      const query = parseQuery(text);
      return find(
        catalogue.tracks,
        query,
        (track) =>
          has(query, 'track', track.name) &&
          has(query, 'artist', ...names(track.artists)) &&
          has(query, 'album', track.album.name) &&
          has(query, 'isrc', track.isrc) &&
          released(query, track.album),
        (track) => track.popularity,
      );
    },
    albums: (text) => {
      const query = parseQuery(text);
      return find(
        catalogue.albums,
        query,
        (album) =>
          has(query, 'album', album.name) &&
          has(query, 'artist', ...names(album.artists)) &&
          has(query, 'upc', album.upc) &&
          released(query, album),
        (album) => album.popularity,
      );
    },
    artists: (text) => {
      const query = parseQuery(text);
      return find(
        catalogue.artists,
        query,
        (artist) => has(query, 'artist', artist.name),
        (artist) => artist.popularity,
      );
    },
    shows: (text) =>
      find(
        catalogue.shows,
        parseQuery(text),
        () => true,
        () => 0,
      ),
    episodes: (text) =>
      find(
        episodes,
        parseQuery(text),
        () => true,
        () => 0,
      ),
    named: (text, items, name) => {
      const { words } = parseQuery(text);
      return items.filter((item) => {
        const own = fold(name(item));
        return words.every((word) => own.includes(word));
      });
    },
  };
}

function parseQuery(text: string): Query {
  const filters = new Map<string, string>();
  const free = text.replace(
    /\b(artist|album|track|isrc|upc|year|tag|genre):(?:"([^"]*)"|(\S+))/gi,
    (_whole, field: string, quoted: string | undefined, bare: string | undefined) => {
      filters.set(field.toLowerCase(), fold(quoted ?? bare ?? ''));
      return ' ';
    },
  );
  return { words: fold(free.replaceAll('"', ' ')).split(/\s+/).filter(Boolean), filters };
}
