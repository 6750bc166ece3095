import { seededRandom } from '@spindle/service-kit';
import type { Catalogue } from '@spindle/spotify-sandbox';

export const ROWS_A_FILE = 120;
/** All of them long before the simulation, so that they meet no captured play. */
const FIRST_MS = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;

/** Rows of Spotify's extended streaming history: each a play of its own, in a month that no other file has. */
export function exportFile(
  catalogue: Catalogue,
  personId: string,
  file: number,
): readonly Readonly<Record<string, unknown>>[] {
  const random = seededRandom(`${personId}/${file}`);
  const startMs = FIRST_MS + file * 10 * DAY_MS;
  return Array.from({ length: ROWS_A_FILE }, (_, row) => {
    const track = catalogue.tracks[random.int(catalogue.tracks.length)];
    if (!track) throw new Error('the catalogue is empty');
    const endedAt = startMs + row * 1_800_000;
    return {
      ts: `${new Date(endedAt).toISOString().slice(0, 19)}Z`,
      platform: 'linux',
      ms_played: 45_000 + random.int(90_000),
      conn_country: 'SE',
      master_metadata_track_name: track.name,
      master_metadata_album_artist_name: track.artists[0]?.name ?? '',
      master_metadata_album_album_name: track.album.name,
      spotify_track_uri: track.uri,
      episode_name: null,
      episode_show_name: null,
      spotify_episode_uri: null,
      reason_start: 'trackdone',
      reason_end: 'trackdone',
      shuffle: false,
      skipped: false,
      offline: false,
      offline_timestamp: null,
      incognito_mode: false,
    };
  });
}
