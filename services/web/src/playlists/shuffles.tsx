import { Card, Group, Loader, Skeleton, Stack, Text } from '@mantine/core';
import type { PlaylistRequest } from '@spindle/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { EndOfList } from '../components/end-of-list.tsx';
import { Failure } from '../components/failure.tsx';
import { AnchorLink } from '../components/links.tsx';
import { MadeHere } from './made-here.tsx';
import { shufflesQuery } from './queries.ts';
import { useRun } from './run-dialog.tsx';
import { ScheduleDialog } from './schedule-dialog.tsx';
import { ShuffleCard } from './shuffle-card.tsx';

/** What was made lately, newest first. */
export function Shuffles(): ReactNode {
  const list = useInfiniteQuery(shufflesQuery());
  const { run, dialog } = useRun('Writing the playlist');
  const [repeated, setRepeated] = useState<PlaylistRequest | null>(null);
  const [first] = list.data?.pages ?? [];
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  return (
    <Stack gap="md">
      <Group justify="space-between" gap="xs">
        <Text size="sm" c="dimmed">
          From its seed, an order comes again.
        </Text>
        <AnchorLink to="/fair" size="sm" underline="always">
          Is it really random?
        </AnchorLink>
      </Group>
      {list.error ? <Failure error={list.error} retry={() => void list.refetch()} /> : null}
      {list.isPending ? (
        <>
          <Skeleton height={160} radius="lg" />
          <Skeleton height={160} radius="lg" />
        </>
      ) : null}
      {first && items.length === 0 ? (
        <Card>
          <Text c="dimmed" ta="center">
            Nothing shuffled yet. Choose one of your playlists.
          </Text>
        </Card>
      ) : null}
      {first ? <MadeHere made={first.made} restorable={first.restorable} /> : null}
      {items.map((view) => (
        <ShuffleCard key={view.id} view={view} onRun={run} onRepeat={setRepeated} />
      ))}
      {isFetchingNextPage ? <Loader mx="auto" size="sm" aria-label="Loading more" /> : null}
      {hasNextPage && !isFetchingNextPage ? <EndOfList reach={() => void fetchNextPage()} /> : null}
      {dialog}
      <ScheduleDialog request={repeated} onClose={() => setRepeated(null)} />
    </Stack>
  );
}
