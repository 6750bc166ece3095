import type { Listen } from '@spindle/contracts';
import { deviceName } from '../plays/devices.ts';

/** What a submitted listen says of its track and of the listening. Lengths are ms. */
export interface ListenContent {
  /** Null where the player does not say which of Spotify's tracks it was. */
  readonly spotifyId: string | null;
  readonly name: string;
  /** All artists as the player writes them. */
  readonly artist: string;
  /** The artists one by one, where the player tells them apart. */
  readonly artistNames: readonly string[];
  readonly album: string | null;
  readonly durationMs: number | null;
  readonly msPlayed: number | null;
  readonly isrc: string | null;
  readonly device: string | null;
}

/** No track is longer, and nobody listens longer to one. */
const LONGEST_MS = 86_400_000;

/** Fields in which players tell Spotify's address or URI of a track. */
const SPOTIFY_FIELDS = ['spotify_id', 'origin_url', 'spotify_track_id', 'spotify_track_url'] as const;

const SPOTIFY_TRACK =
  /^(?:spotify:track:|https?:\/\/(?:open|play)\.spotify\.com\/(?:intl-[a-z-]+\/)?track\/)([0-9A-Za-z]{22})(?:[/?#].*)?$/;
/** An id by itself, in the field that is meant for it. */
const BARE_ID = /^[0-9A-Za-z]{22}$/;
const ISRC = /^[A-Z]{2}[A-Z0-9]{3}\d{7}$/;

type Info = Readonly<Record<string, unknown>>;

/** PostgreSQL takes neither U+0000 nor halves of surrogate pairs. */
const storable = (text: string): string => text.replaceAll('\u0000', '').toWellFormed().trim();

const textOf = (value: unknown): string | null =>
  typeof value === 'string' && storable(value) !== '' ? storable(value) : null;

function lengthOf(value: unknown, unitMs: 1 | 1_000): number | null {
  const ms = typeof value === 'number' ? Math.round(value * unitMs) : Number.NaN;
  return ms > 0 && ms <= LONGEST_MS ? ms : null;
}

function spotifyIdOf(info: Info): string | null {
  for (const field of SPOTIFY_FIELDS) {
    const text = textOf(info[field]);
    if (text === null) continue;
    const id = SPOTIFY_TRACK.exec(text)?.[1] ?? (field !== 'origin_url' && BARE_ID.test(text) ? text : null);
    if (id !== null) return id;
  }
  return null;
}

/**
 * Reads a listen as players submit it
 * (https://listenbrainz.readthedocs.io/en/latest/users/json.html#payload-json-details). What is there in
 * a form that is of no use counts as not told.
 *
 * @returns null when nothing that can be stored is left of the track's or the artist's name.
 */
export function contentOfListen(listen: Listen): ListenContent | null {
  const track = listen.track_metadata;
  const name = storable(track.track_name);
  const artist = storable(track.artist_name);
  if (name === '' || artist === '') return null;
  const info: Info = track.additional_info ?? {};
  const names = info['artist_names'];
  const isrc = textOf(info['isrc'])?.replaceAll('-', '').toUpperCase() ?? '';
  return {
    spotifyId: spotifyIdOf(info),
    name,
    artist,
    artistNames: Array.isArray(names) ? names.flatMap((one) => textOf(one)?.slice(0, 1_000) ?? []) : [],
    album: textOf(track.release_name),
    durationMs: lengthOf(info['duration_ms'], 1) ?? lengthOf(info['duration'], 1_000),
    msPlayed: lengthOf(info['duration_played'], 1_000),
    isrc: ISRC.test(isrc) ? isrc : null,
    device: deviceName(textOf(info['media_player']) ?? textOf(info['submission_client'])),
  };
}
