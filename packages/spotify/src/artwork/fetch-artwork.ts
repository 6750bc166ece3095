import axios from 'axios';

/** Covers of 640 px have some 100 KB. */
const MOST_BYTES = 1_000_000;
const TIMEOUT_MS = 8_000;

/** Where Spotify serves covers, artists' pictures and playlists' mosaics from. */
const SPOTIFY_HOSTS = /^(?:[a-z0-9-]+\.)*(?:scdn\.co|spotifycdn\.com)$/;

/** An image that must not, or cannot, be shown. Trying again soon is of no use. */
export class UnusableArtwork extends Error {
  override readonly name = 'UnusableArtwork';
}

const SPOTIFY_API = 'https://api.spotify.com';

/** Where images of a stand-in for Spotify come from, by the address of its API; null for Spotify itself. */
export const standInOrigin = (apiUrl: string): string | null =>
  apiUrl === SPOTIFY_API ? null : new URL(apiUrl).origin;

/** Whether an address may be fetched: Spotify's own image hosts over TLS, or the stand-in's origin. */
export function isArtworkAddress(url: string, standIn: string | null): boolean {
  const address = URL.parse(url);
  if (address === null || address.username + address.password !== '') return false;
  if (standIn !== null && address.origin === standIn) return true;
  return address.protocol === 'https:' && address.port === '' && SPOTIFY_HOSTS.test(address.hostname);
}

/** The type of an image by its first bytes; what a server says of it is not believed. */
function imageType(bytes: Buffer): string | null {
  const starts = (...head: number[]) => head.every((byte, place) => bytes[place] === byte);
  if (starts(0xff, 0xd8, 0xff)) return 'image/jpeg';
  if (starts(0x89, 0x50, 0x4e, 0x47)) return 'image/png';
  if (starts(0x47, 0x49, 0x46, 0x38)) return 'image/gif';
  if (starts(0x52, 0x49, 0x46, 0x46) && bytes.subarray(8, 12).toString('latin1') === 'WEBP')
    return 'image/webp';
  return null;
}

/**
 * Fetches an image as a `data:` URI.
 *
 * @param standIn origin of a stand-in for Spotify; null for Spotify itself.
 * @throws UnusableArtwork for other hosts, what is no image or too large, and answers that say no; whatever
 * axios throws when the host cannot be reached.
 */
export async function fetchArtwork(
  url: string,
  standIn: string | null,
  signal?: AbortSignal,
): Promise<string> {
  if (!isArtworkAddress(url, standIn)) throw new UnusableArtwork('the address is none of Spotify’s images');
  try {
    const { data } = await axios.get<ArrayBuffer>(url, {
      responseType: 'arraybuffer',
      maxContentLength: MOST_BYTES,
      maxRedirects: 0,
      timeout: TIMEOUT_MS,
      proxy: false,
      ...(signal && { signal }),
    });
    const bytes = Buffer.from(data);
    const type = imageType(bytes);
    if (type === null) throw new UnusableArtwork('the answer is no image');
    return `data:${type};base64,${bytes.toString('base64')}`;
  } catch (error) {
    if (!axios.isAxiosError(error)) throw error;
    const status = error.response?.status ?? 0;
    if (error.code === 'ERR_BAD_RESPONSE' && status === 0)
      throw new UnusableArtwork('the image is too large');
    if (status >= 300 && status < 500 && status !== 429)
      throw new UnusableArtwork(`the image host answered ${status}`);
    throw error;
  }
}
