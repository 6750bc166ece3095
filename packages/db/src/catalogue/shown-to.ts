/** Condition that the listener `user` heard one of the tracks that `tracks` (a SELECT of ids) names, or likes it. */
const knows = (user: string, tracks: string) =>
  `EXISTS (SELECT 1 FROM plays p WHERE p.user_id = ${user} AND p.track_id IN (${tracks}))
     OR EXISTS (SELECT 1 FROM liked_tracks k WHERE k.user_id = ${user} AND k.track_id IN (${tracks}))`;

/**
 * Condition that a listener may be shown a row of the catalogue. What Spotify knows is public. What is
 * known by name alone came out of somebody's player or files, and is for those alone who have it too: row
 * ids are easily guessed.
 *
 * @param item alias of the row of `tracks`, `artists` or `albums`
 * @param user the listener's id, as an expression of SQL
 */
export function shownTo(kind: 'track' | 'artist' | 'album', item: string, user: string): string {
  const tracks = {
    track: `SELECT ${item}.id`,
    artist: `SELECT l.track_id FROM track_artists l WHERE l.artist_id = ${item}.id`,
    album: `SELECT o.id FROM tracks o WHERE o.album_id = ${item}.id`,
  };
  return `(${item}.spotify_id IS NOT NULL OR ${knows(user, tracks[kind])})`;
}
