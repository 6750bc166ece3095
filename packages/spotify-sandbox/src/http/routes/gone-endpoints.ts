import { forbidden, notFound } from '../api-error.ts';
import { type ApiCall, type Endpoint, json, type Reply } from '../endpoint.ts';
import { pageObject, requestedPage } from '../wire/paging.ts';

/** What Spotify took from every app registered since November 2024, and what those apps get instead. */
const GONE: readonly (readonly [string, 403 | 404])[] = [
  ['/v1/recommendations', 404],
  ['/v1/recommendations/available-genre-seeds', 404],
  ['/v1/audio-features', 403],
  ['/v1/audio-features/:id', 403],
  ['/v1/audio-analysis/:id', 403],
  ['/v1/artists/:id/related-artists', 403],
  ['/v1/browse/featured-playlists', 403],
  ['/v1/browse/categories/:id/playlists', 403],
];

function newReleases(call: ApiCall): Reply {
  const { wire, world } = call;
  const newest = world.catalogue.albums
    .toSorted((a, b) => (a.releaseDate < b.releaseDate ? 1 : -1))
    .slice(0, 100);
  const page = requestedPage(call.request, { max: 50, fallback: 20 });
  return json({
    albums: pageObject(wire.href('browse/new-releases'), page, newest, (album) => wire.simpleAlbum(album)),
  });
}

export const goneEndpoints: readonly Endpoint[] = [
  ...GONE.map(
    ([path, status]): Endpoint => ({
      method: 'get',
      path,
      handle: () => {
        throw status === 403 ? forbidden() : notFound();
      },
    }),
  ),
  { method: 'get', path: '/v1/browse/new-releases', removedInDevelopment: true, handle: newReleases },
  {
    method: 'get',
    path: '/v1/browse/categories',
    removedInDevelopment: true,
    handle: (call) =>
      json({
        categories: pageObject(
          call.wire.href('browse/categories'),
          requestedPage(call.request, { max: 50, fallback: 20 }),
          [],
          () => null,
        ),
      }),
  },
];
