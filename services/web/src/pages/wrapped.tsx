import {
  Button,
  Card,
  Group,
  SegmentedControl,
  SimpleGrid,
  Skeleton,
  Stack,
  Text,
  Title,
  useComputedColorScheme,
} from '@mantine/core';
import { IconChevronLeft, IconChevronRight, IconDownload, IconShare2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { describeError } from '../api.ts';
import { Attribution } from '../components/attribution.tsx';
import { Failure } from '../components/failure.tsx';
import { IconLink } from '../components/links.tsx';
import { TrackLines } from '../components/track-lines.tsx';
import { useSession } from '../session.tsx';
import { dateSpan, longDate } from '../statistics/calendar.ts';
import { ClockGrid } from '../statistics/clock-grid.tsx';
import { Figure } from '../statistics/figure.tsx';
import { days, listeningTime, plays } from '../statistics/figure-words.ts';
import { wrappedQuery } from '../statistics/queries.ts';
import { TimelineChart } from '../statistics/timeline.tsx';
import { faceOf, ItemName, TopRows } from '../statistics/top-rows.tsx';
import { count, dayOf } from '../time-words.ts';
import { Section } from './overview-sections.tsx';
import { pictureOf } from './wrapped-picture.ts';

type Theme = 'dark' | 'light';

function Picture({ year }: { readonly year: number }): ReactNode {
  const scheme = useComputedColorScheme('light');
  const [theme, setTheme] = useState<Theme>(scheme);
  const [problem, setProblem] = useState<string | null>(null);
  const address = `/api/stats/wrapped/${year}/card.svg?theme=${theme}`;
  const name = `spindle-${year}.png`;
  const withPicture = async (use: (file: File) => Promise<void> | void) => {
    setProblem(null);
    try {
      await use(new File([await pictureOf(address)], name, { type: 'image/png' }));
    } catch (error) {
      if (!(error instanceof DOMException && error.name === 'AbortError'))
        setProblem(describeError(error).title);
    }
  };
  const download = (file: File) => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(file);
    link.download = name;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  const canShare = typeof navigator.canShare === 'function';
  return (
    <Section
      title="To share"
      more={
        <SegmentedControl
          size="xs"
          data={['dark', 'light']}
          value={theme}
          onChange={(value) => setTheme(value === 'dark' ? 'dark' : 'light')}
          aria-label="Look of the picture"
        />
      }
    >
      <Stack align="center">
        <img
          src={address}
          width={1080}
          height={1350}
          alt={`${year} in music: minutes, plays, months and top lists on one card`}
          style={{ width: '100%', maxWidth: 420, height: 'auto', borderRadius: 16 }}
        />
        <Group>
          <Button leftSection={<IconDownload size={16} />} onClick={() => void withPicture(download)}>
            Download picture
          </Button>
          {canShare ? (
            <Button
              variant="default"
              leftSection={<IconShare2 size={16} />}
              onClick={() => void withPicture((file) => navigator.share({ files: [file] }))}
            >
              Share
            </Button>
          ) : null}
        </Group>
        {problem ? (
          <Text size="sm" c="red" role="alert">
            {problem}
          </Text>
        ) : null}
      </Stack>
    </Section>
  );
}

/** A year told from top to bottom, with a picture at its end. */
export function Wrapped(): ReactNode {
  const { user } = useSession();
  const params = useParams({ from: '/app/wrapped/$year' });
  const year = Number(params.year);
  const { data, error, refetch } = useQuery(wrappedQuery(year));
  const step = (by: number) => String(year + by);
  const discovery = data?.topDiscovery;
  return (
    <Stack gap="lg">
      <Group justify="space-between">
        <Title order={1} size="h2">
          {year} in music
        </Title>
        <Group gap="xs">
          <IconLink
            to="/wrapped/$year"
            params={{ year: step(-1) }}
            variant="default"
            size="lg"
            aria-label="The year before"
          >
            <IconChevronLeft size={18} />
          </IconLink>
          <IconLink
            to="/wrapped/$year"
            params={{ year: step(1) }}
            variant="default"
            size="lg"
            aria-label="The year after"
          >
            <IconChevronRight size={18} />
          </IconLink>
        </Group>
      </Group>
      {error ? <Failure error={error} retry={() => void refetch()} /> : null}
      {data && data.summary.figures.plays === 0 ? (
        <Card>
          <Text c="dimmed" ta="center">
            Nothing was played in {year}.
            {data.years.length > 0 ? ` There are plays in ${data.years.join(', ')}.` : ''}
          </Text>
        </Card>
      ) : (
        <>
          <Card component="section" aria-label="The year in figures">
            <SimpleGrid cols={{ base: 2, sm: 4 }}>
              <Figure
                name="Minutes"
                value={data && count(Math.round(data.summary.figures.msPlayed / 60_000))}
              />
              <Figure name="Plays" value={data && count(data.summary.figures.plays)} />
              <Figure
                name="Artists"
                value={data && count(data.summary.distinct.artists)}
                note={data && `${count(data.summary.discovered.artists)} for the first time`}
              />
              <Figure name="Days with music" value={data && count(data.summary.activeDays)} />
              <Figure
                name="Longest streak"
                value={data && (data.longestStreak ? days(data.longestStreak.days) : '–')}
                note={data?.longestStreak && dateSpan(data.longestStreak.from, data.longestStreak.to)}
              />
              <Figure
                name="Longest session"
                value={
                  data &&
                  (data.longestSession
                    ? listeningTime(Date.parse(data.longestSession.to) - Date.parse(data.longestSession.from))
                    : '–')
                }
                note={data?.longestSession && longDate(dayOf(data.longestSession.from, user.timeZone))}
              />
              <Figure
                name="Biggest day"
                value={data && (data.busiestDay ? listeningTime(data.busiestDay.msPlayed) : '–')}
                note={data?.busiestDay && longDate(data.busiestDay.day)}
              />
              <Figure
                name="Best discovery"
                value={data && (discovery ? <ItemName face={faceOf(discovery, 44)} /> : '–')}
                note={discovery && `${plays(discovery.plays)} since`}
              />
            </SimpleGrid>
          </Card>
          {data?.first ? (
            <Section title="It began with">
              <TrackLines track={data.first.track} />
              <Text size="xs" c="dimmed">
                {longDate(dayOf(data.first.at, user.timeZone))}
              </Text>
            </Section>
          ) : null}
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
            <Section title="Tracks">
              <TopRows items={data?.topTracks} by="plays" expected={10} />
            </Section>
            <Section title="Artists">
              <TopRows items={data?.topArtists} by="plays" expected={10} />
            </Section>
            <Section title="Albums">
              <TopRows items={data?.topAlbums} by="plays" expected={5} />
            </Section>
            <Section title="Genres">
              <TopRows items={data?.topGenres} by="plays" expected={5} />
            </Section>
          </SimpleGrid>
          <Section title="Month by month">
            <TimelineChart points={data?.months} step="month" by="time" />
          </Section>
          <Section title="Hours of the week">
            <ClockGrid cells={data?.clock} by="time" />
          </Section>
          {data ? <Picture year={year} /> : <Skeleton height={520} radius="lg" />}
        </>
      )}
      <Attribution />
    </Stack>
  );
}
