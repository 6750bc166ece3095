import { Card, SegmentedControl, SimpleGrid, Skeleton, Stack, Switch, Text, Title } from '@mantine/core';
import { getTracker, type TrackerPointView, updateUser } from '@spindle/contracts';
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { api, queryKeys } from '../api.ts';
import { SeriesChart } from '../charts/series-chart.tsx';
import { Failure } from '../components/failure.tsx';
import { AnchorLink } from '../components/links.tsx';
import { reportFailure } from '../components/report.ts';
import { useSession } from '../session.tsx';
import { addDays, shortDate } from '../statistics/calendar.ts';
import { Figure } from '../statistics/figure.tsx';
import { listeningTime, plays } from '../statistics/figure-words.ts';
import { TRACKER_SPANS, type TrackerSpan, type TrackersSearch } from '../statistics/tracker-search.ts';
import { useToday } from '../statistics/use-today.ts';
import { count } from '../time-words.ts';
import { Section } from './overview-sections.tsx';

const SPANS: Readonly<Record<TrackerSpan, { readonly label: string; readonly days: number | null }>> = {
  month: { label: '30 days', days: 30 },
  quarter: { label: '90 days', days: 90 },
  year: { label: 'A year', days: 365 },
  all: { label: 'All', days: null },
};

/** "+12 in these days"; nothing where nothing changed. */
function changeWords(first: number, last: number): string | null {
  if (first === last) return null;
  return `${last > first ? '+' : '−'}${count(Math.abs(last - first))} in this time`;
}

function OnSwitch(): ReactNode {
  const { user } = useSession();
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: (trackers: boolean) => api.call(updateUser, { body: { trackers } }),
    onSuccess: (saved) => {
      queries.setQueryData(queryKeys.user, saved);
      void queries.invalidateQueries({ queryKey: queryKeys.tracker });
    },
    onError: reportFailure,
  });
  return (
    <Card component="section" aria-label="Tracker">
      <Switch
        label="Take a point every day"
        description="How many songs you like, how many playlists you have, what you played. It costs a call or two to Spotify a day."
        checked={user.trackers}
        disabled={save.isPending}
        onChange={(event) => save.mutate(event.currentTarget.checked)}
      />
    </Card>
  );
}

function Charts({ points }: { readonly points: readonly TrackerPointView[] }): ReactNode {
  const first = points[0] as TrackerPointView;
  const last = points.at(-1) as TrackerPointView;
  const average = (of: (point: TrackerPointView) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const series = (of: (point: TrackerPointView) => number) =>
    points.map((point) => ({ label: shortDate(point.day), value: of(point) }));
  return (
    <>
      <Section title="In figures">
        <SimpleGrid cols={{ base: 2, sm: 4 }}>
          <Figure
            name="Liked songs"
            value={count(last.likedTracks)}
            note={changeWords(first.likedTracks, last.likedTracks)}
          />
          <Figure
            name="Playlists"
            value={count(last.playlists)}
            note={changeWords(first.playlists, last.playlists)}
          />
          <Figure name="Plays a day" value={count(Math.round(average((point) => point.plays)))} />
          <Figure name="Time a day" value={listeningTime(average((point) => point.msPlayed))} />
        </SimpleGrid>
      </Section>
      <Section title="Liked songs">
        <SeriesChart
          kind="line"
          name="Liked songs"
          by="Day"
          format={count}
          points={series((point) => point.likedTracks)}
        />
        {points.some((point) => point.likedChange) ? (
          <Stack gap={4} mt="md">
            <Text size="sm" fw={600}>
              Change from day to day
            </Text>
            <SeriesChart
              kind="bars"
              name="Change"
              by="Day"
              format={(value) => (value > 0 ? `+${count(value)}` : count(value))}
              points={series((point) => point.likedChange ?? 0)}
            />
          </Stack>
        ) : null}
      </Section>
      <Section title="Playlists">
        <SeriesChart
          kind="line"
          name="Playlists"
          by="Day"
          format={count}
          points={series((point) => point.playlists)}
        />
      </Section>
      <Section title="Plays a day">
        <SeriesChart
          kind="bars"
          name="Plays"
          by="Day"
          format={plays}
          points={series((point) => point.plays)}
        />
      </Section>
      <Section title="Listening time a day">
        <SeriesChart
          kind="bars"
          name="Listening time"
          by="Day"
          format={listeningTime}
          points={series((point) => point.msPlayed)}
        />
      </Section>
    </>
  );
}

/** One point a day about the library and the listening, over time. */
export function Trackers(): ReactNode {
  const { user } = useSession();
  const search: TrackersSearch = useSearch({ from: '/app/trackers' });
  const navigate = useNavigate({ from: '/trackers' });
  const today = useToday();
  const span = search.span ?? 'quarter';
  const { days } = SPANS[span];
  const query = days === null ? {} : { from: addDays(today, 1 - days) };
  const { data, error, refetch } = useQuery({
    queryKey: [...queryKeys.tracker, query],
    queryFn: ({ signal }) => api.call(getTracker, { query }, { signal }),
    placeholderData: keepPreviousData,
  });
  return (
    <Stack gap="lg">
      <Title order={1} size="h2">
        Trackers
      </Title>
      <OnSwitch />
      <SegmentedControl
        aria-label="Time"
        data={TRACKER_SPANS.map((value) => ({ value, label: SPANS[value].label }))}
        value={span}
        onChange={(value) => {
          const next = TRACKER_SPANS.find((one) => one === value) ?? 'quarter';
          void navigate({
            search: next === 'quarter' ? {} : { span: next },
            replace: true,
            resetScroll: false,
          });
        }}
      />
      {error ? <Failure error={error} retry={() => void refetch()} /> : null}
      {data || error ? null : <Skeleton height={220} radius="lg" />}
      {data?.points.length === 0 ? (
        <Card>
          <Text c="dimmed" ta="center">
            {user.trackers
              ? 'No points in this time yet. The first comes within the hour, and from then on one every day.'
              : 'No points in this time. Switch the tracker on, and the first comes within the hour.'}
          </Text>
        </Card>
      ) : null}
      {data && data.points.length > 0 ? <Charts points={data.points} /> : null}
      {data?.points.length === 1 ? (
        <Text size="sm" c="dimmed" ta="center">
          One point so far: lines begin with the second, tomorrow.
        </Text>
      ) : null}
      <Text size="xs" c="dimmed">
        Days are those of {user.timeZone.replaceAll('_', ' ')}, which you can{' '}
        <AnchorLink to="/settings" inherit underline="always">
          change
        </AnchorLink>
        .
      </Text>
    </Stack>
  );
}
