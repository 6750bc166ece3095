import { Card, Group, SimpleGrid, Stack, Title } from '@mantine/core';
import type { Measure, StatsSummary } from '@spindle/contracts';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Failure } from '../components/failure.tsx';
import { AnchorLink } from '../components/links.tsx';
import { periodName } from '../statistics/calendar.ts';
import { ClockGrid } from '../statistics/clock-grid.tsx';
import { CountingNote } from '../statistics/counting-note.tsx';
import { Figure } from '../statistics/figure.tsx';
import { changeOf, days, listeningTime } from '../statistics/figure-words.ts';
import type { PeriodSearch } from '../statistics/period-search.ts';
import { clockQuery, streaksQuery, summaryQuery, timelineQuery, topQuery } from '../statistics/queries.ts';
import { TimelineChart } from '../statistics/timeline.tsx';
import { TopRows } from '../statistics/top-rows.tsx';
import { count } from '../time-words.ts';

/** A card with a heading, and a way to more of the same. */
export function Section(props: {
  readonly title: string;
  readonly more?: ReactNode;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <Card component="section" aria-label={props.title}>
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          {props.title}
        </Title>
        {props.more}
      </Group>
      {props.children}
    </Card>
  );
}

/** The period before, to compare with; nothing for all time, and where nothing was played in it. */
function previousOf(summary: Pick<StatsSummary, 'previous'> | undefined): StatsSummary['previous'] {
  const previous = summary?.previous;
  return previous && previous.figures.plays > 0 ? previous : null;
}

/** The name of the period before, for the changes. */
export function nameOfPrevious(summary: Pick<StatsSummary, 'previous'> | undefined): string | undefined {
  const previous = previousOf(summary);
  return previous ? periodName(previous.period) : undefined;
}

/** The figures of a period with the period before beside them. */
export function SummaryFigures({
  summary,
}: {
  readonly summary: Omit<StatsSummary, 'gaps' | 'counting'> | undefined;
}): ReactNode {
  const before = previousOf(summary);
  const than = nameOfPrevious(summary) ?? '';
  const change = (now: number | undefined, then: number | undefined) =>
    now !== undefined && then !== undefined ? changeOf(now, then, than) : null;
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, md: 6 }}>
      <Figure
        name="Listening time"
        value={summary && listeningTime(summary.figures.msPlayed)}
        change={change(summary?.figures.msPlayed, before?.figures.msPlayed)}
      />
      <Figure
        name="Plays"
        value={summary && count(summary.figures.plays)}
        change={change(summary?.figures.plays, before?.figures.plays)}
      />
      {(['tracks', 'artists', 'albums'] as const).map((kind) => (
        <Figure
          key={kind}
          name={kind}
          value={summary && count(summary.distinct[kind])}
          change={change(summary?.distinct[kind], before?.distinct[kind])}
          note={summary?.discovered[kind] ? `${count(summary.discovered[kind])} new` : null}
        />
      ))}
      <Figure
        name="Days"
        value={summary && count(summary.activeDays)}
        change={change(summary?.activeDays, before?.activeDays)}
        note={summary && `of ${count(summary.days)}`}
      />
    </SimpleGrid>
  );
}

export function SummarySection({
  period,
  timeZone,
}: {
  readonly period: PeriodSearch;
  readonly timeZone: string;
}): ReactNode {
  const { data, error, refetch } = useQuery(summaryQuery(period));
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  return (
    <Section title="In figures">
      <Stack gap="sm">
        <SummaryFigures summary={data} />
        {data ? <CountingNote summary={data} timeZone={timeZone} /> : null}
      </Stack>
    </Section>
  );
}

export function TimelineSection({
  period,
  by,
}: {
  readonly period: PeriodSearch;
  readonly by: Measure;
}): ReactNode {
  const { data, error, refetch } = useQuery(timelineQuery(period));
  return (
    <Section title="Over time">
      {error ? (
        <Failure error={error} retry={() => void refetch()} />
      ) : (
        <TimelineChart points={data?.points} step={data?.by ?? 'day'} by={by} />
      )}
    </Section>
  );
}

export function ClockSection({
  period,
  by,
}: {
  readonly period: PeriodSearch;
  readonly by: Measure;
}): ReactNode {
  const { data, error, refetch } = useQuery(clockQuery(period));
  return (
    <Section title="Hours of the week">
      {error ? (
        <Failure error={error} retry={() => void refetch()} />
      ) : (
        <ClockGrid cells={data?.cells} by={by} />
      )}
    </Section>
  );
}

const TITLES = { tracks: 'Top tracks', artists: 'Top artists', albums: 'Top albums' } as const;
const SHOWN = 5;

export function TopSection(props: {
  readonly kind: keyof typeof TITLES;
  readonly period: PeriodSearch;
  readonly by: Measure;
}): ReactNode {
  const { kind, period, by } = props;
  const { data, error, refetch } = useQuery(topQuery({ kind, period, by, limit: SHOWN }));
  const summary = useQuery(summaryQuery(period));
  const more = (
    <AnchorLink to="/tops" search={{ ...period, by, kind }} size="sm">
      All<span className="mantine-visually-hidden"> {kind}</span>
    </AnchorLink>
  );
  return (
    <Section title={TITLES[kind]} more={more}>
      {error ? (
        <Failure error={error} retry={() => void refetch()} />
      ) : (
        <TopRows items={data?.items} by={by} expected={SHOWN} than={nameOfPrevious(summary.data)} />
      )}
    </Section>
  );
}

export function StreakLine(): ReactNode {
  const { data } = useQuery(streaksQuery());
  const more = (
    <AnchorLink to="/habits" size="sm">
      Habits
    </AnchorLink>
  );
  return (
    <Section title="Streak" more={more}>
      <SimpleGrid cols={{ base: 2, sm: 3 }}>
        <Figure name="Running" value={data && (data.current ? days(data.current.days) : 'none')} />
        <Figure name="Longest" value={data && (data.longest[0] ? days(data.longest[0].days) : 'none')} />
        <Figure
          name={`To ${data ? count(data.next.plays) : '…'} plays`}
          value={data && count(data.next.left)}
        />
      </SimpleGrid>
    </Section>
  );
}
