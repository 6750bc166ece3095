import { Alert, Card, Group, Progress, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { IconUsersGroup } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { appsQuery } from './queries.ts';

/** Says that nobody new can be served; nothing while there is a free seat. */
export function FullNotice(): ReactNode {
  const { data } = useQuery(appsQuery);
  const isFull = data?.apps.every(({ users, seats }) => seats !== null && users >= seats);
  return isFull ? (
    <Alert color="orange" icon={<IconUsersGroup />} title="All seats are taken">
      In development mode, Spotify answers five people for each app. Add another app (SPOTIFY_APPS), or erase
      somebody who is gone; disabled accounts keep their seat.
    </Alert>
  ) : null;
}

/** The Spotify apps, and how many of their seats are taken. */
export function Seats(): ReactNode {
  const { data } = useQuery(appsQuery);
  if (!data || data.mode === 'extended') return null;
  return (
    <Card component="section" aria-label="Seats">
      <Title order={2} size="h4">
        Seats
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        In development mode, Spotify answers five people for each app.
      </Text>
      <SimpleGrid cols={{ base: 1, sm: Math.min(3, data.apps.length) }}>
        {data.apps.map(({ id, users, seats }) => (
          <Stack key={id} gap={4}>
            <Group justify="space-between">
              <Text size="sm" fw={600}>
                {id}
              </Text>
              <Text size="sm" c="dimmed">
                {users} of {seats}
              </Text>
            </Group>
            <Progress
              value={(users / (seats ?? 1)) * 100}
              color={users >= (seats ?? 1) ? 'orange' : 'spindle'}
              aria-label={`Seats taken of ${id}`}
            />
          </Stack>
        ))}
      </SimpleGrid>
    </Card>
  );
}
