import { List, SegmentedControl, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core';
import { DISCOVERY_KINDS } from '@spindle/contracts';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { Attribution } from '../components/attribution.tsx';
import { Failure } from '../components/failure.tsx';
import { TrackLines } from '../components/track-lines.tsx';
import { useSession } from '../session.tsx';
import { dateSpan, longDate } from '../statistics/calendar.ts';
import { Figure } from '../statistics/figure.tsx';
import { days, inMeasure, listeningTime, plays } from '../statistics/figure-words.ts';
import { orDefault, type PeriodSearch, type StatisticsSearch } from '../statistics/period-search.ts';
import { discoveriesQuery, sessionsQuery, streaksQuery } from '../statistics/queries.ts';
import { RangePicker } from '../statistics/range-picker.tsx';
import { TimelineChart } from '../statistics/timeline.tsx';
import { TopRows } from '../statistics/top-rows.tsx';
import { useToday } from '../statistics/use-today.ts';
import { clockTime, count, dayName, dayOf } from '../time-words.ts';
import { Section } from './overview-sections.tsx';

function Sessions({ period }: { readonly period: PeriodSearch }): ReactNode {
  const { user } = useSession();
  const [order, setOrder] = useState<'longest' | 'newest'>('longest');
  const { data, error, refetch } = useQuery(sessionsQuery(period, order));
  const choice = (
    <SegmentedControl
      size="xs"
      data={[
        { value: 'longest', label: 'Longest' },
        { value: 'newest', label: 'Newest' },
      ]}
      value={order}
      onChange={(value) => setOrder(value === 'newest' ? 'newest' : 'longest')}
      aria-label="Order of the sessions"
    />
  );
  return (
    <Section title="Sessions" more={choice}>
      {error ? <Failure error={error} retry={() => void refetch()} /> : null}
      <SimpleGrid cols={3} mb="sm">
        <Figure name="Sessions" value={data && count(data.count)} />
        <Figure name="Average" value={data && listeningTime(data.averageMs)} />
        <Figure name="Longest" value={data && listeningTime(data.longestMs)} />
      </SimpleGrid>
      <Table fz="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>When</Table.Th>
            <Table.Th>Length</Table.Th>
            <Table.Th>Plays</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {data?.items.map((session) => (
            <Table.Tr key={session.from}>
              <Table.Td>
                {dayName(dayOf(session.from, user.timeZone), user.timeZone)},{' '}
                {clockTime(session.from, user.timeZone)}–{clockTime(session.to, user.timeZone)}
              </Table.Td>
              <Table.Td>{listeningTime(Date.parse(session.to) - Date.parse(session.from))}</Table.Td>
              <Table.Td>{count(session.plays)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Text size="xs" c="dimmed" mt="xs">
        Plays with less than {data ? Math.round(data.gapMs / 60_000) : 10} minutes between them are one
        session.
      </Text>
    </Section>
  );
}

function Discoveries({ period }: { readonly period: PeriodSearch }): ReactNode {
  const [kind, setKind] = useState<(typeof DISCOVERY_KINDS)[number]>('artists');
  const { data, error, refetch } = useQuery(discoveriesQuery(period, kind));
  const choice = (
    <SegmentedControl
      size="xs"
      data={DISCOVERY_KINDS.map((value) => ({ value, label: value }))}
      value={kind}
      onChange={(value) => setKind(DISCOVERY_KINDS.find((one) => one === value) ?? 'artists')}
      aria-label="Kind of discoveries"
    />
  );
  return (
    <Section title="Heard for the first time" more={choice}>
      {error ? (
        <Failure error={error} retry={() => void refetch()} />
      ) : (
        <Stack gap="sm">
          <Text size="sm" c="dimmed" mih={21}>
            {data ? `${count(data.total)} ${kind}` : ''}
          </Text>
          <TimelineChart
            points={data?.points.map((point) => ({
              at: point.at,
              plays: point.count,
              msPlayed: point.count,
            }))}
            step={data?.by ?? 'day'}
            by="plays"
          />
          <Text size="sm" fw={600}>
            Played most since
          </Text>
          <TopRows items={data?.items} by="plays" expected={6} />
        </Stack>
      )}
    </Section>
  );
}

function Streaks(): ReactNode {
  const { user } = useSession();
  const { data, error, refetch } = useQuery(streaksQuery());
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  const busiest = data?.busiest;
  return (
    <>
      <Section title="Days in a row">
        <SimpleGrid cols={{ base: 2, sm: 4 }} mb="sm">
          <Figure name="Running" value={data && (data.current ? days(data.current.days) : 'none')} />
          <Figure name="Days with music" value={data && count(data.activeDays)} />
          <Figure
            name="Most plays"
            value={data && (busiest?.byPlays ? plays(busiest.byPlays.plays) : '–')}
            note={busiest?.byPlays && longDate(busiest.byPlays.day)}
          />
          <Figure
            name="Longest day"
            value={data && (busiest?.byTime ? listeningTime(busiest.byTime.msPlayed) : '–')}
            note={busiest?.byTime && longDate(busiest.byTime.day)}
          />
        </SimpleGrid>
        <List size="sm" type="ordered">
          {data?.longest.slice(0, 5).map((streak) => (
            <List.Item key={streak.from}>
              {days(streak.days)}, {dateSpan(streak.from, streak.to)}
            </List.Item>
          ))}
        </List>
      </Section>
      <Section title="Milestones">
        {data?.milestones.length === 0 ? <Text c="dimmed">The first play will be the first one.</Text> : null}
        <Stack gap="sm">
          {data?.milestones.map((milestone) => (
            <SimpleGrid key={milestone.plays} cols={{ base: 1, xs: 2 }} spacing={4}>
              <div>
                <Text fw={600} size="sm">
                  {inMeasure({ plays: milestone.plays, msPlayed: 0 }, 'plays')}
                </Text>
                <Text size="xs" c="dimmed">
                  {longDate(dayOf(milestone.at, user.timeZone))}
                </Text>
              </div>
              <TrackLines track={milestone.track} />
            </SimpleGrid>
          ))}
        </Stack>
      </Section>
    </>
  );
}

/** How one listens: sessions, streaks, milestones and discoveries. */
export function Habits(): ReactNode {
  const search: StatisticsSearch = useSearch({ from: '/app/habits' });
  const navigate = useNavigate({ from: '/habits' });
  const today = useToday();
  const period = orDefault(search, 'year');
  const sessions = useQuery(sessionsQuery(period, 'longest'));
  return (
    <Stack gap="lg">
      <Title order={1} size="h2">
        Habits
      </Title>
      <RangePicker
        period={period}
        today={today}
        whole={sessions.data?.period}
        onChange={(next) => void navigate({ search: next, replace: true, resetScroll: false })}
      />
      <Sessions period={period} />
      <Discoveries period={period} />
      <Streaks />
      <Attribution />
    </Stack>
  );
}
