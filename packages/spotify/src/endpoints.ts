import type { z } from 'zod';
import type { Perform } from './client.ts';
import { BadResponse } from './errors.ts';
import { albumSchema, artistSchema, pageSchema, trackSchema } from './schemas/catalogue.ts';
import {
  containedSchema,
  likedTracksSchema,
  playlistItemsSchema,
  playlistSchema,
  playlistWithItemsSchema,
  profileSchema,
  searchSchema,
  snapshotSchema,
} from './schemas/library.ts';
import { devicesSchema, playerSchema, queueSchema, recentlyPlayedSchema } from './schemas/player.ts';

/** Largest pages that Spotify gives. */
export const PAGE_LIMIT = 50;
export const MAX_URIS_PER_WRITE = 100;
export const MAX_LIBRARY_URIS = 40;
const SEARCH_LIMIT = 10;

export interface PageRequest {
  readonly limit?: number;
  readonly offset?: number;
}

export interface PlayRequest {
  readonly deviceId?: string;
  readonly uris?: readonly string[];
  readonly contextUri?: string;
  readonly positionMs?: number;
}

/** The current endpoints (those of 2026), by what they are for. */
export function endpoints(perform: Perform) {
  const get = async <S extends z.ZodType>(
    path: string,
    schema: S,
    query?: Record<string, string | number | undefined>,
  ) => {
    const body = await perform({ method: 'GET', path, schema, ...(query ? { query } : {}) });
    if (body === null) throw new BadResponse(`GET ${path}: no body`);
    return body;
  };
  const page = ({ limit = PAGE_LIMIT, offset = 0 }: PageRequest = {}) => ({ limit, offset });
  const id = encodeURIComponent;
  const command = async (
    method: 'PUT' | 'POST',
    path: string,
    query: Record<string, string | number | undefined> = {},
    body?: object,
  ): Promise<void> => {
    await perform({ method, path: `/v1/me/player${path}`, query, ...(body ? { body } : {}) });
  };

  return {
    me: () => get('/v1/me', profileSchema),

    /** The player's state; null when nothing is active. */
    player: () =>
      perform({
        method: 'GET',
        path: '/v1/me/player',
        query: { additional_types: 'track,episode' },
        schema: playerSchema,
      }),
    queue: () => get('/v1/me/player/queue', queueSchema),
    devices: async () => (await get('/v1/me/player/devices', devicesSchema)).devices,
    /** Newest first, at most 50; `after` and `before` are epoch ms, exclusive, one of them at most. */
    recentlyPlayed: (window: { after?: number; before?: number; limit?: number } = {}) =>
      get('/v1/me/player/recently-played', recentlyPlayedSchema, { limit: PAGE_LIMIT, ...window }),

    play: ({ deviceId, uris, contextUri, positionMs }: PlayRequest = {}) => {
      const what = uris ? { uris: [...uris] } : contextUri ? { context_uri: contextUri } : undefined;
      // Resuming needs no body at all: an empty object once cleared the queue (spotify/web-api#501).
      const body = what
        ? { ...what, ...(positionMs === undefined ? {} : { position_ms: positionMs }) }
        : undefined;
      return command('PUT', '/play', { device_id: deviceId }, body);
    },
    pause: (deviceId?: string) => command('PUT', '/pause', { device_id: deviceId }),
    next: (deviceId?: string) => command('POST', '/next', { device_id: deviceId }),
    previous: (deviceId?: string) => command('POST', '/previous', { device_id: deviceId }),
    seek: (positionMs: number, deviceId?: string) =>
      command('PUT', '/seek', { position_ms: positionMs, device_id: deviceId }),
    volume: (percent: number, deviceId?: string) =>
      command('PUT', '/volume', { volume_percent: percent, device_id: deviceId }),
    enqueue: (uri: string, deviceId?: string) => command('POST', '/queue', { uri, device_id: deviceId }),
    transfer: (deviceId: string, play: boolean) => command('PUT', '', {}, { device_ids: [deviceId], play }),

    track: (trackId: string) => get(`/v1/tracks/${id(trackId)}`, trackSchema),
    album: (albumId: string) => get(`/v1/albums/${id(albumId)}`, albumSchema),
    artist: (artistId: string) => get(`/v1/artists/${id(artistId)}`, artistSchema),
    /** At most 10 of each kind. */
    search: (
      q: string,
      types: readonly ('track' | 'album' | 'artist' | 'playlist')[],
      limit = SEARCH_LIMIT,
    ) => get('/v1/search', searchSchema, { q, type: types.join(','), limit: Math.min(limit, SEARCH_LIMIT) }),

    likedTracks: (request?: PageRequest) => get('/v1/me/tracks', likedTracksSchema, page(request)),
    myPlaylists: (request?: PageRequest) =>
      get('/v1/me/playlists', pageSchema(playlistSchema.nullable()), page(request)),
    playlist: (playlistId: string) => get(`/v1/playlists/${id(playlistId)}`, playlistSchema),
    /** The same with its first page of items, usually 100. */
    playlistWithItems: (playlistId: string) =>
      get(`/v1/playlists/${id(playlistId)}`, playlistWithItemsSchema, { additional_types: 'track,episode' }),
    playlistItems: (playlistId: string, request?: PageRequest) =>
      get(`/v1/playlists/${id(playlistId)}/items`, playlistItemsSchema, {
        ...page(request),
        additional_types: 'track,episode',
      }),
    createPlaylist: async (playlist: { name: string; description?: string; public?: boolean }) => {
      const made = await perform({
        method: 'POST',
        path: '/v1/me/playlists',
        body: { public: false, ...playlist },
        schema: playlistSchema,
      });
      if (made === null) throw new BadResponse('POST /v1/me/playlists: no body');
      return made;
    },
    /** Not idempotent: after a failure without an answer, read back before trying again. At most 100 URIs. */
    addItems: (playlistId: string, uris: readonly string[], position?: number) =>
      perform({
        method: 'POST',
        path: `/v1/playlists/${id(playlistId)}/items`,
        body: { uris: [...uris], ...(position === undefined ? {} : { position }) },
        schema: snapshotSchema,
      }),
    /** Replaces everything by at most 100 URIs. */
    replaceItems: (playlistId: string, uris: readonly string[]) =>
      perform({
        method: 'PUT',
        path: `/v1/playlists/${id(playlistId)}/items`,
        body: { uris: [...uris] },
        schema: snapshotSchema,
      }),
    /** Saves or follows by URI, at most 40; the query string is the only place where Spotify takes them. */
    saveToLibrary: (uris: readonly string[]) =>
      perform({ method: 'PUT', path: '/v1/me/library', query: { uris: uris.join(',') } }),
    /** Which of the URIs, at most 40, are saved or followed, in their order. */
    inLibrary: (uris: readonly string[]) =>
      get('/v1/me/library/contains', containedSchema, { uris: uris.join(',') }),
    removeFromLibrary: (uris: readonly string[]) =>
      perform({ method: 'DELETE', path: '/v1/me/library', query: { uris: uris.join(',') } }),
  };
}

interface Page<Item> {
  readonly items: readonly Item[];
  readonly total?: number | null | undefined;
  readonly next?: string | null | undefined;
}

/** Walks all pages of a list, one call at a time, as far as the caller reads. */
export async function* paginate<Item>(
  readPage: (request: Required<PageRequest>) => Promise<Page<Item>>,
  limit = PAGE_LIMIT,
): AsyncGenerator<Item> {
  for (let offset = 0; ; offset += limit) {
    const { items, next } = await readPage({ limit, offset });
    yield* items;
    if (!next || items.length === 0) return;
  }
}
