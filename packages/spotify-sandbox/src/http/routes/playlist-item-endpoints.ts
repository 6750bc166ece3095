import type { Episode, Track } from '../../catalogue/items.ts';
import { findPlayable } from '../../control/script-steps.ts';
import type { Playlist, PlaylistEntry } from '../../library/playlist.ts';
import { ApiError, badRequest, forbidden } from '../api-error.ts';
import { type ApiCall, type Endpoint, json, type Reply } from '../endpoint.ts';
import {
  jsonBody,
  queryInteger,
  queryList,
  queryText,
  textList,
  wantsEpisodes,
  wholeNumber,
} from '../request-input.ts';
import { pickFields } from '../wire/field-filter.ts';
import { pageObject, requestedPage } from '../wire/paging.ts';
import { mayEdit, playlistEntryObject } from '../wire/playlist-object.ts';
import { findPlaylist, needModifyScope, note } from './playlist-access.ts';

/** URIs in one request. */
const MOST_URIS = 100;

/** `/items` of the current rules and `/tracks` of the older ones: the same operations under two names. */
interface Naming {
  path: 'items' | 'tracks';
  /** Longest page. */
  page: number;
  /** What the list in the body of a DELETE is called. */
  removals: 'items' | 'tracks';
}

function readItems(call: ApiCall, naming: Naming): Reply {
  const { request, wire, world } = call;
  const playlist = findPlaylist(call);
  if (!wire.extended && !mayEdit(world, playlist, call.personIfAny)) throw forbidden();
  if ((!playlist.details.public || !wire.extended) && !call.scopes.has('playlist-read-private')) {
    throw new ApiError(403, 'Insufficient client scope');
  }
  const page = requestedPage(request, { max: naming.page, fallback: Math.min(naming.page, 100) });
  const object = pageObject(
    wire.href(`playlists/${playlist.id}/${naming.path}`),
    page,
    playlist.entries,
    (entry) => playlistEntryObject(wire, entry, wantsEpisodes(request)),
  );
  return json(pickFields(object, queryText(request, 'fields')));
}

/** The playlist of a write, after ownership and scope have been checked. */
function writable(call: ApiCall, verb: string): Playlist {
  const playlist = findPlaylist(call);
  if (!mayEdit(call.world, playlist, call.person())) {
    throw forbidden(`You cannot ${verb} a playlist you don't own.`);
  }
  needModifyScope(call, playlist.details.public);
  return playlist;
}

function entriesOf(call: ApiCall, uris: readonly string[]): PlaylistEntry[] {
  if (uris.length > MOST_URIS) throw badRequest(`You can add a maximum of ${MOST_URIS} tracks per request.`);
  return uris.map((uri): PlaylistEntry => {
    const item: Track | Episode | undefined = /^spotify:(track|episode):/.test(uri)
      ? findPlayable(call.world, uri)
      : undefined;
    if (!item) throw badRequest(`Invalid track uri: ${uri}`);
    return { item, addedAtMs: call.nowMs, addedById: call.person().id };
  });
}

function checkRoom(call: ApiCall, count: number): void {
  if (count > call.world.settings.playlistItemLimit) throw forbidden('Playlist size limit reached');
}

function addItems(call: ApiCall): Reply {
  const playlist = writable(call, 'add tracks to');
  const inQuery = queryText(call.request, 'uris');
  const body = inQuery === undefined ? (jsonBody(call.request) ?? {}) : {};
  const uris =
    inQuery === undefined ? textList(body.uris, 'uris') : queryList(call.request, 'uris', MOST_URIS);
  if (!uris) throw badRequest('Missing required field: uris');
  const entries = entriesOf(call, uris);
  const length = playlist.entries.length;
  checkRoom(call, length + entries.length);
  const position =
    wholeNumber(body.position, 'position') ??
    queryInteger(call.request, 'position', { min: 0, max: length, fallback: length });
  if (position > length) throw badRequest('Index out of bounds');
  playlist.insert(entries, position, call.nowMs);
  note(call, 'playlist.addItems', { playlistId: playlist.id, uris, position });
  return json({ snapshot_id: playlist.snapshotId }, 201);
}

function changeItems(call: ApiCall): Reply {
  const playlist = writable(call, 'change the tracks of');
  const body = jsonBody(call.request) ?? {};
  const inQuery = queryText(call.request, 'uris');
  const uris =
    inQuery === undefined
      ? textList(body.uris, 'uris')
      : inQuery === ''
        ? []
        : queryList(call.request, 'uris', MOST_URIS);
  const reorders = body.range_start !== undefined || body.insert_before !== undefined;
  if (uris && reorders) throw badRequest('Cannot replace and reorder in one request');
  if (uris) {
    const entries = entriesOf(call, uris);
    playlist.replace(entries, call.nowMs);
    note(call, 'playlist.replaceItems', { playlistId: playlist.id, uris });
    return json({ snapshot_id: playlist.snapshotId });
  }
  if (!reorders) throw badRequest('Missing required field: uris');
  const start = wholeNumber(body.range_start, 'range_start') ?? 0;
  const before = wholeNumber(body.insert_before, 'insert_before') ?? 0;
  const length = wholeNumber(body.range_length, 'range_length') ?? 1;
  const total = playlist.entries.length;
  if (start >= total || start + length > total || before > total) throw badRequest('Index out of bounds');
  playlist.reorder(start, length, before, call.nowMs);
  note(call, 'playlist.reorderItems', { playlistId: playlist.id, start, length, before });
  return json({ snapshot_id: playlist.snapshotId });
}

function removeItems(call: ApiCall, naming: Naming): Reply {
  const playlist = writable(call, 'remove tracks from');
  const body = jsonBody(call.request) ?? {};
  const list = body[naming.removals];
  if (!Array.isArray(list)) throw badRequest(`Missing required field: ${naming.removals}`);
  if (list.length > MOST_URIS)
    throw badRequest(`You can remove a maximum of ${MOST_URIS} tracks per request.`);
  const uris = list.map((entry: unknown) => {
    const uri = typeof entry === 'object' && entry !== null && 'uri' in entry ? entry.uri : undefined;
    if (typeof uri !== 'string') throw badRequest(`Invalid ${naming.removals}`);
    return uri;
  });
  if (body.snapshot_id !== undefined && typeof body.snapshot_id !== 'string')
    throw badRequest('Invalid snapshot_id');
  playlist.removeUris(new Set(uris), call.nowMs);
  note(call, 'playlist.removeItems', { playlistId: playlist.id, uris });
  return json({ snapshot_id: playlist.snapshotId });
}

function operations(naming: Naming, removedInDevelopment: boolean): Endpoint[] {
  const path = `/v1/playlists/:id/${naming.path}`;
  return [
    { method: 'get', path, removedInDevelopment, handle: (call) => readItems(call, naming) },
    { method: 'post', path, removedInDevelopment, handle: addItems },
    { method: 'put', path, removedInDevelopment, handle: changeItems },
    { method: 'delete', path, removedInDevelopment, handle: (call) => removeItems(call, naming) },
  ];
}

export const playlistItemEndpoints: readonly Endpoint[] = [
  ...operations({ path: 'items', page: 50, removals: 'items' }, false),
  ...operations({ path: 'tracks', page: 100, removals: 'tracks' }, true),
];
