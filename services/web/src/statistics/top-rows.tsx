import { Group, Skeleton, Stack, Text, VisuallyHidden } from '@mantine/core';
import type { Figures, Measure, TopItem } from '@spindle/contracts';
import type { CSSProperties, ReactNode } from 'react';
import { Picture } from '../components/artwork.tsx';
import { AnchorLink } from '../components/links.tsx';
import { ChangeMark } from './figure.tsx';
import { changeOf, inMeasure, measured } from './figure-words.ts';
import classes from './top-rows.module.css';

type Item = Pick<TopItem, 'track' | 'artist' | 'album' | 'genre'>;

export interface ItemFace {
  readonly key: string;
  readonly name: string;
  /** Artists of a track or album. */
  readonly by: string;
  readonly place: { readonly to: '/tracks/$id' | '/artists/$id' | '/albums/$id'; readonly id: string } | null;
  readonly picture: Parameters<typeof Picture>[0] | null;
}

/** How an item of any kind is shown in a list. */
export function faceOf(item: Item, size: number): ItemFace {
  const { track, artist, album } = item;
  const names = (artists: readonly { readonly name: string }[]) => artists.map((one) => one.name).join(', ');
  if (track) {
    const { images = [], url = null } = track.album ?? {};
    const picture = { images, link: url ?? track.url, name: track.album?.name ?? track.name, size };
    const place = { to: '/tracks/$id', id: track.id } as const;
    return { key: track.id, name: track.name, by: names(track.artists), place, picture };
  }
  if (album) {
    const picture = { images: album.images, link: album.url, name: album.name, size };
    const place = { to: '/albums/$id', id: album.id } as const;
    return { key: album.id, name: album.name, by: names(album.artists), place, picture };
  }
  if (artist) {
    const picture = { images: artist.images, link: artist.url, name: artist.name, size };
    return {
      key: artist.id,
      name: artist.name,
      by: '',
      place: { to: '/artists/$id', id: artist.id },
      picture,
    };
  }
  return { key: item.genre ?? '', name: item.genre ?? '', by: '', place: null, picture: null };
}

/** The name of an item, leading to its page where it has one. */
export function ItemName({
  face,
  linked = true,
}: {
  readonly face: ItemFace;
  readonly linked?: boolean;
}): ReactNode {
  if (!face.place || !linked) return <bdi>{face.name}</bdi>;
  return (
    <AnchorLink
      to={face.place.to}
      params={{ id: face.place.id }}
      inherit
      c="inherit"
      underline="hover"
      dir="auto"
    >
      {face.name}
    </AnchorLink>
  );
}

interface Row extends Item, Pick<Figures, 'plays' | 'msPlayed'> {
  readonly rank: number;
  readonly previous?: TopItem['previous'];
}

/** A top list; the bar behind a row is its share of the first. */
export function TopRows(props: {
  readonly items: readonly Row[] | undefined;
  readonly by: Measure;
  /** Rows that are shown as skeletons while there is nothing to show. */
  readonly expected: number;
  /** "October 2026", for the changes. */
  readonly than?: string | undefined;
  /** Whether names lead to their pages, which are for those who are signed in. */
  readonly linked?: boolean;
}): ReactNode {
  const { items, by, expected, than, linked = true } = props;
  if (!items) {
    return (
      <Stack gap={0}>
        {Array.from({ length: expected }, (_, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows without content
          <Skeleton key={index} height={44} my={6} radius="sm" />
        ))}
      </Stack>
    );
  }
  if (items.length === 0) return <Text c="dimmed">Nothing here in this period.</Text>;
  const most = Math.max(1, ...items.map((item) => measured(item, by)));
  return (
    <Stack component="ol" gap={0} p={0} m={0} style={{ listStyle: 'none' }}>
      {items.map((item) => {
        const face = faceOf(item, 44);
        const change =
          than && item.previous ? changeOf(measured(item, by), measured(item.previous, by), than) : null;
        return (
          <Group
            key={face.key}
            component="li"
            wrap="nowrap"
            gap="sm"
            py={6}
            className={classes.row}
            style={{ '--share': `${(measured(item, by) / most) * 100}%` } as CSSProperties}
            data-testid="top-item"
          >
            <Text size="sm" c="dimmed" w={26} ta="right" style={{ flex: 'none' }}>
              <VisuallyHidden>Rank </VisuallyHidden>
              {item.rank}
            </Text>
            {face.picture ? <Picture {...face.picture} /> : null}
            <div style={{ flex: 1, minWidth: 0 }}>
              <Text fw={600} size="sm" truncate title={face.name}>
                <ItemName face={face} linked={linked} />
              </Text>
              {face.by ? (
                <Text size="sm" c="dimmed" truncate title={face.by}>
                  <bdi>{face.by}</bdi>
                </Text>
              ) : null}
            </div>
            <Stack gap={0} align="flex-end" style={{ flex: 'none' }}>
              <Text size="sm">{inMeasure(item, by)}</Text>
              <ChangeMark change={change} />
            </Stack>
          </Group>
        );
      })}
    </Stack>
  );
}
