import type { LibraryAccess, ReadOptions } from './access.ts';

export async function readPlaylistList(
  _access: LibraryAccess,
  _userId: number,
  _options: ReadOptions,
): Promise<{ readonly playlists: number }> {
  throw new Error('not yet');
}
