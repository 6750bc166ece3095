import { Anchor, Text, type TextProps } from '@mantine/core';
import type { TrackSummary } from '@spindle/contracts';
import { Fragment, type ReactNode } from 'react';

function Linked({ url, children }: { readonly url: string | null; readonly children: string }): ReactNode {
  return url ? (
    <Anchor href={url} target="_blank" rel="noreferrer" inherit c="inherit" underline="hover" dir="auto">
      {children}
    </Anchor>
  ) : (
    <bdi>{children}</bdi>
  );
}

/** Title, artists and album, each a link to Spotify; what does not fit stands in the tooltip. */
export function TrackLines(props: {
  readonly track: TrackSummary;
  readonly titleSize?: TextProps['size'];
  readonly album?: boolean;
}): ReactNode {
  const { track } = props;
  const artists = track.artists.map((artist) => artist.name).join(', ');
  return (
    <div style={{ minWidth: 0 }}>
      <Text fw={600} size={props.titleSize ?? 'sm'} truncate title={track.name}>
        <Linked url={track.url}>{track.name}</Linked>
        {track.explicit ? (
          <Text span size="xs" c="dimmed" ml={6} title="Explicit" aria-label="explicit">
            E
          </Text>
        ) : null}
      </Text>
      <Text size="sm" c="dimmed" truncate title={artists}>
        {track.artists.map((artist, index) => (
          <Fragment key={artist.id}>
            {index > 0 ? ', ' : ''}
            <Linked url={artist.url}>{artist.name}</Linked>
          </Fragment>
        ))}
      </Text>
      {props.album && track.album ? (
        <Text size="sm" c="dimmed" truncate title={track.album.name}>
          <Linked url={track.album.url}>{track.album.name}</Linked>
        </Text>
      ) : null}
    </div>
  );
}
