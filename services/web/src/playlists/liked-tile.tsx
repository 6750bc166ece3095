import { LIKED } from '@spindle/contracts';
import { IconHeartFilled } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Picture } from '../components/artwork.tsx';

/** Liked Songs have no picture of their own at Spotify; this one is ours. */
function LikedTile({ size }: { readonly size: number }): ReactNode {
  return (
    <div
      aria-hidden
      style={{
        width: size,
        height: size,
        borderRadius: 4,
        flex: 'none',
        display: 'grid',
        placeItems: 'center',
        color: 'var(--mantine-primary-color-light-color)',
        background: 'var(--mantine-primary-color-light)',
      }}
    >
      <IconHeartFilled size={size / 2.2} />
    </div>
  );
}

/** The picture of a playlist, or the tile of Liked Songs. */
export function SourcePicture(props: {
  readonly source: {
    readonly id: string;
    readonly name: string;
    readonly url: string;
    readonly images: Parameters<typeof Picture>[0]['images'];
  };
  readonly size: number;
}): ReactNode {
  const { source, size } = props;
  return source.id === LIKED ? (
    <LikedTile size={size} />
  ) : (
    <Picture images={source.images} link={source.url} name={source.name} size={size} />
  );
}
