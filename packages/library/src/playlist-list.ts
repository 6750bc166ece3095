import { type ListedPlaylist, storeLibraryPlaylists } from '@spindle/db';
import { PAGE_LIMIT, type SpotifyPlaylist } from '@spindle/spotify';
import type { LibraryAccess, ReadOptions } from './access.ts';

function listed(playlist: SpotifyPlaylist): ListedPlaylist {
  return {
    playlistId: playlist.id,
    name: playlist.name,
    description: playlist.description || null,
    ownerId: playlist.owner?.id ?? null,
    ownerName: playlist.owner?.display_name ?? null,
    collaborative: playlist.collaborative ?? false,
    public: playlist.public ?? null,
    images: (playlist.images ?? []).map(({ url, width, height }) => ({
      url,
      width: width ?? null,
      height: height ?? null,
    })),
    itemCount: playlist.items?.total ?? playlist.tracks?.total ?? null,
    snapshotId: playlist.snapshot_id ?? null,
  };
}

/** Reads the list of a listener's playlists, all pages of it, and stores it in the place of the one before. */
export async function readPlaylistList(
  { db, spotify, clock }: LibraryAccess,
  userId: number,
  { lane, signal, onPage }: ReadOptions,
): Promise<{ readonly playlists: number }> {
  const caller = spotify.as(userId, { lane, signal });
  const found: ListedPlaylist[] = [];
  for (let offset = 0; ; offset += PAGE_LIMIT) {
    signal.throwIfAborted();
    const { items, total, next } = await caller.myPlaylists({ offset });
    // Spotify leaves holes where a playlist was taken away.
    found.push(...items.flatMap((playlist) => (playlist ? [listed(playlist)] : [])));
    const done = offset + items.length;
    await onPage?.(done, total ?? done);
    if (!next || items.length === 0) break;
  }
  return { playlists: await storeLibraryPlaylists(db, userId, found, clock.now()) };
}
