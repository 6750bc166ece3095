import type { PlaylistEntry } from '@spindle/db';
import type { LibraryAccess, ReadOptions } from './access.ts';

/** The items of a playlist, in order. */
export interface PlaylistCopy {
  readonly playlistId: string;
  readonly name: string;
  readonly own: boolean;
  readonly entries: readonly PlaylistEntry[];
  /** Nothing had changed since they were read before. */
  readonly unchanged: boolean;
}

export async function readPlaylistContents(
  _access: LibraryAccess,
  _userId: number,
  _playlistId: string,
  _options: ReadOptions,
): Promise<PlaylistCopy> {
  throw new Error('not yet');
}
