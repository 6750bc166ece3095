import type { LocalFile } from '../catalogue/items.ts';
import type { PlaylistEntry } from '../library/playlist.ts';
import type { World } from '../world.ts';
import { findPlayable } from './script-steps.ts';

/** A playlist that somebody has all at once, of any length. */
export interface GivenPlaylist {
  name: string;
  /** Tracks, episodes, local files (`spotify:local:artist:album:title:seconds`); null: removed music. */
  uris: readonly (string | null)[];
  /** Default the person. Somebody else's playlist is followed. */
  ownerId?: string;
  /** Default false. A collaborative one is not public. */
  collaborative?: boolean;
  /** Default false. */
  public?: boolean;
  /** For each of `uris` when it was added; default now. */
  addedAtMs?: readonly number[];
}

/** @throws Error when an id or URI is unknown or the times are not as many as the URIs. */
export function givePlaylist(world: World, personId: string, given: GivenPlaylist): string {
  const { name, uris, collaborative = false, addedAtMs } = given;
  const person = world.people.get(personId);
  const owner = world.people.get(given.ownerId ?? personId);
  if (collaborative && given.public) throw new Error('a collaborative playlist cannot be public');
  if (addedAtMs && addedAtMs.length !== uris.length) {
    throw new Error(`${uris.length} uris, but ${addedAtMs.length} times`);
  }
  const nowMs = world.clock.nowMs();
  const entries = uris.map(
    (uri, place): PlaylistEntry => ({
      item: uri === null ? null : itemOf(world, uri),
      addedAtMs: addedAtMs?.[place] ?? nowMs,
      addedById: owner.id,
    }),
  );
  const details = { name, description: '', public: given.public ?? false, collaborative };
  const playlist = world.playlists.create(owner.id, details, nowMs);
  playlist.replace(entries, nowMs);
  world.playlists.follow(person.id, playlist.id);
  return playlist.id;
}

function itemOf(world: World, uri: string): PlaylistEntry['item'] {
  const item = uri.startsWith('spotify:local:') ? localFile(uri) : findPlayable(world, uri);
  if (!item) throw new Error(`no such track, episode or local file: ${uri}`);
  return item;
}

function localFile(uri: string): LocalFile | undefined {
  const [artist, album, name, seconds, ...rest] = uri
    .slice('spotify:local:'.length)
    .split(':')
    .map((part) => decodeURIComponent(part.replaceAll('+', ' ')));
  if (artist === undefined || album === undefined || name === undefined || rest.length > 0) return undefined;
  if (!/^\d+$/.test(seconds ?? '')) return undefined;
  return { kind: 'local', uri, name, artist, album, durationMs: Number(seconds) * 1000 };
}

/** Likes tracks one after the other: the last comes to stand on top. @throws Error for an unknown one. */
export function like(world: World, personId: string, trackIds: readonly string[], atMs?: number): void {
  const person = world.people.get(personId);
  for (const id of trackIds) needTrack(world, id);
  for (const id of trackIds) person.liked.add(id, atMs ?? world.clock.nowMs());
}

export function unlike(world: World, personId: string, trackIds: readonly string[]): void {
  const person = world.people.get(personId);
  for (const id of trackIds) person.liked.remove(id);
}

/** @throws Error when there is no such track. */
export function needTrack(world: World, id: string): void {
  if (!world.catalogue.track(id)) throw new Error(`there is no track ${id}`);
}
