import { Button, Card, Group, Stack, Tabs, Text, Title } from '@mantine/core';
import { TOP_KINDS, type TopKind } from '@spindle/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Attribution } from '../components/attribution.tsx';
import { Failure } from '../components/failure.tsx';
import { TopsPlaylist } from '../components/tops-playlist.tsx';
import { inMeasure } from '../statistics/figure-words.ts';
import { orDefault, type StatisticsSearch } from '../statistics/period-search.ts';
import { fetchTop, STATISTICS } from '../statistics/queries.ts';
import { MeasureSwitch, RangePicker } from '../statistics/range-picker.tsx';
import { TopRows } from '../statistics/top-rows.tsx';
import { useToday } from '../statistics/use-today.ts';
import { count } from '../time-words.ts';

const PAGE = 50;
const NAMES: Readonly<Record<TopKind, string>> = {
  tracks: 'Tracks',
  artists: 'Artists',
  albums: 'Albums',
  genres: 'Genres',
};

export interface TopsSearch extends StatisticsSearch {
  readonly kind?: TopKind;
}

/** The most played of a period, as far down as one likes. */
export function Tops(): ReactNode {
  const search: TopsSearch = useSearch({ from: '/app/tops' });
  const navigate = useNavigate({ from: '/tops' });
  const today = useToday();
  const kind = search.kind ?? 'tracks';
  const by = search.by ?? 'plays';
  const period = orDefault(search, 'month');
  const change = (next: TopsSearch) => void navigate({ search: next, replace: true, resetScroll: false });
  const list = useInfiniteQuery({
    queryKey: [STATISTICS, 'tops', kind, period, by],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      fetchTop({ kind, period, by, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) }, signal),
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
  const [first] = list.data?.pages ?? [];
  const items = list.data?.pages.flatMap((page) => page.items);
  return (
    <Stack gap="lg">
      <Title order={1} size="h2">
        Tops
      </Title>
      <RangePicker
        period={period}
        today={today}
        whole={first?.period}
        onChange={(next) => change({ ...next, kind, by })}
      />
      <Card>
        <Group justify="space-between" mb="sm">
          <Tabs
            value={kind}
            onChange={(value) => {
              const next = TOP_KINDS.find((one) => one === value);
              if (next) change({ ...search, kind: next });
            }}
            variant="pills"
          >
            <Tabs.List aria-label="Kind">
              {TOP_KINDS.map((one) => (
                <Tabs.Tab key={one} value={one}>
                  {NAMES[one]}
                </Tabs.Tab>
              ))}
            </Tabs.List>
          </Tabs>
          <MeasureSwitch by={by} onChange={(next) => change({ ...search, kind, by: next })} />
        </Group>
        <Text size="sm" c="dimmed" mb="xs" mih={21}>
          {first ? `${count(first.total)} ${kind}, ${inMeasure(first.figures, by)} in all` : ''}
        </Text>
        {list.error ? (
          <Failure error={list.error} retry={() => void list.refetch()} />
        ) : (
          <TopRows
            items={items}
            by={by}
            expected={12}
            than={
              first?.items.some((item) => (item.previous?.plays ?? 0) > 0) ? 'the period before' : undefined
            }
          />
        )}
        {list.hasNextPage ? (
          <Group justify="center" mt="md">
            <Button
              variant="default"
              loading={list.isFetchingNextPage}
              onClick={() => void list.fetchNextPage()}
            >
              Show more
            </Button>
          </Group>
        ) : null}
      </Card>
      {kind === 'tracks' && items && items.length > 0 ? <TopsPlaylist period={period} by={by} /> : null}
      <Attribution />
    </Stack>
  );
}
