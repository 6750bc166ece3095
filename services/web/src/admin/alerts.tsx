import { Alert, Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import { type AlertTarget, getAlerts, testAlert } from '@spindle/contracts';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api } from '../api.ts';
import { Failure } from '../components/failure.tsx';
import { relative } from '../time-words.ts';

const ALERTS = ['getAlerts'];
/** Alerts are looked for every minute. */
const LOOK_AGAIN_MS = 30_000;
const STALE_MS = 10 * 60_000;

const NAMES: Readonly<Record<AlertTarget['kind'], string>> = { ntfy: 'ntfy', webhook: 'a webhook' };

function Target({ target }: { readonly target: AlertTarget }): ReactNode {
  const { kind, lastError } = target;
  return lastError === null ? (
    <Text size="sm">You are told by {NAMES[kind]}.</Text>
  ) : (
    <Alert
      color="orange"
      title={`The last message by ${NAMES[kind]} did not arrive, ${relative(lastError.at)}`}
    >
      {lastError.message}
    </Alert>
  );
}

/** What goes wrong with the instance at this moment, and where its operators are told of it. */
export function Alerts(): ReactNode {
  const queries = useQueryClient();
  const { data } = useQuery({
    queryKey: ALERTS,
    queryFn: ({ signal }) => api.call(getAlerts, {}, { signal }),
    staleTime: 0,
    refetchInterval: LOOK_AGAIN_MS,
  });
  const test = useMutation({
    // The worker's answer is waited for, so that a wrong address is told at once.
    mutationFn: () => api.enqueue(testAlert, {}, { wait: 20 }),
    onSettled: () => queries.invalidateQueries({ queryKey: ALERTS }),
  });
  if (!data) return null;
  const { alerts, checkedAt, targets } = data;
  const isStale = checkedAt !== null && Date.now() - Date.parse(checkedAt) > STALE_MS;
  return (
    <>
      {isStale ? (
        <Alert color="red" icon={<IconAlertTriangle />} title="Nobody watches over the instance">
          It was last looked {relative(checkedAt)}. Do cron, stats-worker and sync-worker run?
        </Alert>
      ) : null}
      {alerts.map(({ id, title, message, since }) => (
        <Alert key={id} color="red" icon={<IconAlertTriangle />} title={title}>
          {message} Since {relative(since)}.
        </Alert>
      ))}
      <Card component="section" aria-label="Alerts">
        <Group justify="space-between" mb="xs">
          <Title order={2} size="h4">
            Alerts
          </Title>
          {targets.length > 0 ? (
            <Button size="xs" variant="default" loading={test.isPending} onClick={() => test.mutate()}>
              Send a test
            </Button>
          ) : null}
        </Group>
        <Stack gap="xs">
          <Text size="sm" c="dimmed">
            {alerts.length > 0
              ? 'What goes wrong stands above.'
              : checkedAt === null
                ? 'Nobody has looked yet.'
                : `All is well, as of ${relative(checkedAt)}.`}
          </Text>
          {targets.map((target) => (
            <Target key={target.kind} target={target} />
          ))}
          {targets.length === 0 && checkedAt !== null ? (
            <Text size="sm">
              You are told nowhere else. Set ALERT_NTFY_URL or ALERT_WEBHOOK_URL, and messages come by
              themselves.
            </Text>
          ) : null}
          {test.isSuccess ? (
            <Text size="sm" role="status">
              Sent. Has it arrived?
            </Text>
          ) : null}
          {test.error ? <Failure error={test.error} /> : null}
        </Stack>
      </Card>
    </>
  );
}
