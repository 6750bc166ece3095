import {
  Alert,
  Button,
  Card,
  Group,
  Loader,
  Select,
  SimpleGrid,
  Skeleton,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { listPlays, PLAY_SOURCES, type PlaySourceName, type PlayView } from '@spindle/contracts';
import { IconClockQuestion, IconSearch, IconX } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useMemo, useState } from 'react';
import { api, queryKeys } from '../api.ts';
import { Attribution } from '../components/attribution.tsx';
import { EndOfList } from '../components/end-of-list.tsx';
import { Failure } from '../components/failure.tsx';
import { PlayRow } from '../components/play-row.tsx';
import { ChosenPlays, PlayMenu } from '../corrections/play-actions.tsx';
import { useSession } from '../session.tsx';
import { clockTime, dayName, dayOf } from '../time-words.ts';

const PAGE = 50;

/** What the address of the page says. */
export interface HistorySearch {
  readonly q?: string;
  readonly from?: string;
  readonly to?: string;
  readonly source?: PlaySourceName;
  readonly counted?: 'true' | 'false';
  readonly track?: string;
  readonly artist?: string;
  readonly album?: string;
}

const SOURCES: Readonly<Record<PlaySourceName, string>> = {
  'recently-played': 'Recently played',
  live: 'Live',
  'spotify-extended': 'Extended history',
  'spotify-account-data': 'Account data',
  lastfm: 'Last.fm',
  listenbrainz: 'ListenBrainz',
  maloja: 'Maloja',
  scrobble: 'Scrobbled',
};

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

function Filters(props: {
  readonly search: HistorySearch;
  readonly onChange: (next: HistorySearch) => void;
}): ReactNode {
  const { search, onChange } = props;
  const [words, setWords] = useState(search.q ?? '');
  const lookFor = useDebouncedCallback((q: string) => onChange({ q }), 300);
  const item = (['track', 'artist', 'album'] as const).find((kind) => search[kind]);
  return (
    <Stack gap="sm" component="search">
      <SimpleGrid cols={{ base: 2, sm: 6 }} spacing="sm">
        <TextInput
          style={{ gridColumn: 'span 2' }}
          label="Search"
          placeholder="Track, artist or album"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={words}
          onChange={(event) => {
            setWords(event.currentTarget.value);
            lookFor(event.currentTarget.value.trim());
          }}
        />
        <TextInput
          label="From"
          type="date"
          value={search.from ?? ''}
          onChange={(event) => onChange({ from: event.currentTarget.value })}
        />
        <TextInput
          label="Until before"
          type="date"
          value={search.to ?? ''}
          onChange={(event) => onChange({ to: event.currentTarget.value })}
        />
        <Select
          label="Seen by"
          placeholder="anything"
          clearable
          data={PLAY_SOURCES.map((value) => ({ value, label: SOURCES[value] }))}
          value={search.source ?? null}
          onChange={(value) => onChange({ source: PLAY_SOURCES.find((one) => one === value) })}
        />
        <Select
          label="Counts"
          placeholder="all"
          clearable
          data={[
            { value: 'true', label: 'counted' },
            { value: 'false', label: 'not counted' },
          ]}
          value={search.counted ?? null}
          onChange={(value) =>
            onChange({ counted: value === 'true' || value === 'false' ? value : undefined })
          }
        />
      </SimpleGrid>
      {item ? (
        <Group>
          <Button
            size="xs"
            variant="light"
            rightSection={<IconX size={14} />}
            onClick={() => onChange({ track: undefined, artist: undefined, album: undefined })}
          >
            Only one {item}
          </Button>
        </Group>
      ) : null}
    </Stack>
  );
}

/** As high as the plays that come. */
function Waiting(): ReactNode {
  return (
    <Card role="status" aria-label="Loading">
      <Skeleton height={20} width={120} mb="md" />
      {Array.from({ length: 10 }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows without content
        <Skeleton key={index} height={44} my={6} radius="sm" />
      ))}
    </Card>
  );
}

/** The whole log, newest first, for as long as one scrolls. */
export function History(): ReactNode {
  const { user } = useSession();
  const search: HistorySearch = useSearch({ from: '/app/history' });
  const navigate = useNavigate({ from: '/history' });
  const [choosing, setChoosing] = useState(false);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const change = (next: HistorySearch) =>
    void navigate({
      search: Object.fromEntries(Object.entries({ ...search, ...next }).filter(([, value]) => value)),
      replace: true,
      resetScroll: false,
    });
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
  const items = useMemo(() => plays.data?.pages.flatMap((page) => page.items) ?? [], [plays.data]);
  const days = useMemo(() => byDay(items, user.timeZone), [items, user.timeZone]);
  const gaps = plays.data?.pages.flatMap((page) => page.gaps) ?? [];
  const filtered = Object.keys(search).length > 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = plays;
  const choose = (id: string, on: boolean) =>
    setChosen((before) => {
      const next = new Set(before);
      if (on) next.add(id);
      else next.delete(id);
      return next;
    });

  return (
    <Stack gap="lg">
      <Group justify="space-between">
        <Title order={1} size="h2">
          History
        </Title>
        <Button
          variant={choosing ? 'light' : 'subtle'}
          size="xs"
          aria-pressed={choosing}
          onClick={() => {
            setChoosing(!choosing);
            setChosen(new Set());
          }}
        >
          Choose several
        </Button>
      </Group>
      <Filters search={search} onChange={change} />
      {plays.error ? <Failure error={plays.error} retry={() => void plays.refetch()} /> : null}
      {plays.isPending ? <Waiting /> : null}
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
              <PlayRow
                key={play.id}
                play={play}
                timeZone={user.timeZone}
                {...(choosing && {
                  choice: { chosen: chosen.has(play.id), onChange: (on: boolean) => choose(play.id, on) },
                })}
                actions={<PlayMenu play={play} />}
              />
            ))}
          </Stack>
        </Card>
      ))}
      {isFetchingNextPage ? <Loader mx="auto" size="sm" aria-label="Loading more" /> : null}
      {hasNextPage && !isFetchingNextPage ? <EndOfList reach={() => void fetchNextPage()} /> : null}
      <ChosenPlays
        ids={[...chosen]}
        onDone={() => {
          setChosen(new Set());
          setChoosing(false);
        }}
      />
      <Attribution />
    </Stack>
  );
}
