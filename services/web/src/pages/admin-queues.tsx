import {
  Anchor,
  Badge,
  Button,
  Card,
  Code,
  Group,
  Skeleton,
  Stack,
  Switch,
  Table,
  Text,
  Title,
} from '@mantine/core';
import {
  changeQueue,
  dropFailedJobs,
  type FailedJobView,
  listFailedJobs,
  type QueueView,
  retryFailedJobs,
} from '@spindle/contracts';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { Confirm, type Question } from '../admin/confirm.tsx';
import { Person } from '../admin/person.tsx';
import { queuesQuery, useAction } from '../admin/queries.ts';
import { api } from '../api.ts';
import { AnchorButton } from '../components/anchor-button.tsx';
import { Failure } from '../components/failure.tsx';
import { More } from '../components/more.tsx';
import { Wide } from '../components/wide.tsx';
import { count, duration, relative } from '../time-words.ts';

const TOUCHED = [['listQueues'], ['listFailedJobs'], ['listFailures'], ['listAdminActions']];

export interface QueuesSearch {
  readonly queue?: string;
}

function QueueRow(props: {
  readonly one: QueueView;
  readonly isShown: boolean;
  readonly show: () => void;
}): ReactNode {
  const { one } = props;
  const pause = useAction(
    (paused: boolean) => api.call(changeQueue, { params: { queue: one.queue }, body: { paused } }),
    TOUCHED,
  );
  return (
    <Table.Tr data-testid="queue">
      <Table.Td fw={600}>{one.queue}</Table.Td>
      <Table.Td ta="right">
        {one.failed === 0 ? (
          '0'
        ) : (
          <AnchorButton expanded={props.isShown} onClick={props.show}>
            {count(one.failed)} failed
          </AnchorButton>
        )}
      </Table.Td>
      <Table.Td ta="right">{count(one.queued)}</Table.Td>
      <Table.Td ta="right">{one.oldestMs === 0 ? '–' : duration(one.oldestMs)}</Table.Td>
      <Table.Td ta="right">{count(one.running)}</Table.Td>
      <Table.Td ta="right">{count(one.waiting)}</Table.Td>
      <Table.Td>
        <Switch
          aria-label={`Workers take jobs of ${one.queue}`}
          label={one.paused ? 'paused' : 'works'}
          checked={!one.paused}
          disabled={pause.isPending}
          onChange={(event) => pause.mutate(!event.currentTarget.checked)}
        />
      </Table.Td>
    </Table.Tr>
  );
}

function FailedJob(props: {
  readonly job: FailedJobView;
  readonly queue: string;
  readonly busy: boolean;
  readonly retry: () => void;
  readonly drop: () => void;
}): ReactNode {
  const { job } = props;
  return (
    <Card component="li" padding="md" data-testid="failed-job">
      <Group justify="space-between" align="flex-start" gap="xs">
        <div>
          <Group gap="xs">
            <Text fw={600}>{job.name}</Text>
            <Badge variant="dot" color="red" tt="none">
              {job.failure.code}
            </Badge>
          </Group>
          <Text size="sm" c="dimmed">
            {job.failedAt ? `failed ${relative(job.failedAt)}` : 'failed'}, after {count(job.attempts)} of{' '}
            {count(job.maxAttempts)} {job.maxAttempts === 1 ? 'run' : 'runs'}
            {job.user ? (
              <>
                , of <Person person={job.user} />
              </>
            ) : null}
          </Text>
        </div>
        <Group gap="xs">
          <Button size="xs" disabled={props.busy} onClick={props.retry} aria-label={`Run again: ${job.name}`}>
            Run again
          </Button>
          <Button
            size="xs"
            variant="default"
            disabled={props.busy}
            onClick={props.drop}
            aria-label={`Drop: ${job.name}`}
          >
            Drop
          </Button>
        </Group>
      </Group>
      <Text size="sm" mt={4} style={{ overflowWrap: 'anywhere' }}>
        {job.failure.message}
      </Text>
      <Text size="xs" c="dimmed" mt={4} style={{ overflowWrap: 'anywhere' }}>
        Job <Code>{job.id}</Code>
        {job.requestId ? (
          <>
            {' '}
            of request <Code>{job.requestId}</Code>
          </>
        ) : null}
      </Text>
    </Card>
  );
}

function FailedJobs({ queue }: { readonly queue: string }): ReactNode {
  const [question, setQuestion] = useState<Question | null>(null);
  const list = useInfiniteQuery({
    queryKey: ['listFailedJobs', queue],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      api.call(listFailedJobs, {
        params: { queue },
        query: { limit: 20, ...(pageParam && { cursor: pageParam }) },
      }),
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    staleTime: 0,
  });
  const retry = useAction(
    (jobId?: string) => api.call(retryFailedJobs, { params: { queue }, body: jobId ? { jobId } : {} }),
    TOUCHED,
  );
  const drop = useAction(
    (jobId?: string) => api.call(dropFailedJobs, { params: { queue }, body: jobId ? { jobId } : {} }),
    TOUCHED,
  );
  const busy = retry.isPending || drop.isPending;
  const jobs = list.data?.pages.flatMap((page) => page.items);
  return (
    <Stack component="section" gap="sm" aria-label={`Failed jobs of ${queue}`}>
      <Group justify="space-between">
        <Title order={2} size="h4">
          Failed jobs of “{queue}”
        </Title>
        {jobs && jobs.length > 0 ? (
          <Group gap="xs">
            <Button size="xs" variant="default" disabled={busy} onClick={() => retry.mutate(undefined)}>
              Run all again
            </Button>
            <Button
              size="xs"
              variant="default"
              disabled={busy}
              onClick={() =>
                setQuestion({
                  title: `Drop all failed jobs of “${queue}”?`,
                  text: 'They are forgotten, and what they were to do is not done.',
                  yes: 'Drop all',
                  act: () => drop.mutateAsync(undefined),
                })
              }
            >
              Drop all …
            </Button>
          </Group>
        ) : null}
      </Group>
      {list.error ? <Failure error={list.error} retry={() => void list.refetch()} /> : null}
      {list.isPending ? <Skeleton height={90} radius="lg" /> : null}
      {jobs?.length === 0 ? <Text c="dimmed">None.</Text> : null}
      <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: 'none' }}>
        {jobs?.map((job) => (
          <FailedJob
            key={job.id}
            job={job}
            queue={queue}
            busy={busy}
            retry={() => retry.mutate(job.id)}
            drop={() => drop.mutate(job.id)}
          />
        ))}
      </Stack>
      <More list={list} />
      <Confirm question={question} close={() => setQuestion(null)} />
    </Stack>
  );
}

/** Every queue, what waits in it, and what failed. */
export function AdminQueues(): ReactNode {
  const { queue }: QueuesSearch = useSearch({ from: '/admin/jobs' });
  const navigate = useNavigate({ from: '/admin/jobs' });
  const queues = useQuery(queuesQuery);
  const show = (next: string) => void navigate({ search: { queue: next }, resetScroll: false });
  const shown = queue ?? queues.data?.items.find((one) => one.failed > 0)?.queue;
  return (
    <Stack gap="lg">
      <Group justify="space-between">
        <Title order={1} size="h2">
          Queues
        </Title>
        <Anchor href="/admin/queues" size="sm">
          Every job, in the dashboard of BullMQ
        </Anchor>
      </Group>
      {queues.error ? <Failure error={queues.error} retry={() => void queues.refetch()} /> : null}
      {queues.isPending ? <Skeleton height={220} radius="lg" /> : null}
      {queues.data ? (
        <Card padding="sm">
          <Wide name="Queues">
            <Table fz="sm" style={{ whiteSpace: 'nowrap' }}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Queue</Table.Th>
                  <Table.Th ta="right">Failed</Table.Th>
                  <Table.Th ta="right">Ready</Table.Th>
                  <Table.Th ta="right">Oldest</Table.Th>
                  <Table.Th ta="right">Running</Table.Th>
                  <Table.Th ta="right">For later</Table.Th>
                  <Table.Th>Workers</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {queues.data.items.map((one) => (
                  <QueueRow
                    key={one.queue}
                    one={one}
                    isShown={one.queue === shown}
                    show={() => show(one.queue)}
                  />
                ))}
              </Table.Tbody>
            </Table>
          </Wide>
        </Card>
      ) : null}
      {shown ? (
        <FailedJobs key={shown} queue={shown} />
      ) : queues.data ? (
        <Text c="dimmed">No job has failed.</Text>
      ) : null}
    </Stack>
  );
}
