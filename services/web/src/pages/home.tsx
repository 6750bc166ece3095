import { Card, Group, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core';
import { getMyNowPlaying, listPlays } from '@spindle/contracts';
import { IconUpload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { api, queryKeys } from '../api.ts';
import { Attribution } from '../components/attribution.tsx';
import { ConnectionNotice } from '../components/connection-notice.tsx';
import { Failure } from '../components/failure.tsx';
import { AnchorLink, ButtonLink } from '../components/links.tsx';
import { NowPlayingCard } from '../components/now-playing-card.tsx';
import { PlayRow } from '../components/play-row.tsx';
import { useWatch } from '../live.ts';
import { useSession } from '../session.tsx';
import { Figure } from '../statistics/figure.tsx';
import { changeOf, listeningTime } from '../statistics/figure-words.ts';
import { orDefault, type StatisticsSearch } from '../statistics/period-search.ts';
import { summaryQuery, todayQuery } from '../statistics/queries.ts';
import { MeasureSwitch, RangePicker } from '../statistics/range-picker.tsx';
import { useToday } from '../statistics/use-today.ts';
import { count, relative } from '../time-words.ts';
import {
  ClockSection,
  Section,
  StreakLine,
  SummarySection,
  TimelineSection,
  TopSection,
} from './overview-sections.tsx';

/** A name where a figure stands, cut where it is too long. */
function OneLine({ children }: { readonly children: string }): ReactNode {
  return (
    <Text inherit span lineClamp={1} style={{ whiteSpace: 'normal' }} title={children} dir="auto">
      {children}
    </Text>
  );
}

function Today(): ReactNode {
  const { data, error, refetch } = useQuery(todayQuery());
  const than = 'yesterday until now';
  const { figures, yesterday, topTrack, topArtist } = data ?? {};
  // Beside a day without music everything would only be new.
  const before = yesterday && yesterday.plays > 0 ? yesterday : null;
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  return (
    <Section title="Today">
      <SimpleGrid cols={{ base: 2, sm: 4 }}>
        <Figure
          name="Listening time"
          value={figures && listeningTime(figures.msPlayed)}
          change={figures && before ? changeOf(figures.msPlayed, before.msPlayed, than) : null}
        />
        <Figure
          name="Plays"
          value={figures && count(figures.plays)}
          change={figures && before ? changeOf(figures.plays, before.plays, than) : null}
        />
        <Figure name="Most played" value={data && <OneLine>{topTrack?.track?.name ?? '–'}</OneLine>} />
        <Figure name="Artist" value={data && <OneLine>{topArtist?.artist?.name ?? '–'}</OneLine>} />
      </SimpleGrid>
    </Section>
  );
}

function Latest(): ReactNode {
  const { user } = useSession();
  const latest = useQuery({
    queryKey: [...queryKeys.plays, 'latest'],
    queryFn: () => api.call(listPlays, { query: { limit: 8 } }),
  });
  const more = (
    <AnchorLink to="/history" size="sm">
      Whole history
    </AnchorLink>
  );
  return (
    <Section title="Latest plays" more={more}>
      {latest.error ? <Failure error={latest.error} retry={() => void latest.refetch()} /> : null}
      {latest.isPending ? <Skeleton height={440} /> : null}
      {latest.data?.items.length === 0 ? (
        <Text c="dimmed">
          No plays yet. Spotify tells of a play when its track is over; your last fifty are on their way.
          Older years come from an import.
        </Text>
      ) : null}
      <Stack component="ul" gap={0} p={0} m={0} style={{ listStyle: 'none' }}>
        {latest.data?.items.map((play) => (
          <PlayRow key={play.id} play={play} timeZone={user.timeZone} />
        ))}
      </Stack>
    </Section>
  );
}

function Capture(): ReactNode {
  const { capture } = useSession().user;
  return (
    <Section title="Capture">
      <SimpleGrid cols={{ base: 2, sm: 4 }}>
        <Figure name="Plays in all" value={count(capture.plays)} />
        <Figure
          name="History read"
          value={capture.historyReadAt ? relative(capture.historyReadAt) : 'not yet'}
        />
        <Figure
          name="Next reading"
          value={capture.nextHistoryAt ? relative(capture.nextHistoryAt) : 'when connected'}
        />
        <Figure name="Gaps" value={capture.gaps === 0 ? 'none' : count(capture.gaps)} />
      </SimpleGrid>
      {capture.lastError ? (
        <Text size="sm" c="orange" mt="sm">
          The last reading failed {relative(capture.lastError.at)} (
          {capture.lastError.code.replaceAll('_', ' ')}
          ). It is tried again by itself.
        </Text>
      ) : null}
    </Section>
  );
}

function Newcomer(): ReactNode {
  return (
    <Card component="section" aria-label="Bring your history">
      <Stack align="flex-start" gap="xs">
        <Text fw={600}>Years of listening are waiting</Text>
        <Text size="sm" c="dimmed">
          Spotify shows only your last fifty plays. Its export has all of them, and so have Last.fm,
          ListenBrainz and Maloja.
        </Text>
        <ButtonLink to="/imports" leftSection={<IconUpload size={16} />}>
          Import your history
        </ButtonLink>
      </Stack>
    </Card>
  );
}

/** The morning's page: what plays, today, and a period of one's choice at a glance. */
export function Home(): ReactNode {
  const { user, live } = useSession();
  const search: StatisticsSearch = useSearch({ from: '/app/' });
  const navigate = useNavigate({ from: '/' });
  const today = useToday();
  useWatch(live);
  const playing = useQuery({ queryKey: queryKeys.nowPlaying, queryFn: () => api.call(getMyNowPlaying, {}) });
  const period = orDefault(search, 'week');
  const by = search.by ?? 'time';
  const summary = useQuery(summaryQuery(period));
  const change = (next: StatisticsSearch) =>
    void navigate({ search: next, replace: true, resetScroll: false });
  return (
    <Stack gap="lg">
      <Title order={1} size="h2">
        Hello, {user.displayName}
      </Title>
      <ConnectionNotice user={user} />
      {playing.error ? (
        <Failure error={playing.error} retry={() => void playing.refetch()} />
      ) : (
        <NowPlayingCard view={playing.data} />
      )}
      <Today />
      {user.capture.plays < 100 ? <Newcomer /> : null}
      <Group justify="space-between" align="center">
        <RangePicker
          period={period}
          today={today}
          whole={summary.data?.period}
          onChange={(next) => change({ ...next, ...(search.by ? { by: search.by } : {}) })}
        />
        <MeasureSwitch by={by} onChange={(next) => change({ ...search, by: next })} />
      </Group>
      <SummarySection period={period} timeZone={user.timeZone} />
      <TimelineSection period={period} by={by} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <TopSection kind="tracks" period={period} by={by} />
        <TopSection kind="artists" period={period} by={by} />
        <TopSection kind="albums" period={period} by={by} />
        <ClockSection period={period} by={by} />
      </SimpleGrid>
      <StreakLine />
      <Latest />
      <Capture />
      <Attribution />
    </Stack>
  );
}
