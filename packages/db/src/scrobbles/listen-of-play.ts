import type { Listen, PlaySourceName } from '@spindle/contracts';
import { spotifyUrl } from '../catalogue/views.ts';
import type { ExportedPlay } from '../play-export.ts';

/** What Spotify itself told, so that the listen was surely heard there. */
const FROM_SPOTIFY: ReadonlySet<PlaySourceName> = new Set([
  'recently-played',
  'live',
  'spotify-extended',
  'spotify-account-data',
]);

/** A listen that has happened. */
export type PastListen = Listen & { readonly listened_at: number };

/**
 * A play as ListenBrainz writes listens (https://listenbrainz.readthedocs.io/en/latest/users/json.html).
 * Artists are joined as ListenBrainz's own reader of Spotify joins them. Names of devices stay here:
 * listens there are public.
 *
 * @returns null for a track without an artist's name, which ListenBrainz does not take.
 */
export function listenOfPlay(play: ExportedPlay): PastListen | null {
  const { track } = play;
  const artist = track.artists.map((one) => one.name).join(', ');
  if (artist.trim() === '' || track.name.trim() === '') return null;
  const isFromSpotify = play.seenBy.some((source) => FROM_SPOTIFY.has(source));
  const url = spotifyUrl('track', track.spotifyId);
  return {
    listened_at: Math.floor(Date.parse(play.playedAt) / 1_000),
    track_metadata: {
      artist_name: artist,
      track_name: track.name,
      ...(track.album && track.album.name !== '' && { release_name: track.album.name }),
      additional_info: {
        ...(track.durationMs !== null && { duration_ms: track.durationMs }),
        ...(track.isrc !== null && { isrc: track.isrc }),
        ...(url !== null && { spotify_id: url, origin_url: url }),
        ...(isFromSpotify && { music_service: 'spotify.com', media_player: 'Spotify' }),
        submission_client: 'Spindle',
      },
    },
  };
}
