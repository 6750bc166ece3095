import { Alert, Button, Card, Group, Loader, Modal, Stack, Text, TextInput, Title } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { deletePlay, listPlays, type PlayView } from '@spindle/contracts';
import { IconClockQuestion, IconSearch } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { api, describeError, queryKeys } from '../api.ts';
import { Attribution } from '../components/attribution.tsx';
import { Failure } from '../components/failure.tsx';
import { PlayRow } from '../components/play-row.tsx';
import { useSession } from '../session.tsx';
import { clockTime, dayName, dayOf } from '../time-words.ts';

const PAGE = 50;

/** What the address of the page says: words to look for, and days. */
export interface HistorySearch {
  readonly q?: string;
  readonly from?: string;
  readonly to?: string;
}

interface Day {
  readonly day: string;
  readonly plays: PlayView[];
}

function byDay(plays: readonly PlayView[], timeZone: string): Day[] {
  const days: Day[] = [];
  for (const play of plays) {
    const day = dayOf(play.playedAt, timeZone);
    const last = days.at(-1);
    if (last?.day === day) last.plays.push(play);
    else days.push({ day, plays: [play] });
  }
  return days;
}

/** Calls `reach` when the end of the list comes into view. */
function EndOfList({ reach }: { readonly reach: () => void }): ReactNode {
  const mark = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) reach();
      },
      { rootMargin: '600px' },
    );
    if (mark.current) observer.observe(mark.current);
    return () => observer.disconnect();
  }, [reach]);
  return <div ref={mark} style={{ height: 1 }} />;
}

/** The whole log, newest first, for as long as one scrolls. */
export function History(): ReactNode {
  const { user } = useSession();
  const search = useSearch({ from: '/app/history' }) as HistorySearch;
  const navigate = useNavigate({ from: '/history' });
  const queries = useQueryClient();
  const [leaving, setLeaving] = useState<PlayView | null>(null);
  const [words, setWords] = useState(search.q ?? '');
  const change = (next: HistorySearch) =>
    void navigate({
      search: Object.fromEntries(Object.entries({ ...search, ...next }).filter(([, value]) => value)),
      replace: true,
    });
  const lookFor = useDebouncedCallback((q: string) => change({ q }), 300);

  const plays = useInfiniteQuery({
    queryKey: [...queryKeys.plays, 'log', search],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      api.call(
        listPlays,
        { query: { ...search, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) } },
        { signal },
      ),
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
  const remove = useMutation({
    mutationFn: (play: PlayView) => api.call(deletePlay, { params: { id: play.id } }),
    onSuccess: () => {
      setLeaving(null);
      void queries.invalidateQueries({ queryKey: queryKeys.plays });
      void queries.invalidateQueries({ queryKey: queryKeys.user });
    },
    onError: (error) =>
      notifications.show({
        color: 'red',
        title: describeError(error).title,
        message: describeError(error).detail,
      }),
  });
  const items = useMemo(() => plays.data?.pages.flatMap((page) => page.items) ?? [], [plays.data]);
  const days = useMemo(() => byDay(items, user.timeZone), [items, user.timeZone]);
  const gaps = plays.data?.pages.flatMap((page) => page.gaps) ?? [];
  const filtered = Object.keys(search).length > 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = plays;

  return (
    <Stack gap="lg">
      <Title order={1} size="h2">
        History
      </Title>
      <Group grow align="flex-end" component="search" preventGrowOverflow={false}>
        <TextInput
          label="Search"
          placeholder="Track, artist or album"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={words}
          onChange={(event) => {
            setWords(event.currentTarget.value);
            lookFor(event.currentTarget.value.trim());
          }}
          miw={200}
        />
        <TextInput
          label="From"
          type="date"
          value={search.from ?? ''}
          onChange={(event) => change({ from: event.currentTarget.value })}
        />
        <TextInput
          label="Until before"
          type="date"
          value={search.to ?? ''}
          onChange={(event) => change({ to: event.currentTarget.value })}
        />
      </Group>
      {plays.error ? <Failure error={plays.error} retry={() => void plays.refetch()} /> : null}
      {plays.isPending ? <Loader mx="auto" aria-label="Loading" /> : null}
      {plays.isSuccess && items.length === 0 ? (
        <Card>
          <Text c="dimmed" ta="center">
            {filtered
              ? 'Nothing matches. Try fewer words or other days.'
              : 'No plays yet. They appear here a little after their track is over; years gone by come from an import.'}
          </Text>
        </Card>
      ) : null}
      {days.map(({ day, plays: ofDay }) => (
        <Card key={day} component="section" aria-label={day}>
          <Title order={2} size="h5" mb="xs">
            {dayName(day, user.timeZone)}
          </Title>
          {gaps
            .filter((gap) => dayOf(gap.to, user.timeZone) === day)
            .map((gap) => (
              <Alert key={gap.from} color="yellow" variant="light" icon={<IconClockQuestion />} mb="xs">
                Between {clockTime(gap.from, user.timeZone)} and {clockTime(gap.to, user.timeZone)} more was
                played than Spotify still showed. An import of your export fills the gap.
              </Alert>
            ))}
          <Stack component="ul" gap={0} p={0} m={0} style={{ listStyle: 'none' }}>
            {ofDay.map((play) => (
              <PlayRow key={play.id} play={play} timeZone={user.timeZone} onRemove={setLeaving} />
            ))}
          </Stack>
        </Card>
      ))}
      {isFetchingNextPage ? <Loader mx="auto" size="sm" aria-label="Loading more" /> : null}
      {hasNextPage && !isFetchingNextPage ? <EndOfList reach={() => void fetchNextPage()} /> : null}
      {items.length > 0 ? <Attribution /> : null}
      <Modal opened={leaving !== null} onClose={() => setLeaving(null)} title="Remove this play?" centered>
        <Stack>
          <Text size="sm">
            “{leaving?.track.name}” leaves your history and your figures. Spotify may tell of it again while
            it is among your last fifty plays.
          </Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setLeaving(null)}>
              Keep it
            </Button>
            <Button color="red" loading={remove.isPending} onClick={() => leaving && remove.mutate(leaving)}>
              Remove
            </Button>
          </Group>
        </Stack>
      </Modal>
    </Stack>
  );
}
