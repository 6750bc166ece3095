import type { Album } from '../../catalogue/items.ts';
import { isSpotifyId } from '../../catalogue/spotify-ids.ts';
import { topTracks } from '../../listening/context-resolver.ts';
import { badRequest, notFound } from '../api-error.ts';
import { type ApiCall, type Endpoint, json, type Reply } from '../endpoint.ts';
import { pathId, queryList, queryText } from '../request-input.ts';
import { pageObject, requestedPage } from '../wire/paging.ts';

const found = <T>(item: T | undefined): T => {
  if (item === undefined) throw notFound();
  return item;
};

/** An older endpoint for several ids at once: unknown ids become null. */
function several(kind: 'tracks' | 'albums' | 'artists' | 'episodes' | 'shows', most: number): Endpoint {
  return {
    method: 'get',
    path: `/v1/${kind}`,
    removedInDevelopment: true,
    handle: (call) => {
      const ids = queryList(call.request, 'ids', most);
      if (!ids.every(isSpotifyId)) throw badRequest('Invalid base62 id');
      return json({ [kind]: ids.map((id) => one(call, kind, id) ?? null) });
    },
  };
}

function one(call: ApiCall, kind: string, id: string): unknown {
  const { catalogue, stock } = call.world;
  switch (kind) {
    case 'tracks': {
      const track = catalogue.track(id);
      return track && stock.has(id) ? call.wire.track(track) : undefined;
    }
    case 'albums': {
      const album = catalogue.album(id);
      return album && wholeAlbum(call, album);
    }
    case 'artists': {
      const artist = catalogue.artist(id);
      return artist && call.wire.artist(artist);
    }
    case 'episodes': {
      const episode = catalogue.episode(id);
      return episode && call.wire.episode(episode);
    }
    default: {
      const show = catalogue.show(id);
      return show && call.wire.simpleShow(show);
    }
  }
}

function single(kind: 'tracks' | 'artists' | 'episodes'): Endpoint {
  return {
    method: 'get',
    path: `/v1/${kind}/:id`,
    handle: (call) => json(found(one(call, kind, pathId(call.request)))),
  };
}

const TRACK_PAGE = { max: 50, fallback: 20 };

function wholeAlbum(call: ApiCall, album: Album): unknown {
  const { wire } = call;
  const page = pageObject(
    wire.href(`albums/${album.id}/tracks`),
    { limit: 50, offset: 0 },
    album.tracks,
    (track) => wire.simpleTrack(track),
  );
  return wire.album(album, page);
}

function albumTracks(call: ApiCall): Reply {
  const album = found(call.world.catalogue.album(pathId(call.request)));
  return json(
    pageObject(
      call.wire.href(`albums/${album.id}/tracks`),
      requestedPage(call.request, TRACK_PAGE),
      album.tracks,
      (track) => call.wire.simpleTrack(track),
    ),
  );
}

function artistAlbums(call: ApiCall): Reply {
  const { request, wire } = call;
  const artist = found(call.world.catalogue.artist(pathId(request)));
  const groups = (queryText(request, 'include_groups') ?? 'album,single,compilation,appears_on').split(',');
  const known = ['album', 'single', 'compilation', 'appears_on'];
  if (groups.some((group) => !known.includes(group))) throw badRequest('Invalid include_groups');
  const albums = artist.albums
    .filter((album) => groups.includes(album.albumType))
    .sort((a, b) => (a.releaseDate < b.releaseDate ? 1 : -1));
  const page = requestedPage(request, wire.extended ? { max: 50, fallback: 20 } : { max: 10, fallback: 5 });
  return json(
    pageObject(
      `${wire.href(`artists/${artist.id}/albums`)}?include_groups=${groups.join(',')}`,
      page,
      albums,
      (album) => wire.discographyAlbum(album),
    ),
  );
}

function showEpisodes(call: ApiCall): Reply {
  const show = found(call.world.catalogue.show(pathId(call.request)));
  return json(
    pageObject(
      call.wire.href(`shows/${show.id}/episodes`),
      requestedPage(call.request, TRACK_PAGE),
      show.episodes,
      (episode) => call.wire.simpleEpisode(episode),
    ),
  );
}

function wholeShow(call: ApiCall): Reply {
  const { wire } = call;
  const show = found(call.world.catalogue.show(pathId(call.request)));
  const page = pageObject(
    wire.href(`shows/${show.id}/episodes`),
    { limit: 50, offset: 0 },
    show.episodes,
    (episode) => wire.simpleEpisode(episode),
  );
  return json(wire.show(show, page));
}

/** There are no audiobooks in this catalogue; a well-formed id is simply unknown. */
function unknownItem(call: ApiCall): Reply {
  pathId(call.request);
  throw notFound();
}

export const catalogueEndpoints: readonly Endpoint[] = [
  several('tracks', 50),
  several('albums', 20),
  several('artists', 50),
  several('episodes', 50),
  several('shows', 50),
  single('tracks'),
  single('artists'),
  single('episodes'),
  {
    method: 'get',
    path: '/v1/albums/:id',
    handle: (call) => json(wholeAlbum(call, found(call.world.catalogue.album(pathId(call.request))))),
  },
  { method: 'get', path: '/v1/albums/:id/tracks', handle: albumTracks },
  { method: 'get', path: '/v1/artists/:id/albums', handle: artistAlbums },
  {
    method: 'get',
    path: '/v1/artists/:id/top-tracks',
    removedInDevelopment: true,
    handle: (call) => {
      const artist = found(call.world.catalogue.artist(pathId(call.request)));
      return json({ tracks: topTracks(artist, 10).map((track) => call.wire.track(track)) });
    },
  },
  { method: 'get', path: '/v1/shows/:id', handle: wholeShow },
  { method: 'get', path: '/v1/shows/:id/episodes', handle: showEpisodes },
  { method: 'get', path: '/v1/audiobooks/:id', handle: unknownItem },
  { method: 'get', path: '/v1/chapters/:id', handle: unknownItem },
  {
    method: 'get',
    path: '/v1/markets',
    removedInDevelopment: true,
    handle: () => json({ markets: ['BR', 'DE', 'GB', 'JP', 'KE', 'PT', 'US'] }),
  },
];
