/** Spotify was founded in 2006; older stamps are mistakes. Epoch ms. */
export const SPOTIFY_BEGAN_MS = Date.UTC(2006, 0, 1);

/** Where an export has lost the names of a track. */
export const UNKNOWN_TRACK = 'Unknown track';
export const UNKNOWN_ARTIST = 'Unknown artist';
