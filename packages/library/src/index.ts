export type { LibraryAccess, ReadOptions } from './access.ts';
export { trackItem } from './catalogue-items.ts';
export { readLikedSongs } from './liked-songs.ts';
export { type PlaylistCopy, readPlaylistContents } from './playlist-contents.ts';
export { readPlaylistList } from './playlist-list.ts';
export { estimateShuffle, playlistLengths, shuffleCalls, sourceOf } from './shuffle-estimate.ts';
