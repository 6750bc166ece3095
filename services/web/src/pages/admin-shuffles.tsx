import { Badge, Card, Group, SimpleGrid, Stack, Table, Tabs, Text, Title } from '@mantine/core';
import { type AdminShuffle, getFailedShuffles, getRecentShufflesOfAll } from '@spindle/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api, queryKeys } from '../api.ts';
import { BarList } from '../charts/bar-list.tsx';
import { Failure } from '../components/failure.tsx';
import { More } from '../components/more.tsx';
import { Wide } from '../components/wide.tsx';
import { OPERATIONS } from '../playlists/playlist-words.ts';
import { Figure } from '../statistics/figure.tsx';
import { percent } from '../statistics/figure-words.ts';
import { count, relative } from '../time-words.ts';

const PAGE = 10;
const first = undefined as string | undefined;
const from = (cursor: string | undefined) => (cursor ? { cursor } : {});

/** "840 ms", "12 s", "4 min". */
function tookWords(ms: number): string {
  if (ms < 1_000) return `${count(ms)} ms`;
  return ms < 120_000 ? `${count(Math.round(ms / 1_000))} s` : `${count(Math.round(ms / 60_000))} min`;
}

function tookOf({ createdAt, finishedAt }: AdminShuffle): string {
  return finishedAt ? tookWords(Date.parse(finishedAt) - Date.parse(createdAt)) : '–';
}

const COLORS = { queued: 'gray', running: 'blue', succeeded: 'green', failed: 'red' } as const;
const STATES = { queued: 'waiting', running: 'running', succeeded: 'done', failed: 'failed' } as const;

function Rows({ items }: { readonly items: readonly AdminShuffle[] }): ReactNode {
  if (items.length === 0)
    return (
      <Text size="sm" c="dimmed" py="sm">
        None.
      </Text>
    );
  return (
    <Wide name="List of shuffles">
      <Table fz="sm" style={{ whiteSpace: 'nowrap' }}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>When</Table.Th>
            <Table.Th>Who</Table.Th>
            <Table.Th>What</Table.Th>
            <Table.Th ta="right">Tracks</Table.Th>
            <Table.Th ta="right">Took</Table.Th>
            <Table.Th>State</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map((item) => (
            <Table.Tr key={item.id}>
              <Table.Td>{relative(item.createdAt)}</Table.Td>
              <Table.Td title={item.user.handle}>
                <bdi>{item.user.displayName}</bdi>
              </Table.Td>
              <Table.Td>
                {OPERATIONS[item.mode as keyof typeof OPERATIONS] ?? item.mode}
                {item.scheduled ? ', scheduled' : ''}
              </Table.Td>
              <Table.Td ta="right">
                {count(item.tracks)}
                {item.sourceTracks === null ? '' : ` of ${count(item.sourceTracks)}`}
              </Table.Td>
              <Table.Td ta="right">{tookOf(item)}</Table.Td>
              <Table.Td>
                <Badge variant="dot" color={COLORS[item.state]} tt="none">
                  {item.failureCode ?? STATES[item.state]}
                </Badge>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}

/** How shuffles of everybody go: figures, what fails and why, the last ones. Not of which music. */
export function AdminShuffles(): ReactNode {
  const recent = useInfiniteQuery({
    queryKey: queryKeys.allShuffles,
    initialPageParam: first,
    queryFn: ({ pageParam }) =>
      api.call(getRecentShufflesOfAll, { query: { limit: PAGE, ...from(pageParam) } }),
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    staleTime: 0,
  });
  const failed = useInfiniteQuery({
    queryKey: queryKeys.failedShuffles,
    initialPageParam: first,
    queryFn: ({ pageParam }) => api.call(getFailedShuffles, { query: { limit: PAGE, ...from(pageParam) } }),
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    staleTime: 0,
  });
  const figures = recent.data?.pages[0]?.figures;
  const reasons = failed.data?.pages[0]?.reasons ?? [];
  const error = recent.error ?? failed.error;
  return (
    <Card component="section" aria-label="Shuffles">
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          Shuffles
        </Title>
        <Text size="sm" c="dimmed">
          last 30 days
        </Text>
      </Group>
      <Stack gap="md">
        {error ? (
          <Failure
            error={error}
            retry={() => {
              void recent.refetch();
              void failed.refetch();
            }}
          />
        ) : null}
        <SimpleGrid cols={{ base: 2, sm: 5 }}>
          <Figure name="Shuffles" value={figures && count(figures.shuffles)} />
          <Figure
            name="Failed"
            value={figures && (figures.shuffles === 0 ? '–' : percent(figures.failed / figures.shuffles))}
            note={figures && figures.failed > 0 ? `${count(figures.failed)} in all` : null}
          />
          <Figure name="Tracks" value={figures && count(figures.tracks)} />
          <Figure name="Listeners" value={figures && count(figures.users)} />
          <Figure
            name="Usually took"
            value={figures && (figures.medianMs === null ? '–' : tookWords(figures.medianMs))}
          />
        </SimpleGrid>
        {reasons.length > 0 ? (
          <div>
            <Text size="sm" fw={600} mb="xs">
              Why they fail
            </Text>
            <BarList
              items={reasons.map((reason) => ({
                key: reason.code,
                name: reason.code,
                value: reason.count,
                words: count(reason.count),
              }))}
            />
          </div>
        ) : null}
        <Tabs defaultValue="recent" keepMounted={false}>
          <Tabs.List mb="xs" aria-label="List of shuffles">
            <Tabs.Tab value="recent">Last ones</Tabs.Tab>
            <Tabs.Tab value="failed">Failed ones</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="recent">
            <Rows items={recent.data?.pages.flatMap((page) => page.items) ?? []} />
            <More list={recent} />
          </Tabs.Panel>
          <Tabs.Panel value="failed">
            <Rows items={failed.data?.pages.flatMap((page) => page.items) ?? []} />
            <More list={failed} />
          </Tabs.Panel>
        </Tabs>
      </Stack>
    </Card>
  );
}
