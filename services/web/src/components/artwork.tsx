import type { TrackSummary } from '@spindle/contracts';
import { IconMusic } from '@tabler/icons-react';
import type { ReactNode } from 'react';

/** Smallest picture that still fills `size` on a dense screen. */
function pictureFor(track: TrackSummary | null, size: number): string | null {
  const images = [...(track?.album?.images ?? [])].sort((a, b) => (a.width ?? 0) - (b.width ?? 0));
  return (images.find((image) => (image.width ?? 0) >= size * 1.5) ?? images.at(-1))?.url ?? null;
}

/**
 * Cover art as Spotify wants it: whole, unaltered, nothing on top, corners of 4 px (small) or 8 px
 * (large), and a link back to the item (developer.spotify.com/documentation/design).
 */
export function Artwork({
  track,
  size,
}: {
  readonly track: TrackSummary | null;
  readonly size: number;
}): ReactNode {
  const url = pictureFor(track, size);
  const style = {
    width: size,
    height: size,
    borderRadius: size > 100 ? 8 : 4,
    flex: 'none',
    display: 'block',
  };
  const picture = url ? (
    <img
      src={url}
      alt=""
      width={size}
      height={size}
      style={{ ...style, objectFit: 'contain' }}
      loading="lazy"
    />
  ) : (
    <div
      aria-hidden
      style={{
        ...style,
        display: 'grid',
        placeItems: 'center',
        background: 'var(--mantine-color-default-border)',
      }}
    >
      <IconMusic size={size / 2.4} stroke={1.3} />
    </div>
  );
  const name = track?.album?.name ?? track?.name;
  const link = track?.album?.url ?? track?.url;
  return link ? (
    <a href={link} target="_blank" rel="noreferrer" aria-label={`${name} on Spotify`} tabIndex={-1}>
      {picture}
    </a>
  ) : (
    picture
  );
}
