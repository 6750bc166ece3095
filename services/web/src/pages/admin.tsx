import {
  Alert,
  Anchor,
  Badge,
  Button,
  Card,
  Group,
  Progress,
  SimpleGrid,
  Stack,
  Text,
  Title,
} from '@mantine/core';
import { type Check, getDoctor, getOverview, getQuota } from '@spindle/contracts';
import { IconAlertTriangle, IconCheck, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Alerts } from '../admin/alerts.tsx';
import { failuresQuery } from '../admin/queries.ts';
import { FullNotice } from '../admin/seats.tsx';
import { api, queryKeys } from '../api.ts';
import { Failure } from '../components/failure.tsx';
import { AnchorLink } from '../components/links.tsx';
import { Figure } from '../statistics/figure.tsx';
import { count } from '../time-words.ts';
import { AdminShuffles } from './admin-shuffles.tsx';

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
        <Title order={2} size="h4">
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

const DAY_MS = 86_400_000;

/** How many failures of the last day there are to look at; nothing when there are none. */
function FailuresNotice(): ReactNode {
  const { data } = useQuery(failuresQuery);
  const since = Date.now() - DAY_MS;
  const lately = data?.items.filter((one) => Date.parse(one.at) > since).length ?? 0;
  return lately > 0 ? (
    <Alert color="orange" icon={<IconAlertTriangle />} title={`${count(lately)} failed since yesterday`}>
      <AnchorLink to="/admin/failures" size="sm" c="inherit" underline="always">
        What, and what to do about it
      </AnchorLink>
    </Alert>
  ) : null;
}

function Calls(): ReactNode {
  const { data } = useQuery({
    queryKey: queryKeys.quota,
    queryFn: () => api.call(getQuota, {}),
    staleTime: 0,
  });
  return (
    <Card component="section" aria-label="Calls to Spotify">
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          Calls to Spotify
        </Title>
        <AnchorLink to="/admin/quota" size="sm">
          The whole ledger
        </AnchorLink>
      </Group>
      <Stack gap="sm">
        {data?.accounts.map((account) => (
          <div key={account.account}>
            <Group justify="space-between" gap="xs">
              <Text size="sm">Developer account “{account.account}”</Text>
              <Text size="sm" c="dimmed">
                {count(account.used)} {account.allowance === null ? '' : `of ${count(account.allowance)} `}in
                24 hours
              </Text>
            </Group>
            {account.allowance === null ? null : (
              <Progress
                value={(account.used / account.allowance) * 100}
                aria-label={`Used of the allowance of ${account.account}`}
              />
            )}
          </div>
        ))}
      </Stack>
    </Card>
  );
}

/** How the instance does: its figures, what needs looking at, the calls to Spotify, and the checks. */
export function Admin(): ReactNode {
  const overview = useQuery({
    queryKey: queryKeys.overview,
    queryFn: () => api.call(getOverview, {}),
    staleTime: 0,
  });
  const { data } = overview;
  return (
    <Stack gap="lg">
      <Group justify="space-between">
        <Title order={1} size="h2">
          Admin
        </Title>
        <Anchor href="/docs" size="sm">
          API
        </Anchor>
      </Group>
      {overview.error ? <Failure error={overview.error} retry={() => void overview.refetch()} /> : null}
      <FullNotice />
      <Alerts />
      <FailuresNotice />
      <Card component="section" aria-label="Figures">
        <SimpleGrid cols={{ base: 2, xs: 3, sm: 6 }}>
          <Figure name="Listeners" value={data && count(data.users)} />
          <Figure name="Connected" value={data && count(data.connected)} />
          <Figure name="To reconnect" value={data && count(data.reauthNeeded)} />
          <Figure name="Sharing" value={data && count(data.sharing)} />
          <Figure name="Plays" value={data && count(data.plays)} />
          <Figure name="Tracks" value={data && count(data.tracks)} />
        </SimpleGrid>
        <Group gap="xs" mt="md">
          {data?.queues.map((queue) => (
            <Badge key={queue.queue} variant="default" size="md" tt="none">
              {queue.queue}: {count(queue.waiting + queue.delayed)} waiting, {count(queue.failed)} failed
            </Badge>
          ))}
        </Group>
      </Card>
      <Calls />
      <AdminShuffles />
      <Doctor />
    </Stack>
  );
}
