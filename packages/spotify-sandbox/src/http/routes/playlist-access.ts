import type { Playlist } from '../../library/playlist.ts';
import { ApiError, forbidden, notFound } from '../api-error.ts';
import type { ApiCall } from '../endpoint.ts';
import { pathId } from '../request-input.ts';

/** The playlist in the path. @throws ApiError 404 for an unknown or an editorial one. */
export function findPlaylist(call: ApiCall): Playlist {
  const id = pathId(call.request);
  const { playlists, people } = call.world;
  let playlist = playlists.find(id);
  if (!playlist) {
    // It may belong to somebody whom nobody has asked for yet.
    people.wakeAll();
    playlist = playlists.find(id);
  }
  if (!playlist || playlist.editorial) throw notFound();
  return playlist;
}

/** @throws ApiError 403 when the token lacks the scope for public or private playlists. */
export function needModifyScope(call: ApiCall, isPublic: boolean): void {
  const scope = isPublic ? 'playlist-modify-public' : 'playlist-modify-private';
  if (!call.scopes.has(scope)) throw new ApiError(403, 'Insufficient client scope');
}

export function needOwner(call: ApiCall, playlist: Playlist, message: string): void {
  if (call.person().id !== playlist.ownerId) throw forbidden(message);
}

export function note(call: ApiCall, action: string, details: Record<string, unknown>): void {
  call.world.commands.record({ atMs: call.nowMs, personId: call.person().id, action, details });
}
