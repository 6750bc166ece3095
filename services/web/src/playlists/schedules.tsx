import { Anchor, Button, Card, Group, Modal, Skeleton, Stack, Switch, Text } from '@mantine/core';
import { changeSchedule, deleteSchedule, type PlaylistScheduleView, runSchedule } from '@spindle/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api, queryKeys } from '../api.ts';
import { Failure } from '../components/failure.tsx';
import { PlaylistJob } from '../components/playlist-job.tsx';
import { reportFailure } from '../components/report.ts';
import { JobFailure } from '../jobs/job-bar.tsx';
import { count, relative } from '../time-words.ts';
import { momentWords, patternWords } from './cron-words.ts';
import { MODES } from './playlist-words.ts';
import { schedulesQuery } from './queries.ts';
import { ScheduleForm } from './schedule-form.tsx';

function ScheduleCard(props: {
  readonly schedule: PlaylistScheduleView;
  readonly timeZone: string;
}): ReactNode {
  const { schedule, timeZone } = props;
  const queries = useQueryClient();
  const [changing, setChanging] = useState(false);
  const [jobId, setJobId] = useState<string | null>(null);
  const params = { id: schedule.id };
  const renew = () => void queries.invalidateQueries({ queryKey: queryKeys.schedules });
  const change = useMutation({
    mutationFn: (body: { pattern?: string; enabled?: boolean }) => api.call(changeSchedule, { params, body }),
    onSuccess: () => {
      setChanging(false);
      renew();
    },
  });
  const end = useMutation({
    mutationFn: () => api.call(deleteSchedule, { params }),
    onSuccess: renew,
    onError: reportFailure,
  });
  const run = useMutation({
    mutationFn: () => api.enqueue(runSchedule, { params }),
    onSuccess: ({ job }) => setJobId(job?.id ?? null),
    onError: reportFailure,
  });
  const { request, nextAt, failures, lastFailure, playlist } = schedule;
  const next = schedule.enabled && nextAt ? `next ${momentWords(new Date(nextAt), timeZone)}` : null;
  return (
    <Card component="article" aria-label={`Schedule of ${schedule.sourceName}`}>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Text fw={600} truncate title={schedule.sourceName}>
          <bdi>{schedule.sourceName}</bdi>
        </Text>
        <Switch
          checked={schedule.enabled}
          disabled={change.isPending}
          label="On"
          aria-label={`${schedule.sourceName} recurs`}
          onChange={(event) => change.mutate({ enabled: event.currentTarget.checked })}
        />
      </Group>
      <Stack gap="xs">
        <div>
          <Text size="sm">
            {[
              request.kind === 'shuffle' ? MODES[request.mode].name : 'Shared',
              patternWords(schedule.pattern),
            ].join(' · ')}
          </Text>
          <Text size="sm" c="dimmed">
            {[
              schedule.enabled ? next : 'rests',
              schedule.lastRunAt ? `last ${relative(schedule.lastRunAt)}` : null,
            ]
              .filter(Boolean)
              .join(' · ')}
          </Text>
        </div>
        {playlist && !jobId ? (
          <Anchor href={playlist.url} target="_blank" rel="noreferrer" size="sm" underline="always">
            Its playlist on Spotify
          </Anchor>
        ) : null}
        {failures > 0 ? (
          <JobFailure
            title={failures === 1 ? 'The last run failed' : `The last ${count(failures)} runs failed`}
            message={lastFailure?.message}
          />
        ) : null}
        {change.error && !changing ? <Failure error={change.error} /> : null}
        {jobId ? (
          <PlaylistJob key={jobId} jobId={jobId} again="Run again" onAgain={() => run.mutate()} />
        ) : null}
        <Group gap="xs">
          {jobId ? null : (
            <Button size="xs" variant="default" loading={run.isPending} onClick={() => run.mutate()}>
              Run now
            </Button>
          )}
          <Button size="xs" variant="subtle" color="gray" onClick={() => setChanging(true)}>
            Change when …
          </Button>
          <Button
            size="xs"
            variant="subtle"
            color="gray"
            loading={end.isPending}
            onClick={() => end.mutate()}
          >
            End it
          </Button>
        </Group>
      </Stack>
      <Modal
        opened={changing}
        onClose={() => setChanging(false)}
        title="When it recurs"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <ScheduleForm
          pattern={schedule.pattern}
          action="Save"
          pending={change.isPending}
          error={change.error}
          onSubmit={(pattern) => change.mutate({ pattern })}
        />
      </Modal>
    </Card>
  );
}

/** What recurs, and when. */
export function Schedules(): ReactNode {
  const { data, error, refetch } = useQuery(schedulesQuery());
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed">
        A shuffle that recurs, or Liked Songs that are kept up to date: each time the same playlist is
        refreshed, so its link stays. Ended, its playlist stays too.
      </Text>
      {error ? <Failure error={error} retry={() => void refetch()} /> : null}
      {data || error ? null : <Skeleton height={150} radius="lg" />}
      {data?.items.length === 0 ? (
        <Card>
          <Text c="dimmed" ta="center">
            Nothing recurs yet. Press “Repeat this” when you shuffle, or “Keep it up to date” at Share Liked
            Songs.
          </Text>
        </Card>
      ) : null}
      {data?.items.map((schedule) => (
        <ScheduleCard key={schedule.id} schedule={schedule} timeZone={data.timeZone} />
      ))}
    </Stack>
  );
}
