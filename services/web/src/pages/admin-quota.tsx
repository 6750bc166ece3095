import { BarChart } from '@mantine/charts';
import { Alert, Card, Group, Progress, SimpleGrid, Skeleton, Stack, Table, Text, Title } from '@mantine/core';
import { getQuota, type QuotaAccount } from '@spindle/contracts';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api, queryKeys } from '../api.ts';
import { Failure } from '../components/failure.tsx';
import { count, relative } from '../time-words.ts';

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
        <Title order={2} size="h4">
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

/** Where every call to Spotify went, and what waits for more. */
export function AdminQuota(): ReactNode {
  const quota = useQuery({
    queryKey: queryKeys.quota,
    queryFn: () => api.call(getQuota, {}),
    staleTime: 0,
    refetchInterval: 30_000,
  });
  return (
    <Stack gap="lg">
      <div>
        <Title order={1} size="h2">
          Quota
        </Title>
        <Text c="dimmed">Every call to Spotify of the last 24 hours, by developer account.</Text>
      </div>
      {quota.error ? <Failure error={quota.error} retry={() => void quota.refetch()} /> : null}
      {quota.isPending ? <Skeleton height={300} radius="lg" /> : null}
      {quota.data?.accounts.map((account) => (
        <Ledger key={account.account} account={account} />
      ))}
    </Stack>
  );
}
