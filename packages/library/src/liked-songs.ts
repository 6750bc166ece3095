import type { LikedReading } from '@spindle/contracts';
import type { LibraryAccess, ReadOptions } from './access.ts';

export async function readLikedSongs(
  _access: LibraryAccess,
  _userId: number,
  _options: ReadOptions & { readonly full?: boolean },
): Promise<LikedReading> {
  throw new Error('not yet');
}
