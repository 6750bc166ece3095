/** What a picture belongs to; decides its style and the sizes it comes in (pixels, square). */
export type ImageKind = 'album' | 'artist' | 'playlist' | 'show' | 'user';

/** Spotify's image ids are 16 digits that tell kind and size, then 24 that tell the picture. */
const PREFIXES: Record<ImageKind, readonly (readonly [number, string])[]> = {
  album: [
    [640, 'ab67616d0000b273'],
    [300, 'ab67616d00001e02'],
    [64, 'ab67616d00004851'],
  ],
  artist: [
    [640, 'ab6761610000e5eb'],
    [320, 'ab67616100005174'],
    [160, 'ab6761610000f178'],
  ],
  playlist: [
    [640, 'ab67706c0000d72c'],
    [300, 'ab67706c0000da84'],
    [60, 'ab67706c00008e48'],
  ],
  show: [
    [640, 'ab6765630000ba8a'],
    [300, 'ab67656300005f1f'],
    [64, 'ab6765630000f68d'],
  ],
  user: [
    [300, 'ab6775700000ee85'],
    [64, 'ab67757000003b82'],
  ],
};

export interface Image {
  url: string;
  width: number;
  height: number;
}

/** Biggest first, as Spotify lists them. */
export function imagesOf(origin: string, kind: ImageKind, key: string): Image[] {
  return PREFIXES[kind].map(([size, prefix]) => ({
    url: `${origin}/image/${prefix}${key}`,
    width: size,
    height: size,
  }));
}

/** Takes an image id apart; null when it is none. */
export function parseImageId(id: string): { kind: ImageKind; size: number; key: string } | null {
  if (!/^[0-9a-f]{40}$/.test(id)) return null;
  for (const [kind, sizes] of Object.entries(PREFIXES)) {
    const match = sizes.find(([, prefix]) => id.startsWith(prefix));
    if (match) return { kind: kind as ImageKind, size: match[0], key: id.slice(16) };
  }
  return null;
}
