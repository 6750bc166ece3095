/**
 * Groups of endpoints that are limited together. Spotify publishes neither its groups nor their sizes
 * (developer.spotify.com/documentation/web-api/concepts/quota-modes), so these follow what lock-outs
 * were seen to have in common.
 */
export const BUCKETS = [
  'player',
  'library',
  'playlists',
  'catalog',
  'search',
  'profile',
  'accounts',
] as const;
export type Bucket = (typeof BUCKETS)[number];

const RULES: readonly (readonly [RegExp, Bucket])[] = [
  [/^\/v1\/me\/player/, 'player'],
  [/^\/v1\/(me\/playlists|playlists)/, 'playlists'],
  [/^\/v1\/me\/(tracks|albums|library|top|following|shows|episodes|audiobooks)/, 'library'],
  [/^\/v1\/search/, 'search'],
  [/^\/v1\/me$/, 'profile'],
];

/** The bucket of a path of the Web API (`/v1/…`, without its query). */
export function bucketOf(path: string): Bucket {
  return RULES.find(([pattern]) => pattern.test(path))?.[1] ?? 'catalog';
}
