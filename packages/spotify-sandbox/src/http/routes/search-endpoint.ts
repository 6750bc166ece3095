import { badRequest } from '../api-error.ts';
import { type ApiCall, type Endpoint, json, type Reply } from '../endpoint.ts';
import { queryList, queryText } from '../request-input.ts';
import { pageObject, requestedPage } from '../wire/paging.ts';
import { playlistObject } from '../wire/playlist-object.ts';

const TYPES = ['album', 'artist', 'playlist', 'track', 'show', 'episode', 'audiobook'] as const;
/** Nothing beyond the first thousand results can be reached. */
const MOST_RESULTS = 1000;

function search(call: ApiCall): Reply {
  const { request, wire, world } = call;
  const query = queryText(request, 'q')?.trim() ?? '';
  if (query === '') throw badRequest('No search query');
  if (queryText(request, 'type') === undefined) throw badRequest('Missing parameter type');
  const types = queryList(request, 'type', TYPES.length);
  const page = requestedPage(
    request,
    wire.extended
      ? { max: 50, fallback: 20, maxOffset: MOST_RESULTS }
      : { max: 10, fallback: 5, maxOffset: MOST_RESULTS },
  );
  const results = types.map((type) => {
    if (!TYPES.some((known) => known === type)) throw badRequest(`Bad search type field ${type}`);
    const address = `${wire.href('search')}?query=${encodeURIComponent(query)}&type=${type}`;
    const paged = <T>(items: readonly T[], show: (item: T) => unknown): unknown =>
      pageObject(address, page, items.slice(0, MOST_RESULTS), show);
    switch (type) {
      case 'track':
        return ['tracks', paged(world.search.tracks(query), (track) => wire.track(track))];
      case 'album':
        return ['albums', paged(world.search.albums(query), (album) => wire.simpleAlbum(album))];
      case 'artist':
        return ['artists', paged(world.search.artists(query), (artist) => wire.artist(artist))];
      case 'show':
        return ['shows', paged(world.search.shows(query), (show) => wire.simpleShow(show))];
      case 'episode':
        return ['episodes', paged(world.search.episodes(query), (episode) => wire.simpleEpisode(episode))];
      case 'playlist': {
        const open = world.playlists.all().filter(({ details, editorial }) => details.public && !editorial);
        const found = world.search.named(query, open, (playlist) => playlist.details.name);
        return [
          'playlists',
          paged(found, (playlist) => playlistObject(world, wire, playlist, call.personIfAny)),
        ];
      }
      default:
        return ['audiobooks', paged([], () => null)];
    }
  });
  return json(Object.fromEntries(results));
}

export const searchEndpoints: readonly Endpoint[] = [{ method: 'get', path: '/v1/search', handle: search }];
