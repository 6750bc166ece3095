import type { Image, TrackSummary } from '@spindle/contracts';
import { IconMusic } from '@tabler/icons-react';
import type { ReactNode } from 'react';

/** Smallest picture that still fills `size` on a dense screen. */
function pictureFor(images: readonly Image[], size: number): string | null {
  const byWidth = [...images].sort((a, b) => (a.width ?? 0) - (b.width ?? 0));
  return (byWidth.find((image) => (image.width ?? 0) >= size * 1.5) ?? byWidth.at(-1))?.url ?? null;
}

/**
 * Cover art as Spotify wants it: whole, unaltered, nothing on top, corners of 4 px (small) or 8 px
 * (large), and a link back to the item (developer.spotify.com/documentation/design).
 */
export function Picture(props: {
  readonly images: readonly Image[];
  /** Where it leads: the item on Spotify. */
  readonly link: string | null;
  readonly name: string;
  readonly size: number;
  /** A CSS length to be shown at instead; `size` then chooses the picture alone. */
  readonly across?: string | undefined;
}): ReactNode {
  const { size, link, name, across = size } = props;
  const url = pictureFor(props.images, size);
  const style = {
    width: across,
    height: across,
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
      <IconMusic size={across === size ? size / 2.4 : '40%'} stroke={1.3} />
    </div>
  );
  return link ? (
    <a href={link} target="_blank" rel="noreferrer" aria-label={`${name} on Spotify`} tabIndex={-1}>
      {picture}
    </a>
  ) : (
    picture
  );
}

/** The cover of a track's album. */
export function Artwork({
  track,
  size,
  across,
}: {
  readonly track: TrackSummary | null;
  readonly size: number;
  readonly across?: string;
}): ReactNode {
  return (
    <Picture
      images={track?.album?.images ?? []}
      link={track?.album?.url ?? track?.url ?? null}
      name={track?.album?.name ?? track?.name ?? ''}
      size={size}
      across={across}
    />
  );
}
