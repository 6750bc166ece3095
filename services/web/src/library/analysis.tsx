import { Alert, Button, Card, Group, SimpleGrid, Skeleton, Stack, Text } from '@mantine/core';
import {
  getAnalysis,
  type LibraryAnalysisFigures,
  makeAnalysis,
  type TrackSummary,
} from '@spindle/contracts';
import { IconRefresh } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api, queryKeys } from '../api.ts';
import { BarList } from '../charts/bar-list.tsx';
import { SeriesChart } from '../charts/series-chart.tsx';
import { Artwork } from '../components/artwork.tsx';
import { Failure } from '../components/failure.tsx';
import { AnchorLink } from '../components/links.tsx';
import { TrackLines } from '../components/track-lines.tsx';
import { JobBar, JobFailure } from '../jobs/job-bar.tsx';
import { isEnded } from '../jobs/job-effects.ts';
import { useJob } from '../jobs/use-job.ts';
import { Section } from '../pages/overview-sections.tsx';
import { useSession } from '../session.tsx';
import { fullDate, monthName } from '../statistics/calendar.ts';
import { Figure } from '../statistics/figure.tsx';
import { listeningTime, percent } from '../statistics/figure-words.ts';
import { count, dayOf, duration, relative } from '../time-words.ts';

/** From here on, years are too many for a list. */
const LIST_OF_YEARS = 12;
const TOPS = 10;

function lengthName(fromMs: number, toMs: number | null): string {
  const minutes = (ms: number) => String(ms / 60_000);
  if (toMs === null) return `${minutes(fromMs)} min and more`;
  return fromMs === 0 ? `under ${minutes(toMs)} min` : `${minutes(fromMs)}–${minutes(toMs)} min`;
}

/** "1987", "May 1987" or "3 May 1987", as exactly as it is known. */
function releaseWords(date: string | null): string {
  if (date === null) return 'date unknown';
  if (date.length === 4) return date;
  return date.length === 7 ? monthName(`${date}-01`) : fullDate(date);
}

function Mark(props: {
  readonly name: string;
  readonly track: TrackSummary | null | undefined;
  readonly note: string;
}): ReactNode {
  const { name, track, note } = props;
  if (!track) return null;
  return (
    <div>
      <Text size="xs" c="dimmed" tt="uppercase" fw={600} mb={6}>
        {name}
      </Text>
      <Group wrap="nowrap" gap="sm">
        <Artwork track={track} size={52} />
        <div style={{ minWidth: 0 }}>
          <TrackLines track={track} />
          <Text size="xs" c="dimmed">
            {note}
          </Text>
        </div>
      </Group>
    </div>
  );
}

function Counted(props: {
  readonly title: string;
  readonly to: '/artists/$id' | '/albums/$id';
  readonly items: LibraryAnalysisFigures['topArtists'];
}): ReactNode {
  return (
    <Section title={props.title}>
      <BarList
        items={props.items.slice(0, TOPS).map((item) => ({
          key: item.id,
          name: (
            <AnchorLink
              to={props.to}
              params={{ id: item.id }}
              inherit
              c="inherit"
              underline="hover"
              dir="auto"
            >
              {item.name}
            </AnchorLink>
          ),
          value: item.tracks,
          words: count(item.tracks),
        }))}
      />
    </Section>
  );
}

function Figures({ analysis }: { readonly analysis: LibraryAnalysisFigures }): ReactNode {
  const { user } = useSession();
  const { heard, explicit, tracks } = analysis;
  const known = explicit.yes + explicit.no;
  const added = (at: string) => `added ${fullDate(dayOf(at, user.timeZone))}`;
  return (
    <>
      <Section title="In figures">
        <SimpleGrid cols={{ base: 2, sm: 4 }}>
          <Figure
            name="Tracks"
            value={count(tracks)}
            note={analysis.removed > 0 ? `${count(analysis.removed)} no longer on Spotify` : null}
          />
          <Figure name="Total time" value={listeningTime(analysis.totalMs)} />
          <Figure name="Artists" value={count(analysis.artists)} />
          <Figure name="Albums" value={count(analysis.albums)} />
          <Figure
            name="Usual length"
            value={analysis.medianMs === null ? '–' : duration(analysis.medianMs)}
            note={analysis.averageMs === null ? null : `average ${duration(analysis.averageMs)}`}
          />
          <Figure
            name="Explicit"
            value={known === 0 ? '–' : percent(explicit.yes / known)}
            note={explicit.unknown > 0 ? `of ${count(known)} known` : null}
          />
          <Figure
            name="Never heard"
            value={count(heard.never)}
            note={tracks > 0 ? `${percent(heard.never / tracks)}, as far as Spindle knows` : null}
          />
          <Figure name="Not playable" value={count(analysis.unplayable)} />
        </SimpleGrid>
      </Section>
      {analysis.months.length > 0 ? (
        <Section title="Added by month">
          <SeriesChart
            kind="bars"
            name="Tracks"
            by="Month"
            format={count}
            points={analysis.months.map((month) => ({ label: monthName(month.at), value: month.tracks }))}
          />
        </Section>
      ) : null}
      {analysis.years.length > LIST_OF_YEARS ? (
        <Section title="Years of release">
          <SeriesChart
            kind="bars"
            name="Tracks"
            by="Year"
            format={count}
            points={analysis.years.map(({ year, tracks: value }) => ({ label: String(year), value }))}
          />
          {analysis.medianYear === null ? null : (
            <Text size="sm" c="dimmed" mt="xs">
              Half of them came out in {analysis.medianYear} or earlier.
            </Text>
          )}
        </Section>
      ) : null}
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
        <Section title="Decades">
          <BarList
            items={analysis.decades.map(({ year, tracks: value }) => ({
              key: String(year),
              name: `${year}s`,
              value,
              words: count(value),
            }))}
          />
        </Section>
        <Section title="Lengths">
          <BarList
            items={analysis.durations.map(({ fromMs, toMs, tracks: value }) => ({
              key: String(fromMs),
              name: lengthName(fromMs, toMs),
              value,
              words: count(value),
            }))}
          />
        </Section>
        <Counted title="Most liked artists" to="/artists/$id" items={analysis.topArtists} />
        <Counted title="Most liked albums" to="/albums/$id" items={analysis.topAlbums} />
      </SimpleGrid>
      <Section title="Firsts and lasts">
        <SimpleGrid cols={{ base: 1, sm: 2, md: 3 }} spacing="md">
          <Mark
            name="Oldest release"
            track={analysis.oldestRelease?.track}
            note={releaseWords(analysis.oldestRelease?.releaseDate ?? null)}
          />
          <Mark
            name="Liked first"
            track={analysis.firstAdded?.track}
            note={analysis.firstAdded ? added(analysis.firstAdded.addedAt) : ''}
          />
          <Mark
            name="Shortest"
            track={analysis.shortest}
            note={duration(analysis.shortest?.durationMs ?? 0)}
          />
          <Mark
            name="Newest release"
            track={analysis.newestRelease?.track}
            note={releaseWords(analysis.newestRelease?.releaseDate ?? null)}
          />
          <Mark
            name="Liked last"
            track={analysis.lastAdded?.track}
            note={analysis.lastAdded ? added(analysis.lastAdded.addedAt) : ''}
          />
          <Mark name="Longest" track={analysis.longest} note={duration(analysis.longest?.durationMs ?? 0)} />
        </SimpleGrid>
      </Section>
      {analysis.genres.length > 0 ? (
        <Section title="Genres">
          <BarList
            items={analysis.genres.slice(0, TOPS).map((genre) => ({
              key: genre.name,
              name: genre.name,
              value: genre.tracks,
              words: count(genre.tracks),
            }))}
          />
          <Text size="xs" c="dimmed" mt="sm">
            Where known: Spotify tells small apps none.
          </Text>
        </Section>
      ) : null}
    </>
  );
}

/** Liked Songs in figures, as last worked out, and the way to work them out anew. */
export function Analysis(): ReactNode {
  const view = useQuery({
    queryKey: queryKeys.analysis,
    queryFn: ({ signal }) => api.call(getAnalysis, {}, { signal }),
  });
  const [begun, setBegun] = useState<string | null>(null);
  const make = useMutation({
    mutationFn: () => api.enqueue(makeAnalysis, {}),
    onSuccess: ({ job }) => setBegun(job?.id ?? null),
  });
  const jobId = begun ?? view.data?.refreshing ?? null;
  const { job } = useJob(jobId);
  const running = make.isPending || (jobId !== null && !isEnded(job));
  const { done, total } = job?.progress ?? {};
  const { madeAt, analysis } = view.data ?? {};
  return (
    <Stack gap="lg">
      {view.error ? <Failure error={view.error} retry={() => void view.refetch()} /> : null}
      {view.isPending ? <Skeleton height={180} radius="lg" /> : null}
      {view.data ? (
        <Card component="section" aria-label="The analysis">
          <Stack gap="sm">
            <Group justify="space-between" gap="xs">
              <Text size="sm" c="dimmed" role="status" data-testid="made-at">
                {madeAt ? `Made ${relative(madeAt)}` : 'Your Liked Songs are read for the first time.'}
              </Text>
              <Button
                size="compact-sm"
                variant="subtle"
                loading={running}
                leftSection={<IconRefresh size={16} aria-hidden />}
                onClick={() => make.mutate()}
              >
                Analyse anew
              </Button>
            </Group>
            {running ? (
              <JobBar
                job={job}
                label="Analysing"
                words={
                  total
                    ? `${count(done ?? 0)} of ${count(total)} read from Spotify`
                    : 'Reading your Liked Songs'
                }
              />
            ) : null}
            {make.error ? <Failure error={make.error} /> : null}
            {job?.state === 'failed' ? (
              <JobFailure
                title="The analysis was not finished"
                message={job.failure?.message}
                retry={() => make.mutate()}
              />
            ) : null}
          </Stack>
        </Card>
      ) : null}
      {analysis && analysis.tracks === 0 ? (
        <Alert color="gray">There are no Liked Songs on your account yet.</Alert>
      ) : null}
      {analysis && analysis.tracks > 0 ? <Figures analysis={analysis} /> : null}
    </Stack>
  );
}
