import { isSpotifyId, parseSpotifyUri, type UriKind } from '../../catalogue/spotify-ids.ts';
import type { SavedItems } from '../../library/saved-items.ts';
import type { Person } from '../../people/person.ts';
import { ApiError, badRequest, notFound } from '../api-error.ts';
import { type ApiCall, type Endpoint, empty, json, type Reply } from '../endpoint.ts';
import { jsonBody, queryList, queryText, required, textList } from '../request-input.ts';
import { pageObject, requestedPage } from '../wire/paging.ts';
import { wireTime } from '../wire/wire-time.ts';

const READ = [['user-library-read']];
const MODIFY = [['user-library-modify']];
const PAGE = { max: 50, fallback: 20 };
/** `/me/library` takes so many URIs at once. */
const MOST_URIS = 40;

/** The shelves of a library: path, what the entries are called, and where they are kept. */
const SHELVES = {
  tracks: { entry: 'track', of: (person: Person) => person.liked },
  albums: { entry: 'album', of: (person: Person) => person.albums },
  shows: { entry: 'show', of: (person: Person) => person.shows },
  episodes: { entry: 'episode', of: (person: Person) => person.episodes },
} as const;
type Shelf = keyof typeof SHELVES;

function listing(shelf: Shelf): Endpoint {
  return {
    method: 'get',
    path: `/v1/me/${shelf}`,
    scopes: READ,
    handle: (call) => {
      const { entry, of } = SHELVES[shelf];
      const page = requestedPage(call.request, PAGE);
      return json(
        pageObject(call.wire.href(`me/${shelf}`), page, of(call.person()).list(), ({ id, addedAtMs }) => ({
          added_at: wireTime(addedAtMs),
          [entry]: entryObject(call, shelf, id),
        })),
      );
    },
  };
}

function entryObject(call: ApiCall, shelf: Shelf, id: string): unknown {
  const { world, wire } = call;
  switch (shelf) {
    case 'tracks': {
      const track = world.catalogue.track(id);
      return track ? wire.listedTrack(track) : null;
    }
    case 'albums': {
      const album = world.catalogue.album(id);
      if (!album) return null;
      const address = wire.href(`albums/${id}/tracks`);
      return wire.album(
        album,
        pageObject(address, { limit: 50, offset: 0 }, album.tracks, (track) => wire.simpleTrack(track)),
      );
    }
    case 'shows': {
      const show = world.catalogue.show(id);
      return show ? wire.simpleShow(show) : null;
    }
    case 'episodes': {
      const episode = world.catalogue.episode(id);
      return episode ? wire.episode(episode) : null;
    }
  }
}

/** The older ways to change a shelf; gone in development mode. */
function olderChanges(shelf: Shelf): Endpoint[] {
  const path = `/v1/me/${shelf}`;
  const change =
    (action: 'save' | 'remove') =>
    (call: ApiCall): Reply => {
      const body = jsonBody(call.request) ?? {};
      const stamped = shelf === 'tracks' && Array.isArray(body.timestamped_ids) ? timestamps(body) : null;
      const ids =
        stamped?.map(({ id }) => id) ?? textList(body.ids, 'ids') ?? queryList(call.request, 'ids', 50);
      if (ids.length > 50) throw badRequest('Too many ids requested');
      if (!ids.every(isSpotifyId)) throw badRequest('Invalid base62 id');
      const person = call.person();
      const kept = SHELVES[shelf].of(person);
      ids.forEach((id, index) => {
        if (action === 'remove') kept.remove(id);
        else if (entryObject(call, shelf, id) !== null) kept.add(id, stamped?.[index]?.atMs ?? call.nowMs);
      });
      note(call, person, `library.${action}`, { kind: SHELVES[shelf].entry, ids });
      return empty();
    };
  return [
    { method: 'put', path, scopes: MODIFY, removedInDevelopment: true, handle: change('save') },
    { method: 'delete', path, scopes: MODIFY, removedInDevelopment: true, handle: change('remove') },
    {
      method: 'get',
      path: `${path}/contains`,
      scopes: READ,
      removedInDevelopment: true,
      handle: (call) => {
        const ids = queryList(call.request, 'ids', 50);
        return json(ids.map((id) => SHELVES[shelf].of(call.person()).has(id)));
      },
    },
  ];
}

function timestamps(body: Record<string, unknown>): { id: string; atMs: number }[] {
  const list = body.timestamped_ids as { id?: unknown; added_at?: unknown }[];
  return list.map(({ id, added_at }) => {
    const atMs = Date.parse(String(added_at));
    if (typeof id !== 'string' || Number.isNaN(atMs)) throw badRequest('Invalid timestamped_ids');
    return { id, atMs };
  });
}

function note(call: ApiCall, person: Person, action: string, details: Record<string, unknown>): void {
  call.world.commands.record({ atMs: call.nowMs, personId: person.id, action, details });
}

interface NamedUri {
  kind: UriKind;
  id: string;
}

/** The URIs in the query; a body is not looked at. @throws ApiError 400. */
function namedUris(call: ApiCall, kinds: readonly UriKind[]): NamedUri[] {
  return queryList(call.request, 'uris', MOST_URIS).map((uri) => {
    const named = parseSpotifyUri(uri);
    if (!named || !kinds.includes(named.kind)) throw badRequest(`Invalid uri: ${uri}`);
    return named;
  });
}

/** Which scope each kind of URI needs. */
const MODIFY_SCOPE: Partial<Record<UriKind, readonly string[]>> = {
  user: ['user-follow-modify'],
  playlist: ['playlist-modify-public', 'playlist-modify-private'],
};
const READ_SCOPE: Partial<Record<UriKind, readonly string[]>> = {
  user: ['user-follow-read'],
  artist: ['user-follow-read'],
  playlist: ['playlist-read-private'],
};

function needScopes(
  call: ApiCall,
  uris: readonly NamedUri[],
  table: typeof MODIFY_SCOPE,
  usual: string,
): void {
  for (const { kind } of uris) {
    const accepted = table[kind] ?? [usual];
    if (!accepted.some((scope) => call.scopes.has(scope)))
      throw new ApiError(403, 'Insufficient client scope');
  }
}

function keptOf(person: Person, kind: UriKind): SavedItems | null {
  switch (kind) {
    case 'track':
      return person.liked;
    case 'album':
      return person.albums;
    case 'show':
      return person.shows;
    case 'episode':
      return person.episodes;
    case 'artist':
      return person.artists;
    case 'user':
      return person.users;
    case 'playlist':
      return null;
  }
}

function exists(call: ApiCall, { kind, id }: NamedUri): boolean {
  const { catalogue, stock, people, playlists } = call.world;
  const looks: Record<UriKind, () => unknown> = {
    track: () => (stock.has(id) ? catalogue.track(id) : undefined),
    album: () => catalogue.album(id),
    show: () => catalogue.show(id),
    episode: () => catalogue.episode(id),
    artist: () => catalogue.artist(id),
    user: () => people.find(id),
    playlist: () => playlists.find(id),
  };
  return looks[kind]() !== undefined;
}

const CHANGEABLE = ['track', 'album', 'episode', 'show', 'user', 'playlist'] as const;

function changeLibrary(call: ApiCall, action: 'save' | 'remove'): Reply {
  const uris = namedUris(call, CHANGEABLE);
  needScopes(call, uris, MODIFY_SCOPE, 'user-library-modify');
  const person = call.person();
  if (action === 'save' && !uris.every((uri) => exists(call, uri))) throw notFound();
  for (const { kind, id } of uris) {
    const kept = keptOf(person, kind);
    if (kept && action === 'save') kept.add(id, call.nowMs);
    else if (kept) kept.remove(id);
    else if (action === 'save') call.world.playlists.follow(person.id, id);
    else call.world.playlists.unfollow(person.id, id);
  }
  note(call, person, `library.${action}`, { uris: uris.map(({ kind, id }) => `spotify:${kind}:${id}`) });
  return empty();
}

function containsInLibrary(call: ApiCall): Reply {
  const uris = namedUris(call, [...CHANGEABLE, 'artist']);
  needScopes(call, uris, READ_SCOPE, 'user-library-read');
  const person = call.person();
  return json(
    uris.map(
      ({ kind, id }) => keptOf(person, kind)?.has(id) ?? call.world.playlists.isFollowing(person.id, id),
    ),
  );
}

function followedArtists(call: ApiCall): Reply {
  const { request, wire, world } = call;
  if (required(queryText(request, 'type'), 'type') !== 'artist') throw badRequest('Invalid type');
  const { limit } = requestedPage(request, PAGE);
  const all = call.person().artists.list();
  const after = queryText(request, 'after');
  const start = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
  const shown = all.slice(start, start + limit);
  const last = start + limit < all.length ? (shown.at(-1)?.id ?? null) : null;
  const href = `${wire.href('me/following')}?type=artist`;
  return json({
    artists: {
      href: `${href}&limit=${limit}${after === undefined ? '' : `&after=${after}`}`,
      items: shown.flatMap(({ id }) => {
        const artist = world.catalogue.artist(id);
        return artist ? [wire.artist(artist)] : [];
      }),
      limit,
      next: last === null ? null : `${href}&after=${last}&limit=${limit}`,
      cursors: { after: last },
      total: all.length,
    },
  });
}

function olderFollowing(action: 'save' | 'remove') {
  return (call: ApiCall): Reply => {
    const type = queryText(call.request, 'type');
    if (type !== 'artist' && type !== 'user') throw badRequest('Invalid type');
    const ids = textList(jsonBody(call.request)?.ids, 'ids') ?? queryList(call.request, 'ids', 50);
    const person = call.person();
    const kept = type === 'artist' ? person.artists : person.users;
    for (const id of ids) action === 'save' ? kept.add(id, call.nowMs) : kept.remove(id);
    note(call, person, `library.${action}`, { kind: type, ids });
    return { status: 204, empty: true };
  };
}

const FOLLOW_MODIFY = [['user-follow-modify']];
const shelves = Object.keys(SHELVES) as Shelf[];

export const libraryEndpoints: readonly Endpoint[] = [
  ...shelves.map(listing),
  ...shelves.flatMap(olderChanges),
  {
    method: 'get',
    path: '/v1/me/audiobooks',
    scopes: READ,
    handle: (call) =>
      json(pageObject(call.wire.href('me/audiobooks'), requestedPage(call.request, PAGE), [], () => null)),
  },
  { method: 'put', path: '/v1/me/library', handle: (call) => changeLibrary(call, 'save') },
  { method: 'delete', path: '/v1/me/library', handle: (call) => changeLibrary(call, 'remove') },
  { method: 'get', path: '/v1/me/library/contains', handle: containsInLibrary },
  { method: 'get', path: '/v1/me/following', scopes: [['user-follow-read']], handle: followedArtists },
  {
    method: 'put',
    path: '/v1/me/following',
    scopes: FOLLOW_MODIFY,
    removedInDevelopment: true,
    handle: olderFollowing('save'),
  },
  {
    method: 'delete',
    path: '/v1/me/following',
    scopes: FOLLOW_MODIFY,
    removedInDevelopment: true,
    handle: olderFollowing('remove'),
  },
  {
    method: 'get',
    path: '/v1/me/following/contains',
    scopes: [['user-follow-read']],
    removedInDevelopment: true,
    handle: (call) => {
      const person = call.person();
      const kept = queryText(call.request, 'type') === 'user' ? person.users : person.artists;
      return json(queryList(call.request, 'ids', 50).map((id) => kept.has(id)));
    },
  },
];
