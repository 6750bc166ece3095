import {
  Avatar,
  Card,
  Container,
  Group,
  Loader,
  SegmentedControl,
  SimpleGrid,
  Stack,
  Text,
  Title,
} from '@mantine/core';
import { getProfile, getProfilePlays, getUserNowPlaying, type RangeName } from '@spindle/contracts';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { api } from '../api.ts';
import { Attribution } from '../components/attribution.tsx';
import { Failure } from '../components/failure.tsx';
import { NowPlayingCard } from '../components/now-playing-card.tsx';
import { PlayRow } from '../components/play-row.tsx';
import { ClockGrid } from '../statistics/clock-grid.tsx';
import { publicQueries } from '../statistics/queries.ts';
import { TimelineChart } from '../statistics/timeline.tsx';
import { TopRows } from '../statistics/top-rows.tsx';
import { Section, SummaryFigures } from './overview-sections.tsx';

const RANGES: { value: RangeName; label: string }[] = [
  { value: 'week', label: 'Week' },
  { value: 'month', label: 'Month' },
  { value: 'year', label: 'Year' },
  { value: 'all', label: 'All time' },
];

function Figures({ handle }: { readonly handle: string }): ReactNode {
  const [range, setRange] = useState<RangeName>('month');
  const queries = publicQueries(handle);
  const period = { range };
  const summary = useQuery(queries.summary(period));
  const timeline = useQuery(queries.timeline(period));
  const clock = useQuery(queries.clock(period));
  const tracks = useQuery(queries.top('tracks', period));
  const artists = useQuery(queries.top('artists', period));
  return (
    <>
      <SegmentedControl
        data={RANGES}
        value={range}
        onChange={(value) => setRange(RANGES.find((one) => one.value === value)?.value ?? 'month')}
        aria-label="Period"
      />
      <Section title="In figures">
        <SummaryFigures summary={summary.data} />
      </Section>
      <Section title="Over time">
        <TimelineChart points={timeline.data?.points} step={timeline.data?.by ?? 'day'} by="time" />
      </Section>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
        <Section title="Top tracks">
          <TopRows items={tracks.data?.items} by="plays" expected={10} linked={false} />
        </Section>
        <Section title="Top artists">
          <TopRows items={artists.data?.items} by="plays" expected={10} linked={false} />
        </Section>
      </SimpleGrid>
      <Section title="Hours of the week">
        <ClockGrid cells={clock.data?.cells} by="time" />
      </Section>
    </>
  );
}

function Recent({ handle, timeZone }: { readonly handle: string; readonly timeZone: string }): ReactNode {
  const { data } = useQuery({
    queryKey: ['getPublicPlays', handle],
    queryFn: () => api.call(getProfilePlays, { params: { handle }, query: { limit: 20 } }),
  });
  return (
    <Section title="Last plays">
      <Stack component="ul" gap={0} p={0} m={0} style={{ listStyle: 'none' }}>
        {data?.items.map((play) => (
          <PlayRow key={play.id} play={play} timeZone={timeZone} linked={false} />
        ))}
      </Stack>
    </Section>
  );
}

function Now({ handle }: { readonly handle: string }): ReactNode {
  const { data } = useQuery({
    queryKey: ['getUserNowPlaying', handle],
    queryFn: () => api.call(getUserNowPlaying, { params: { handle } }),
  });
  return <NowPlayingCard view={data} linked={false} />;
}

/** What a listener shows to anybody, part by part. */
export function Profile(): ReactNode {
  const { handle } = useParams({ from: '/u/$handle' });
  const { data, error, refetch } = useQuery({
    queryKey: ['getPublicProfile', handle],
    queryFn: () => api.call(getProfile, { params: { handle } }),
    retry: false,
  });
  return (
    <Container component="main" size="md" py="xl">
      <Stack gap="lg">
        {error ? <Failure error={error} retry={() => void refetch()} /> : null}
        {data ? (
          <>
            <Group>
              <Avatar src={data.imageUrl} size={72} alt="" name={data.displayName} />
              <div>
                <Title order={1} size="h2">
                  <bdi>{data.displayName}</bdi>
                </Title>
                <Text c="dimmed" size="sm">
                  @{data.handle}
                </Text>
              </div>
            </Group>
            {data.parts.now ? <Now handle={handle} /> : null}
            {data.parts.stats ? <Figures handle={handle} /> : null}
            {data.parts.recent ? <Recent handle={handle} timeZone={data.timeZone} /> : null}
            {Object.values(data.parts).some(Boolean) ? null : (
              <Card>
                <Text c="dimmed">Nothing is shown here at the moment.</Text>
              </Card>
            )}
            <Attribution />
          </>
        ) : error ? null : (
          <Loader aria-label="Loading" />
        )}
      </Stack>
    </Container>
  );
}
