import type { Random } from '@spindle/service-kit';

/** An invented listener's rows in the form of Spotify's extended streaming history. */
export type ExportRow = Readonly<Record<string, string | number | boolean | null>>;

interface Song {
  readonly uri: string;
  readonly name: string;
  readonly artist: string;
  readonly album: string;
  readonly durationMs: number;
}

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const WORDS =
  'amber river night glass harbour winter signal paper copper hollow garden static velvet thunder island echo marble summer shadow engine'.split(
    ' ',
  );
const PLATFORMS = [
  'Android OS 13 API 33 (samsung, SM-G991B)',
  'iOS 17.4.1 (iPhone15,3)',
  'windows',
  'Partner google cast;Google;Chromecast_Audio;;tpapi',
  'web_player windows 10;chrome 124.0.0.0;desktop',
];
/** Shorter listens are not stored. */
const SHORTEST_PLAY_MS = 5_000;
const DAY_MS = 86_400_000;
const LAST_DAY = Date.UTC(2026, 9, 1);

function id(random: Random): string {
  return Array.from({ length: 22 }, () => BASE62[random.int(62)]).join('');
}

function title(random: Random): string {
  return Array.from({ length: 1 + random.int(4) }, () => WORDS[random.int(WORDS.length)]).join(' ');
}

/** A collection of songs of which few are heard often and many once, by artists with several albums. */
function collection(count: number, random: Random): Song[] {
  const songs: Song[] = [];
  let artist = '';
  let album = '';
  for (let index = 0; index < count; index += 1) {
    if (index % 5 === 0) artist = `${title(random)} ${random.int(10_000)}`;
    if (index % 3 === 0) album = title(random);
    const durationMs = 120_000 + random.int(180_000);
    songs.push({ uri: `spotify:track:${id(random)}`, name: title(random), artist, album, durationMs });
  }
  return songs;
}

/**
 * Rows in the order of time, over up to ten years: Zipf-like repeats, about a fifth skipped within 30
 * seconds, some podcasts and private sessions. No two rows end in the same second, so every row of at
 * least 30 s of music is a play.
 */
export function* listening(rows: number, random: Random): Generator<ExportRow, void, undefined> {
  const songs = collection(Math.round(8_000 * (rows / 100_000) ** 0.6), random);
  const days = Math.min(3_650, Math.ceil(rows / 80));
  const stepMs = (days * DAY_MS) / rows;
  const start = LAST_DAY - days * DAY_MS;
  for (let index = 0; index < rows; index += 1) {
    const song = songs[Math.min(songs.length - 1, Math.floor(songs.length * random.next() ** 3))] as Song;
    const skipped = random.next() < 0.2;
    const podcast = random.next() < 0.03;
    const whole = random.next() < 0.8;
    const listened = whole ? song.durationMs : 30_000 + random.int(song.durationMs - 30_000);
    const endedAt = start + Math.round((index + 1) * stepMs);
    yield {
      ts: `${new Date(endedAt).toISOString().slice(0, 19)}Z`,
      platform: PLATFORMS[random.int(PLATFORMS.length)] ?? '',
      ms_played: skipped ? random.int(29_000) : listened,
      conn_country: 'DE',
      ip_addr: `198.51.100.${random.int(256)}`,
      master_metadata_track_name: podcast ? null : song.name,
      master_metadata_album_artist_name: podcast ? null : song.artist,
      master_metadata_album_album_name: podcast ? null : song.album,
      spotify_track_uri: podcast ? null : song.uri,
      episode_name: podcast ? 'A conversation about records' : null,
      episode_show_name: podcast ? 'The Needle' : null,
      spotify_episode_uri: podcast ? `spotify:episode:${song.uri.slice(14)}` : null,
      audiobook_title: null,
      audiobook_uri: null,
      audiobook_chapter_uri: null,
      audiobook_chapter_title: null,
      reason_start: 'trackdone',
      reason_end: skipped ? 'fwdbtn' : 'trackdone',
      shuffle: random.next() < 0.5,
      skipped,
      offline: false,
      offline_timestamp: Math.round((endedAt - listened) / 1_000),
      incognito_mode: random.next() < 0.01,
    };
  }
}

/** Whether a row is stored as a play. */
export function isPlay(row: ExportRow): boolean {
  return (
    row.spotify_track_uri !== null &&
    row.incognito_mode === false &&
    Number(row.ms_played) >= SHORTEST_PLAY_MS
  );
}
