/** Everything that Spindle asks for at consent, with what it is for. */
export const SCOPES = [
  'user-read-playback-state', // the player
  'user-read-currently-playing', // the player's queue
  'user-modify-playback-state', // party rooms play on the host's device
  'user-read-recently-played', // history
  'user-library-read', // Liked Songs
  'user-library-modify', // following and unfollowing playlists
  'playlist-read-private',
  'playlist-read-collaborative',
  'playlist-modify-private',
  'playlist-modify-public',
  'user-top-read',
] as const;

/** Scopes that a consent lacks; Spotify grants everything a user ever agreed to for the app. */
export function missingScopes(granted: string): string[] {
  const held = new Set(granted.split(/\s+/));
  return SCOPES.filter((scope) => !held.has(scope));
}
