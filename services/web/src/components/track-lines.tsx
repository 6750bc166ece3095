import { Anchor, Text, type TextProps } from '@mantine/core';
import type { TrackSummary } from '@spindle/contracts';
import { Fragment, type ReactNode } from 'react';
import { AnchorLink } from './links.tsx';

type Place = '/tracks/$id' | '/artists/$id' | '/albums/$id';

/** A name that leads to its page; for visitors, who have no such pages, to Spotify. */
function Linked(props: {
  readonly to: Place;
  readonly id: string;
  readonly url: string | null;
  readonly inside: boolean;
  readonly children: string;
}): ReactNode {
  const look = { inherit: true, c: 'inherit', underline: 'hover', dir: 'auto' } as const;
  if (props.inside) {
    return (
      <AnchorLink to={props.to} params={{ id: props.id }} {...look}>
        {props.children}
      </AnchorLink>
    );
  }
  return props.url ? (
    <Anchor href={props.url} target="_blank" rel="noreferrer" {...look}>
      {props.children}
    </Anchor>
  ) : (
    <bdi>{props.children}</bdi>
  );
}

/** Title, artists and album, each a link; what does not fit stands in the tooltip. */
export function TrackLines(props: {
  readonly track: TrackSummary;
  readonly titleSize?: TextProps['size'];
  /** Lines that a long title may take; one unless told. */
  readonly titleLines?: number;
  readonly album?: boolean;
  /** Whether names lead to their pages here, for those who are signed in. */
  readonly linked?: boolean;
}): ReactNode {
  const { track, linked: inside = true } = props;
  const artists = track.artists.map((artist) => artist.name).join(', ');
  return (
    <div style={{ minWidth: 0 }}>
      <Text
        fw={600}
        size={props.titleSize ?? 'sm'}
        {...(props.titleLines ? { lineClamp: props.titleLines } : { truncate: true })}
        title={track.name}
      >
        <Linked to="/tracks/$id" id={track.id} url={track.url} inside={inside}>
          {track.name}
        </Linked>
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
            <Linked to="/artists/$id" id={artist.id} url={artist.url} inside={inside}>
              {artist.name}
            </Linked>
          </Fragment>
        ))}
      </Text>
      {props.album && track.album ? (
        <Text size="sm" c="dimmed" truncate title={track.album.name}>
          <Linked to="/albums/$id" id={track.album.id} url={track.album.url} inside={inside}>
            {track.album.name}
          </Linked>
        </Text>
      ) : null}
    </div>
  );
}
