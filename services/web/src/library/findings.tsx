import { Badge, Button, Card, Group, SimpleGrid, Skeleton, Stack, Text } from '@mantine/core';
import {
  exportLibrary,
  type Findings,
  getFindings,
  LIBRARY_EXPORT_FORMATS,
  readSource,
  routeUrl,
} from '@spindle/contracts';
import { IconDownload, IconRefresh } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api, queryKeys } from '../api.ts';
import { Artwork } from '../components/artwork.tsx';
import { Failure } from '../components/failure.tsx';
import { TrackLines } from '../components/track-lines.tsx';
import { JobBar, JobFailure } from '../jobs/job-bar.tsx';
import { isEnded } from '../jobs/job-effects.ts';
import { useJob } from '../jobs/use-job.ts';
import { Section } from '../pages/overview-sections.tsx';
import { Figure } from '../statistics/figure.tsx';
import { count, relative } from '../time-words.ts';
import { SourcePicker } from './source-picker.tsx';

type Format = (typeof LIBRARY_EXPORT_FORMATS)[number];
type Line = Findings['unplayable'][number];

const WHY: Readonly<Record<Findings['duplicates'][number]['why'], string>> = {
  same: 'the same track',
  isrc: 'the same recording',
  alike: 'same title, artist and length',
};
const KINDS: Readonly<Record<Findings['others'][number]['kind'], string>> = {
  local: 'file on your own device',
  removed: 'no longer on Spotify',
  episode: 'podcast episode',
};
const AT_ONCE = 20;

const exportUrl = (source: string, format: Format) => routeUrl(exportLibrary, {}, { source, format });

/** The first of a long list, and more when asked for. */
function useFirst<T>(items: readonly T[]): { readonly shown: readonly T[]; readonly more: ReactNode } {
  const [length, setLength] = useState(AT_ONCE);
  const left = items.length - length;
  return {
    shown: items.slice(0, length),
    more:
      left > 0 ? (
        <Group justify="center" mt="sm">
          <Button variant="default" size="xs" onClick={() => setLength(length + 5 * AT_ONCE)}>
            Show more ({count(left)})
          </Button>
        </Group>
      ) : null,
  };
}

function LineRow({ line }: { readonly line: Line }): ReactNode {
  return (
    <Group component="li" wrap="nowrap" gap="sm" py={6}>
      <Text size="sm" c="dimmed" miw={36} ta="right" style={{ flex: 'none' }}>
        {count(line.position)}
      </Text>
      <Artwork track={line.track} size={44} />
      <div style={{ flex: 1, minWidth: 0 }}>
        <TrackLines track={line.track} />
      </div>
      {line.addedAt ? (
        <Text size="xs" c="dimmed" visibleFrom="xs" style={{ flex: 'none' }}>
          added {relative(line.addedAt)}
        </Text>
      ) : null}
    </Group>
  );
}

const plain = { component: 'ul', gap: 0, p: 0, m: 0, style: { listStyle: 'none' } } as const;

function Duplicates({ groups }: { readonly groups: Findings['duplicates'] }): ReactNode {
  const { shown, more } = useFirst(groups);
  if (groups.length === 0) return null;
  return (
    <Section title="There more than once">
      <Stack gap="md">
        {shown.map(({ why, lines }) => (
          <div key={lines.map(({ position }) => position).join()} data-testid="duplicates">
            <Badge variant="default" tt="none" mb={4}>
              {WHY[why]}
            </Badge>
            <Stack {...plain}>
              {lines.map((line) => (
                <LineRow key={line.position} line={line} />
              ))}
            </Stack>
          </div>
        ))}
      </Stack>
      {more}
    </Section>
  );
}

function Unplayable({ lines }: { readonly lines: Findings['unplayable'] }): ReactNode {
  const { shown, more } = useFirst(lines);
  if (lines.length === 0) return null;
  return (
    <Section title="Cannot be played">
      <Stack {...plain}>
        {shown.map((line) => (
          <LineRow key={line.position} line={line} />
        ))}
      </Stack>
      {more}
    </Section>
  );
}

function Others({ others }: { readonly others: Findings['others'] }): ReactNode {
  const { shown, more } = useFirst(others);
  if (others.length === 0) return null;
  return (
    <Section title="No tracks of Spotify’s">
      <Stack {...plain}>
        {shown.map(({ position, kind, name }) => (
          <Group key={position} component="li" wrap="nowrap" gap="sm" py={4}>
            <Text size="sm" c="dimmed" miw={36} ta="right" style={{ flex: 'none' }}>
              {count(position)}
            </Text>
            <Text size="sm" style={{ minWidth: 0, overflowWrap: 'anywhere' }}>
              {name ? (
                <>
                  <bdi>{name}</bdi>,{' '}
                </>
              ) : null}
              <Text span inherit c="dimmed">
                {KINDS[kind]}
              </Text>
            </Text>
          </Group>
        ))}
      </Stack>
      {more}
    </Section>
  );
}

function Found({ findings }: { readonly findings: Findings }): ReactNode {
  const { duplicates, unplayable, others } = findings;
  const clean = duplicates.length + unplayable.length + others.length === 0;
  return (
    <>
      <Section title="What is odd">
        <SimpleGrid cols={{ base: 2, sm: 4 }}>
          <Figure name="Tracks" value={count(findings.tracks)} />
          <Figure name="More than once" value={count(duplicates.length)} />
          <Figure name="Not playable" value={count(unplayable.length)} />
          <Figure name="Not tracks" value={count(others.length)} />
        </SimpleGrid>
        {clean ? (
          <Text size="sm" mt="sm">
            Nothing is there twice, and everything can be played.
          </Text>
        ) : (
          <Text size="sm" c="dimmed" mt="sm">
            Numbers before the tracks are their places in the list. Nothing is changed here: put it right in
            Spotify.
          </Text>
        )}
      </Section>
      <Duplicates groups={duplicates} />
      <Unplayable lines={unplayable} />
      <Others others={others} />
    </>
  );
}

/** What is odd about a source, and the source as a file. */
export function SourceFindings(props: {
  readonly source: string;
  readonly onSource: (source: string) => void;
}): ReactNode {
  const { source } = props;
  const findings = useQuery({
    queryKey: [...queryKeys.findings, source],
    queryFn: ({ signal }) => api.call(getFindings, { query: { source } }, { signal }),
  });
  const [wanted, setWanted] = useState<Format | null>(null);
  const read = useMutation({ mutationFn: () => api.enqueue(readSource, { body: { source } }) });
  const jobId = read.data?.job?.id ?? null;
  const { job } = useJob(jobId, (ended) => {
    if (ended.state === 'succeeded' && wanted) location.assign(exportUrl(source, wanted));
    setWanted(null);
  });
  const running = read.isPending || (jobId !== null && !isEnded(job));
  const { done, total } = job?.progress ?? {};
  const { data } = findings;
  const readAt = data?.readAt ?? null;
  return (
    <Stack gap="lg">
      <Card component="section" aria-label="Source">
        <Stack gap="sm">
          <SourcePicker source={source} name={data?.name} onChange={props.onSource} />
          <Group justify="space-between" gap="xs">
            <Text size="sm" c="dimmed" role="status">
              {data ? (readAt ? `Read ${relative(readAt)}` : 'Not read yet') : ''}
            </Text>
            <Button
              size="compact-sm"
              variant={data && !readAt ? 'filled' : 'subtle'}
              loading={running}
              leftSection={<IconRefresh size={16} aria-hidden />}
              onClick={() => read.mutate()}
            >
              {data && !readAt ? 'Read it now' : 'Read anew'}
            </Button>
          </Group>
          {running ? (
            <JobBar
              job={job}
              label="Reading"
              words={total ? `${count(done ?? 0)} of ${count(total)} read` : 'Reading from Spotify'}
            />
          ) : null}
          {read.error ? <Failure error={read.error} /> : null}
          {job?.state === 'failed' ? (
            <JobFailure
              title="It could not be read"
              message={job.failure?.message}
              retry={() => read.mutate()}
            />
          ) : null}
          <Group gap="xs">
            <Text size="sm">Take it along:</Text>
            {LIBRARY_EXPORT_FORMATS.map((format) => (
              <Button
                key={format}
                component="a"
                size="xs"
                variant="default"
                href={exportUrl(source, format)}
                download
                leftSection={<IconDownload size={16} aria-hidden />}
                onClick={(event) => {
                  if (readAt) return;
                  // It is read first, and comes then.
                  event.preventDefault();
                  setWanted(format);
                  if (!running) read.mutate();
                }}
              >
                {format.toUpperCase()}
              </Button>
            ))}
          </Group>
        </Stack>
      </Card>
      {findings.error ? <Failure error={findings.error} retry={() => void findings.refetch()} /> : null}
      {findings.isPending ? <Skeleton height={120} radius="lg" /> : null}
      {data && readAt ? <Found findings={data} /> : null}
    </Stack>
  );
}
