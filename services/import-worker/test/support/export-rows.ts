import type { TrackItem } from '@spindle/db';

/** Rows of exports as Spotify writes them, with everything that must never be kept. */
export type Row = Record<string, unknown>;

export const SECRETS = {
  ip: '203.0.113.77',
  userAgent: 'ForbiddenAgent%2F1.0',
  userName: 'forbidden-user-name',
  country: 'ZQ-nowhere',
};

/** A Spotify id of the right form, the same for the same name. */
export const spotifyId = (name: string): string =>
  Buffer.from(name).toString('hex').slice(0, 22).padEnd(22, '0');

/** `2024-05-01T12:00:00Z`, as exports write it. */
export const stamp = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** A row of the form since 2023. */
export function row(track: string, endedAt: number, changes: Row = {}): Row {
  return {
    ts: stamp(endedAt),
    platform: 'android',
    ms_played: 180_000,
    conn_country: SECRETS.country,
    ip_addr: SECRETS.ip,
    master_metadata_track_name: `Track ${track}`,
    master_metadata_album_artist_name: `Artist of ${track}`,
    master_metadata_album_album_name: `Album of ${track}`,
    spotify_track_uri: `spotify:track:${spotifyId(track)}`,
    episode_name: null,
    episode_show_name: null,
    spotify_episode_uri: null,
    audiobook_title: null,
    audiobook_uri: null,
    audiobook_chapter_uri: null,
    audiobook_chapter_title: null,
    reason_start: 'trackdone',
    reason_end: 'trackdone',
    shuffle: false,
    skipped: false,
    offline: false,
    offline_timestamp: Math.floor(endedAt / 1000) - 180,
    incognito_mode: false,
    ...changes,
  };
}

/** A row of an `endsong_0.json` from before 2023: more about the person, ms in `offline_timestamp`, null flags. */
export function oldRow(track: string, endedAt: number, changes: Row = {}): Row {
  const modern = row(track, endedAt);
  const kept = Object.entries(modern).filter(([key]) => !key.startsWith('audiobook') && key !== 'ip_addr');
  return {
    ...Object.fromEntries(kept),
    username: SECRETS.userName,
    ip_addr_decrypted: SECRETS.ip,
    user_agent_decrypted: SECRETS.userAgent,
    skipped: null,
    offline: null,
    reason_start: '',
    reason_end: null,
    offline_timestamp: endedAt - 180_000,
    incognito_mode: null,
    ...changes,
  };
}

/** The track of {@link row} as Spotify's API tells it. */
export function trackItem(track: string, durationMs = 180_000): TrackItem {
  const artist = { spotifyId: spotifyId(`artist-${track}`), name: `Artist of ${track}` };
  return {
    spotifyId: spotifyId(track),
    name: `Track ${track}`,
    durationMs,
    explicit: false,
    isrc: null,
    discNumber: 1,
    trackNumber: 1,
    artists: [artist],
    album: {
      spotifyId: spotifyId(`album-${track}`),
      name: `Album of ${track}`,
      albumType: 'album',
      releaseDate: '2020',
      releaseDatePrecision: 'year',
      totalTracks: 10,
      images: [],
      artists: [artist],
    },
  };
}
