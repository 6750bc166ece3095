/** Rows as Spotify writes them, with everything that must not be kept. */
export type Row = Record<string, unknown>;

export const SECRETS = {
  ip: '203.0.113.77',
  userAgent: 'Mozilla/5.0 (Secret Phone)',
  username: 'secret.listener.1987',
  country: 'ZQ',
} as const;

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The Spotify id of the n-th invented track, 22 characters. */
export function trackId(n: number): string {
  let text = '';
  for (let rest = n, place = 0; place < 22; place += 1) {
    text = (BASE62[rest % 62] ?? '0') + text;
    rest = Math.floor(rest / 62);
  }
  return text;
}

/** A stamp as exports have it: UTC, whole seconds. */
export const stamp = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** A row of 2023 and later. */
export function newRow(n: number, endedAt: number, extra: Row = {}): Row {
  return {
    ts: stamp(endedAt),
    platform: 'android',
    ms_played: 180_000,
    conn_country: SECRETS.country,
    ip_addr: SECRETS.ip,
    master_metadata_track_name: `Song ${n}`,
    master_metadata_album_artist_name: `Band ${n % 40}`,
    master_metadata_album_album_name: `Record ${n % 90}`,
    spotify_track_uri: `spotify:track:${trackId(n)}`,
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
    offline_timestamp: Math.floor(endedAt / 1_000) - 180,
    incognito_mode: false,
    ...extra,
  };
}

/** A row of an `endsong_N.json`: more that must not be kept, times offline in ms, flags that may be null. */
export function oldRow(n: number, endedAt: number, extra: Row = {}): Row {
  const row: Row = {
    ...newRow(n, endedAt),
    username: SECRETS.username,
    ip_addr_decrypted: SECRETS.ip,
    user_agent_decrypted: SECRETS.userAgent,
    skipped: null,
    offline: null,
    offline_timestamp: endedAt - 180_000,
  };
  for (const key of Object.keys(row)) if (key.startsWith('audiobook') || key === 'ip_addr') delete row[key];
  return { ...row, ...extra };
}

/** So many plays, three and a half minutes apart, of `tracks` different tracks. */
export function plays(count: number, options: { from: number; tracks?: number }): Row[] {
  return Array.from({ length: count }, (_, index) =>
    newRow((index * 7) % (options.tracks ?? 50), options.from + index * 210_000),
  );
}

export const json = (rows: unknown): Buffer => Buffer.from(JSON.stringify(rows, null, 2));
