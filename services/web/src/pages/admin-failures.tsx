import { Badge, Button, Card, Group, NativeSelect, Skeleton, Stack, Text, Title } from '@mantine/core';
import type { FailureKind, FailureView } from '@spindle/contracts';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Person } from '../admin/person.tsx';
import { failuresQuery } from '../admin/queries.ts';
import { Failure } from '../components/failure.tsx';
import { AnchorLink } from '../components/links.tsx';
import { relative } from '../time-words.ts';

const KINDS: Record<FailureKind, string> = {
  job: 'Jobs',
  sweep: 'Sweeps',
  playlist: 'Playlists',
  import: 'Imports',
  consent: 'Consents that ended',
  refusal: 'Refusals of Spotify',
  capture: 'Capture',
  gap: 'Gaps',
  relay: 'Relays',
};

const FIRST = 40;

function Row({ one }: { readonly one: FailureView }): ReactNode {
  return (
    <Card component="li" padding="md" data-testid="failure">
      <Group justify="space-between" align="flex-start" gap="xs">
        <Group gap="xs">
          <Badge variant="light" color="gray" tt="none">
            {KINDS[one.kind]}
          </Badge>
          {one.user ? (
            <Text size="sm">
              <Person person={one.user} />
            </Text>
          ) : null}
        </Group>
        <Text size="sm" c="dimmed">
          {relative(one.at)}
        </Text>
      </Group>
      <Text fw={600} mt={6} style={{ overflowWrap: 'anywhere' }}>
        {one.what}
      </Text>
      <Text size="sm">
        {one.advice}{' '}
        {one.kind === 'job' && one.queue ? (
          <AnchorLink to="/admin/jobs" search={{ queue: one.queue }} size="sm" underline="always">
            To the queue
          </AnchorLink>
        ) : null}
      </Text>
    </Card>
  );
}

/** What went wrong lately, wherever it is written down, and what to do about it. */
export function AdminFailures(): ReactNode {
  const { data, error, isPending, refetch } = useQuery(failuresQuery);
  const [kind, setKind] = useState<FailureKind | ''>('');
  const [shown, setShown] = useState(FIRST);
  const kinds = [...new Set(data?.items.map((one) => one.kind))];
  const items = data?.items.filter((one) => kind === '' || one.kind === kind);
  return (
    <Stack gap="lg">
      <div>
        <Title order={1} size="h2">
          Failures
        </Title>
        <Text c="dimmed">Of the last 30 days, newest first.</Text>
      </div>
      {kinds.length > 1 ? (
        <NativeSelect
          label="Show"
          w={260}
          data={[
            { value: '', label: 'everything' },
            ...kinds.map((value) => ({ value, label: KINDS[value] })),
          ]}
          value={kind}
          onChange={(event) => setKind(event.currentTarget.value as FailureKind | '')}
        />
      ) : null}
      {error ? <Failure error={error} retry={() => void refetch()} /> : null}
      {isPending ? <Skeleton height={120} radius="lg" /> : null}
      {items?.length === 0 ? <Text>Nothing failed. Enjoy the music.</Text> : null}
      <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: 'none' }} aria-label="Failures">
        {items?.slice(0, shown).map((one) => (
          <Row key={`${one.kind} ${one.at} ${one.user?.id} ${one.jobId}`} one={one} />
        ))}
      </Stack>
      {items && items.length > shown ? (
        <Group justify="center">
          <Button variant="default" onClick={() => setShown(shown + FIRST)}>
            Show more
          </Button>
        </Group>
      ) : null}
    </Stack>
  );
}
