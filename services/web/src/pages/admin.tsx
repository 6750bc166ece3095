import { BarChart } from '@mantine/charts';
import {
  Alert,
  Anchor,
  Badge,
  Button,
  Card,
  Group,
  Progress,
  SimpleGrid,
  Skeleton,
  Stack,
  Table,
  Text,
  Title,
} from '@mantine/core';
import { type Check, getDoctor, getOverview, getQuota, type QuotaAccount } from '@spindle/contracts';
import { IconAlertTriangle, IconCheck, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api, queryKeys } from '../api.ts';
import { Failure } from '../components/failure.tsx';
import { count, relative } from '../time-words.ts';
import { AdminShuffles } from './admin-shuffles.tsx';

const LANES: Record<string, string> = {
  'sign-in': 'Sign-in and tokens',
  interactive: 'Clicks and party commands',
  live: 'Live playback',
  history: 'History',
  metadata: 'Artwork and metadata',
  trackers: 'Trackers',
};

function Ledger({ account }: { readonly account: QuotaAccount }): ReactNode {
  return (
    <Card component="section" aria-label={`Quota of ${account.account}`}>
      <Group justify="space-between" mb="sm">
        <Title order={3} size="h4">
          Developer account “{account.account}”
        </Title>
        <Text size="sm" c="dimmed">
          {count(account.used)} calls in 24 hours
          {account.allowance === null
            ? ''
            : `, ${count(account.left ?? 0)} of ${count(account.allowance)} left`}
        </Text>
      </Group>
      {account.allowance === null ? null : (
        <Progress
          value={(account.used / account.allowance) * 100}
          mb="md"
          aria-label="Used of the allowance"
        />
      )}
      {account.cooldowns.map((cooldown) => (
        <Alert key={cooldown.scope} color="orange" icon={<IconAlertTriangle />} mb="sm">
          {cooldown.scope}: {cooldown.reason}, rests {relative(cooldown.until)}.
        </Alert>
      ))}
      <div role="img" aria-label="Calls in each of the last 24 hours">
        <BarChart
          h={150}
          data={account.hourly.map(({ hour, calls }) => ({ hour: new Date(hour).getHours(), calls }))}
          dataKey="hour"
          series={[{ name: 'calls', color: 'spindle.5' }]}
          gridAxis="none"
          withYAxis={false}
          mb="md"
        />
      </div>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Table fz="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Lane</Table.Th>
              <Table.Th ta="right">Calls</Table.Th>
              <Table.Th ta="right">May go on for</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {account.lanes.map((lane) => (
              <Table.Tr key={lane.lane}>
                <Table.Td>{LANES[lane.lane] ?? lane.lane}</Table.Td>
                <Table.Td ta="right">{count(lane.used)}</Table.Td>
                <Table.Td ta="right">{lane.left === null ? 'no limit' : count(lane.left)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        <Table fz="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Bucket</Table.Th>
              <Table.Th ta="right">Calls</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {account.buckets.map((bucket) => (
              <Table.Tr key={bucket.bucket}>
                <Table.Td>{bucket.bucket}</Table.Td>
                <Table.Td ta="right">{count(bucket.used)}</Table.Td>
              </Table.Tr>
            ))}
            {account.windows.map((window) => (
              <Table.Tr key={window.app}>
                <Table.Td>30 s of app “{window.app}”</Table.Td>
                <Table.Td ta="right">
                  {count(window.used)} of {count(window.limit)}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </SimpleGrid>
      {account.waiting.length > 0 ? (
        <Text size="sm" c="dimmed" mt="sm">
          Waiting:{' '}
          {account.waiting
            .map((one) => `${LANES[one.lane]} of listener ${one.user ?? 'nobody'} ${relative(one.until)}`)
            .join('; ')}
        </Text>
      ) : null}
    </Card>
  );
}

const MARKS: Record<Check['status'], ReactNode> = {
  ok: <IconCheck size={18} color="var(--mantine-color-green-6)" aria-label="well" />,
  warn: <IconAlertTriangle size={18} color="var(--mantine-color-yellow-6)" aria-label="look at this" />,
  fail: <IconX size={18} color="var(--mantine-color-red-6)" aria-label="wrong" />,
};

function Doctor(): ReactNode {
  const doctor = useQuery({ queryKey: queryKeys.doctor, queryFn: () => api.call(getDoctor, {}) });
  return (
    <Card component="section" aria-label="Doctor">
      <Group justify="space-between" mb="sm">
        <Title order={3} size="h4">
          Doctor
        </Title>
        <Button size="xs" variant="default" loading={doctor.isFetching} onClick={() => void doctor.refetch()}>
          Check again
        </Button>
      </Group>
      {doctor.error ? <Failure error={doctor.error} /> : null}
      <Stack gap="sm">
        {doctor.data?.checks.map((check) => (
          <Group key={check.id} wrap="nowrap" align="flex-start" gap="sm">
            {MARKS[check.status]}
            <div>
              <Text size="sm" fw={600}>
                {check.title}
              </Text>
              <Text size="sm" c="dimmed">
                {check.detail}
              </Text>
              {check.fix ? <Text size="sm">{check.fix}</Text> : null}
            </div>
          </Group>
        ))}
      </Stack>
    </Card>
  );
}

/** Where every call to Spotify went, how the set-up does, and the figures of the instance. */
export function Admin(): ReactNode {
  const quota = useQuery({ queryKey: queryKeys.quota, queryFn: () => api.call(getQuota, {}), staleTime: 0 });
  const overview = useQuery({
    queryKey: queryKeys.overview,
    queryFn: () => api.call(getOverview, {}),
    staleTime: 0,
  });
  return (
    <Stack gap="lg">
      <Group justify="space-between">
        <Title order={1} size="h2">
          Admin
        </Title>
        <Group gap="md">
          <Anchor href="/admin/queues" size="sm">
            Queues
          </Anchor>
          <Anchor href="/docs" size="sm">
            API
          </Anchor>
        </Group>
      </Group>
      {overview.error ? <Failure error={overview.error} retry={() => void overview.refetch()} /> : null}
      {overview.data ? (
        <Group gap="xs">
          {[
            `${count(overview.data.users)} ${overview.data.users === 1 ? 'listener' : 'listeners'}`,
            `${count(overview.data.connected)} connected`,
            `${count(overview.data.reauthNeeded)} to reconnect`,
            `${count(overview.data.sharing)} sharing`,
            `${count(overview.data.plays)} plays`,
            `${count(overview.data.tracks)} tracks`,
            ...overview.data.queues.map(
              (queue) =>
                `${queue.queue}: ${count(queue.waiting + queue.delayed)} waiting, ${count(queue.failed)} failed`,
            ),
          ].map((text) => (
            <Badge key={text} variant="default" size="lg" tt="none">
              {text}
            </Badge>
          ))}
        </Group>
      ) : null}
      <Title order={2} size="h3">
        Calls to Spotify
      </Title>
      {quota.error ? <Failure error={quota.error} retry={() => void quota.refetch()} /> : null}
      {quota.isPending ? <Skeleton height={300} radius="lg" /> : null}
      {quota.data?.accounts.map((account) => (
        <Ledger key={account.account} account={account} />
      ))}
      <AdminShuffles />
      <Doctor />
    </Stack>
  );
}
