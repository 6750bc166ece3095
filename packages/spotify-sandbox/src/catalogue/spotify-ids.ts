import type { SeededRandom } from '../seeded-random.ts';

const BASE62 = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const ID_FORM = /^[0-9A-Za-z]{22}$/;

/** A Spotify id: 22 base-62 digits. The first stays small because real ids are 128-bit numbers. */
export function spotifyId(random: SeededRandom): string {
  let id = String(random.int(0, 7));
  while (id.length < 22) id += BASE62.charAt(random.int(0, 61));
  return id;
}

export function isSpotifyId(text: string): boolean {
  return ID_FORM.test(text);
}

const URI_KINDS = ['track', 'album', 'artist', 'playlist', 'show', 'episode', 'user'] as const;
export type UriKind = (typeof URI_KINDS)[number];

/** `spotify:track:…` taken apart; null when it is not such a URI (a local file's is not). */
export function parseSpotifyUri(uri: string): { kind: UriKind; id: string } | null {
  const match = /^spotify:([a-z]+):([^:]+)$/.exec(uri);
  const kind = URI_KINDS.find((known) => known === match?.[1]);
  const id = match?.[2];
  if (!kind || !id) return null;
  return kind === 'user' || isSpotifyId(id) ? { kind, id } : null;
}
