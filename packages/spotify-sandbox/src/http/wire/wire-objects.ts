import { imagesOf } from '../../artwork/image-address.ts';
import type { Album, Artist, Episode, LocalFile, Show, Track } from '../../catalogue/items.ts';
import type { Stock } from '../../catalogue/stock.ts';
import type { AppMode } from '../../options.ts';

/** Market list of the older rules; short, since nobody looks further than whether theirs is in it. */
const MARKETS = ['BR', 'DE', 'GB', 'JP', 'KE', 'PT', 'US'];

type Json = Record<string, unknown>;

/**
 * The catalogue as the API says it, in the field set of one mode. Objects are made once and shared between answers, so
 * they must not be changed.
 */
export class WireObjects {
  readonly origin: string;
  readonly mode: AppMode;
  private readonly stock: Stock;
  private readonly made = new Map<object, Map<string, Json>>();

  constructor(origin: string, mode: AppMode, stock: Stock) {
    this.origin = origin;
    this.mode = mode;
    this.stock = stock;
  }

  get extended(): boolean {
    return this.mode === 'extended';
  }

  href(path: string): string {
    return `${this.origin}/v1/${path}`;
  }

  links(kind: string, id: string): { spotify: string } {
    return { spotify: `https://open.spotify.com/${kind}/${id}` };
  }

  simpleArtist(artist: Artist): Json {
    return this.once(artist, 'simple', () => ({
      external_urls: this.links('artist', artist.id),
      href: this.href(`artists/${artist.id}`),
      id: artist.id,
      name: artist.name,
      type: 'artist',
      uri: artist.uri,
    }));
  }

  artist(artist: Artist): Json {
    return this.once(artist, 'full', () => ({
      ...this.simpleArtist(artist),
      // New apps get nothing here, sometimes as an empty list and sometimes as null.
      genres: this.extended ? artist.genres : artist.popularity % 2 === 0 ? [] : null,
      images: imagesOf(this.origin, 'artist', artist.imageKey),
      ...(this.extended && {
        followers: { href: null, total: artist.followers },
        popularity: artist.popularity,
      }),
    }));
  }

  simpleAlbum(album: Album): Json {
    return this.once(album, 'simple', () => ({
      album_type: album.albumType,
      artists: album.artists.map((artist) => this.simpleArtist(artist)),
      ...(this.extended && { available_markets: MARKETS }),
      external_urls: this.links('album', album.id),
      href: this.href(`albums/${album.id}`),
      id: album.id,
      images: imagesOf(this.origin, 'album', album.imageKey),
      is_playable: true,
      name: album.name,
      release_date: album.releaseDate,
      release_date_precision: album.releaseDatePrecision,
      total_tracks: album.tracks.length,
      type: 'album',
      uri: album.uri,
    }));
  }

  /** An album in an artist's discography. */
  discographyAlbum(album: Album): Json {
    return this.extended
      ? { ...this.simpleAlbum(album), album_group: album.albumType }
      : this.simpleAlbum(album);
  }

  /** @param tracks the page of its tracks */
  album(album: Album, tracks: Json): Json {
    return {
      ...this.simpleAlbum(album),
      tracks,
      copyrights: [{ text: `${album.releaseDate.slice(0, 4)} ${album.label}`, type: 'P' }],
      external_ids: { upc: album.upc },
      genres: [],
      ...(this.extended && { label: album.label, popularity: album.popularity }),
    };
  }

  simpleTrack(track: Track): Json {
    const playable = this.stock.isPlayable(track);
    return this.once(track, playable ? 'simple' : 'simple, unplayable', () => ({
      artists: track.artists.map((artist) => this.simpleArtist(artist)),
      ...(this.extended && { available_markets: MARKETS }),
      disc_number: track.discNumber,
      duration_ms: track.durationMs,
      explicit: track.explicit,
      external_urls: this.links('track', track.id),
      href: this.href(`tracks/${track.id}`),
      id: track.id,
      is_local: false,
      is_playable: playable,
      ...(!playable && { restrictions: { reason: 'market' } }),
      name: track.name,
      preview_url: null,
      track_number: track.trackNumber,
      type: 'track',
      uri: track.uri,
    }));
  }

  /** A track where it is listed: null once it was taken off the service. */
  listedTrack(track: Track): Json | null {
    return this.stock.has(track.id) ? this.track(track) : null;
  }

  track(track: Track): Json {
    return this.once(track, this.stock.isPlayable(track) ? 'full' : 'full, unplayable', () => ({
      album: this.simpleAlbum(track.album),
      ...this.simpleTrack(track),
      external_ids: { isrc: track.isrc },
      ...(this.extended && { popularity: track.popularity }),
    }));
  }

  simpleShow(show: Show): Json {
    return this.once(show, 'simple', () => ({
      ...(this.extended && { available_markets: MARKETS, publisher: show.publisher }),
      copyrights: [],
      description: show.description,
      html_description: `<p>${show.description}</p>`,
      explicit: show.explicit,
      external_urls: this.links('show', show.id),
      href: this.href(`shows/${show.id}`),
      id: show.id,
      images: imagesOf(this.origin, 'show', show.imageKey),
      is_externally_hosted: false,
      languages: ['en'],
      media_type: 'audio',
      name: show.name,
      type: 'show',
      uri: show.uri,
      total_episodes: show.episodes.length,
    }));
  }

  show(show: Show, episodes: Json): Json {
    return { ...this.simpleShow(show), episodes };
  }

  simpleEpisode(episode: Episode): Json {
    return this.once(episode, 'simple', () => ({
      audio_preview_url: null,
      description: episode.description,
      html_description: `<p>${episode.description}</p>`,
      duration_ms: episode.durationMs,
      explicit: episode.explicit,
      external_urls: this.links('episode', episode.id),
      href: this.href(`episodes/${episode.id}`),
      id: episode.id,
      images: imagesOf(this.origin, 'show', episode.show.imageKey),
      is_externally_hosted: false,
      is_playable: true,
      language: 'en',
      languages: ['en'],
      name: episode.name,
      release_date: episode.releaseDate,
      release_date_precision: 'day',
      type: 'episode',
      uri: episode.uri,
    }));
  }

  episode(episode: Episode): Json {
    return this.once(episode, 'full', () => ({
      ...this.simpleEpisode(episode),
      show: this.simpleShow(episode.show),
    }));
  }

  /** A file from somebody's disk in the form of a track: no ids, an album with nothing in it but its name. */
  localFile(file: LocalFile): Json {
    return {
      album: {
        album_type: null,
        artists: [],
        ...(this.extended && { available_markets: [] }),
        external_urls: {},
        href: null,
        id: null,
        images: [],
        name: file.album,
        release_date: null,
        release_date_precision: null,
        type: 'album',
        uri: null,
      },
      artists: [{ external_urls: {}, href: null, id: null, name: file.artist, type: 'artist', uri: null }],
      ...(this.extended && { available_markets: [], popularity: 0 }),
      disc_number: 0,
      duration_ms: file.durationMs,
      explicit: false,
      external_ids: {},
      external_urls: {},
      href: null,
      id: null,
      is_local: true,
      name: file.name,
      preview_url: null,
      track_number: 0,
      type: 'track',
      uri: file.uri,
    };
  }

  private once(subject: object, form: string, make: () => Json): Json {
    let forms = this.made.get(subject);
    if (!forms) {
      forms = new Map();
      this.made.set(subject, forms);
    }
    let object = forms.get(form);
    if (!object) {
      object = make();
      forms.set(form, object);
    }
    return object;
  }
}
