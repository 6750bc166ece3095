import { type Image, imagesOf } from '../../artwork/image-address.ts';
import type { Episode } from '../../catalogue/items.ts';
import type { Playlist, PlaylistEntry } from '../../library/playlist.ts';
import type { Person } from '../../people/person.ts';
import type { World } from '../../world.ts';
import type { WireObjects } from './wire-objects.ts';
import { wireTime } from './wire-time.ts';

type Json = Record<string, unknown>;

/** Who may read and change the items of a playlist: its owner, and whoever follows a collaborative one. */
export function mayEdit(world: World, playlist: Playlist, person: Person | null): boolean {
  if (!person) return false;
  if (playlist.ownerId === person.id) return true;
  return playlist.details.collaborative && world.playlists.isFollowing(person.id, playlist.id);
}

/** A playlist without its items; development mode tells even their number to those only who may read them. */
export function playlistObject(
  world: World,
  wire: WireObjects,
  playlist: Playlist,
  reader: Person | null,
  items?: Json,
): Json {
  const { details } = playlist;
  const owner = world.people.find(playlist.ownerId);
  const reference = items ?? {
    href: wire.href(`playlists/${playlist.id}/items`),
    total: playlist.entries.length,
  };
  return {
    collaborative: details.collaborative,
    description: details.description,
    external_urls: wire.links('playlist', playlist.id),
    href: wire.href(`playlists/${playlist.id}`),
    id: playlist.id,
    images: playlistImages(wire, playlist),
    name: details.name,
    owner: {
      display_name: owner?.displayName ?? 'Spotify',
      external_urls: wire.links('user', playlist.ownerId),
      href: wire.href(`users/${playlist.ownerId}`),
      id: playlist.ownerId,
      type: 'user',
      uri: `spotify:user:${playlist.ownerId}`,
    },
    primary_color: null,
    public: details.public,
    snapshot_id: playlist.snapshotSeenAt(world.clock.nowMs(), world.settings.playlistSnapshotLagMs),
    type: 'playlist',
    uri: playlist.uri,
    ...((wire.extended || mayEdit(world, playlist, reader)) && { items: reference }),
    ...(wire.extended && { tracks: reference }),
  };
}

export function playlistImages(wire: WireObjects, playlist: Playlist): (Image | Json)[] {
  if (playlist.cover) {
    const url = `${wire.origin}/image/upload/${playlist.id}/${playlist.snapshotId.slice(0, 8)}`;
    return [{ url, width: null, height: null }];
  }
  if (playlist.entries.length === 0) return [];
  return imagesOf(wire.origin, 'playlist', playlist.imageKey);
}

/** One line of a playlist. @param episodes false: the reader did not ask for episodes and gets them as tracks */
export function playlistEntryObject(wire: WireObjects, entry: PlaylistEntry, episodes: boolean): Json {
  const item = entryItem(wire, entry.item, episodes);
  const { addedById } = entry;
  return {
    added_at: entry.addedAtMs === null ? null : wireTime(entry.addedAtMs),
    added_by:
      addedById === null
        ? null
        : {
            external_urls: wire.links('user', addedById),
            href: wire.href(`users/${addedById}`),
            id: addedById,
            type: 'user',
            uri: `spotify:user:${addedById}`,
          },
    is_local: entry.item?.kind === 'local',
    primary_color: null,
    item,
    ...(wire.extended && { track: item }),
    video_thumbnail: { url: null },
  };
}

function entryItem(wire: WireObjects, item: PlaylistEntry['item'], episodes: boolean): Json | null {
  switch (item?.kind) {
    case undefined:
      return null;
    case 'track':
      return wire.listedTrack(item);
    case 'local':
      return wire.localFile(item);
    case 'episode':
      return episodes ? wire.episode(item) : episodeAsTrack(wire, item);
  }
}

/** What somebody gets who only knows tracks: the show in the place of the album. */
function episodeAsTrack(wire: WireObjects, episode: Episode): Json {
  const { show } = episode;
  const images = imagesOf(wire.origin, 'show', show.imageKey);
  return {
    album: {
      album_type: 'compilation',
      artists: [],
      ...(wire.extended && { available_markets: [] }),
      external_urls: wire.links('show', show.id),
      href: wire.href(`shows/${show.id}`),
      id: show.id,
      images,
      is_playable: true,
      name: show.name,
      release_date: episode.releaseDate,
      release_date_precision: 'day',
      total_tracks: show.episodes.length,
      type: 'album',
      uri: show.uri,
    },
    artists: [],
    ...(wire.extended && { available_markets: [], popularity: 0 }),
    disc_number: 0,
    duration_ms: episode.durationMs,
    explicit: episode.explicit,
    external_ids: {},
    external_urls: wire.links('episode', episode.id),
    href: wire.href(`episodes/${episode.id}`),
    id: episode.id,
    is_local: false,
    is_playable: true,
    name: episode.name,
    preview_url: null,
    track_number: 0,
    type: 'track',
    uri: episode.uri,
  };
}
