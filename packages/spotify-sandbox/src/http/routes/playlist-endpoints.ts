import type { Playlist, PlaylistDetails } from '../../library/playlist.ts';
import { badRequest, forbidden, notFound } from '../api-error.ts';
import { type ApiCall, type Endpoint, empty, json, type Reply } from '../endpoint.ts';
import { jsonBody, queryText, wantsEpisodes } from '../request-input.ts';
import { pickFields } from '../wire/field-filter.ts';
import { pageObject, requestedPage } from '../wire/paging.ts';
import { mayEdit, playlistEntryObject, playlistImages, playlistObject } from '../wire/playlist-object.ts';
import { findPlaylist, needModifyScope, needOwner, note } from './playlist-access.ts';

const LIST_SCOPE = [['playlist-read-private']];
/** About as many as Spotify lets one person have. */
const PLAYLISTS_PER_PERSON = 11_000;
/** Bytes of the base-64 text of a cover. */
const COVER_LIMIT = 256 * 1024;

function listPlaylists(call: ApiCall, playlists: readonly Playlist[], address: string): Reply {
  const { request, wire, world } = call;
  const visible = playlists.filter(
    (playlist) => !playlist.details.collaborative || call.scopes.has('playlist-read-collaborative'),
  );
  return json(
    pageObject(wire.href(address), requestedPage(request, { max: 50, fallback: 20 }), visible, (playlist) =>
      playlistObject(world, wire, playlist, call.personIfAny),
    ),
  );
}

function userPlaylists(call: ApiCall): Reply {
  const { world, request } = call;
  const owner = world.people.find(String(request.params.id));
  if (!owner) throw notFound();
  const self = owner.id === call.personIfAny?.id;
  const shown = world.playlists.of(owner.id).filter((playlist) => self || playlist.details.public);
  return listPlaylists(call, shown, `users/${owner.id}/playlists`);
}

function createPlaylist(call: ApiCall): Reply {
  const { world, wire } = call;
  const person = call.person();
  const asked = call.request.params.id;
  if (asked !== undefined && asked !== person.id)
    throw forbidden('You cannot create a playlist for another user.');
  const given = detailsIn(call);
  if (given.name === undefined || given.name === '') throw badRequest('Missing required field: name');
  const details: PlaylistDetails = {
    name: given.name,
    description: given.description ?? '',
    public: given.public ?? true,
    collaborative: given.collaborative ?? false,
  };
  if (details.collaborative && details.public)
    throw badRequest('Collaborative playlists can only be private.');
  needModifyScope(call, details.public);
  if (world.playlists.of(person.id).length >= PLAYLISTS_PER_PERSON) {
    throw forbidden('Playlist limit reached');
  }
  const playlist = world.playlists.create(person.id, details, call.nowMs);
  note(call, 'playlist.create', { playlistId: playlist.id, ...details });
  return json(playlistObject(world, wire, playlist, person, itemsPage(call, playlist, 100)), 201);
}

/** @throws ApiError 400 when a field has the wrong type. */
function detailsIn(call: ApiCall): Partial<PlaylistDetails> {
  const body = jsonBody(call.request) ?? {};
  const details: Partial<PlaylistDetails> = {};
  for (const name of ['name', 'description'] as const) {
    const value = body[name];
    if (value === undefined || value === null) continue;
    if (typeof value !== 'string') throw badRequest(`Invalid ${name}`);
    details[name] = value;
  }
  for (const name of ['public', 'collaborative'] as const) {
    const value = body[name];
    if (value === undefined || value === null) continue;
    if (typeof value !== 'boolean') throw badRequest(`Invalid ${name}`);
    details[name] = value;
  }
  return details;
}

/** The first page of items, as a playlist itself carries it. */
function itemsPage(call: ApiCall, playlist: Playlist, limit: number): Record<string, unknown> {
  return pageObject(
    call.wire.href(`playlists/${playlist.id}/items`),
    { limit, offset: 0 },
    playlist.entries,
    (entry) => playlistEntryObject(call.wire, entry, wantsEpisodes(call.request)),
  );
}

function readPlaylist(call: ApiCall): Reply {
  const playlist = findPlaylist(call);
  const reader = call.personIfAny;
  const readable = call.wire.extended || mayEdit(call.world, playlist, reader);
  const items = readable ? itemsPage(call, playlist, 100) : undefined;
  const object: Record<string, unknown> = {
    ...playlistObject(call.world, call.wire, playlist, reader, items),
    ...(call.wire.extended && {
      followers: { href: null, total: call.world.playlists.followerCount(playlist.id) },
    }),
  };
  return json(pickFields(object, queryText(call.request, 'fields')));
}

function changePlaylist(call: ApiCall): Reply {
  const playlist = findPlaylist(call);
  const details = detailsIn(call);
  needOwner(call, playlist, 'You cannot change the details of a playlist you do not own.');
  needModifyScope(call, playlist.details.public);
  const after = { ...playlist.details, ...details };
  if (details.name === '') throw badRequest('Invalid name');
  if (after.collaborative && after.public) throw badRequest('Collaborative playlists can only be private.');
  playlist.changeDetails(details, call.nowMs);
  note(call, 'playlist.change', { playlistId: playlist.id, ...details });
  return empty();
}

function uploadCover(call: ApiCall): Reply {
  const playlist = findPlaylist(call);
  needOwner(call, playlist, 'You cannot change the cover of a playlist you do not own.');
  needModifyScope(call, playlist.details.public);
  const text = typeof call.request.body === 'string' ? call.request.body.trim() : '';
  if (text.length > COVER_LIMIT) throw badRequest('Image too large');
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length < 4 || bytes[0] !== 0xff || bytes[1] !== 0xd8)
    throw badRequest('Invalid image: not a JPEG');
  playlist.changeCover(bytes, call.nowMs);
  note(call, 'playlist.cover', { playlistId: playlist.id, bytes: bytes.length });
  return empty(202);
}

function follow(call: ApiCall, on: boolean): Reply {
  const playlist = findPlaylist(call);
  const { id } = call.person();
  needModifyScope(call, playlist.details.public);
  if (on) call.world.playlists.follow(id, playlist.id);
  else call.world.playlists.unfollow(id, playlist.id);
  note(call, on ? 'library.save' : 'library.remove', { uris: [playlist.uri] });
  return empty();
}

export const playlistEndpoints: readonly Endpoint[] = [
  {
    method: 'get',
    path: '/v1/me/playlists',
    scopes: LIST_SCOPE,
    handle: (call) => listPlaylists(call, call.world.playlists.of(call.person().id), 'me/playlists'),
  },
  { method: 'post', path: '/v1/me/playlists', handle: createPlaylist },
  {
    method: 'get',
    path: '/v1/users/:id/playlists',
    scopes: LIST_SCOPE,
    removedInDevelopment: true,
    handle: userPlaylists,
  },
  { method: 'post', path: '/v1/users/:id/playlists', removedInDevelopment: true, handle: createPlaylist },
  { method: 'get', path: '/v1/playlists/:id', handle: readPlaylist },
  { method: 'put', path: '/v1/playlists/:id', handle: changePlaylist },
  {
    method: 'get',
    path: '/v1/playlists/:id/images',
    handle: (call) => json(playlistImages(call.wire, findPlaylist(call))),
  },
  {
    method: 'put',
    path: '/v1/playlists/:id/images',
    scopes: [['ugc-image-upload']],
    handle: uploadCover,
  },
  {
    method: 'put',
    path: '/v1/playlists/:id/followers',
    removedInDevelopment: true,
    handle: (call) => follow(call, true),
  },
  {
    method: 'delete',
    path: '/v1/playlists/:id/followers',
    removedInDevelopment: true,
    handle: (call) => follow(call, false),
  },
  {
    method: 'get',
    path: '/v1/playlists/:id/followers/contains',
    removedInDevelopment: true,
    handle: (call) => {
      const playlist = findPlaylist(call);
      const ids = (queryText(call.request, 'ids') ?? call.personIfAny?.id ?? '').split(',');
      return json(ids.map((id) => call.world.playlists.isFollowing(id, playlist.id)));
    },
  },
];
