import { Alert, Button, Center, Container, Group, Image, List, Stack, Text, Title } from '@mantine/core';
import { getFeed, getInstance } from '@spindle/contracts';
import { IconFlask } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api, queryKeys } from '../api.ts';
import { Failure } from '../components/failure.tsx';
import { AnchorLink } from '../components/links.tsx';

/** What a visitor sees: what this is, and the way in. */
export function Welcome(): ReactNode {
  const instance = useQuery({ queryKey: queryKeys.instance, queryFn: () => api.call(getInstance, {}) });
  const feed = useQuery({ queryKey: queryKeys.feed, queryFn: () => api.call(getFeed, {}), retry: false });
  const returnTo = encodeURIComponent(`${location.pathname}${location.search}`);
  const apps = instance.data?.apps ?? [];
  return (
    <Center mih="100dvh" component="main">
      <Container size="xs" py="xl">
        <Stack gap="lg">
          <Group gap="sm">
            <Image src="/spindle.svg" w={52} h={52} alt="" />
            <Title order={1} style={{ overflowWrap: 'anywhere' }}>
              {instance.data?.name ?? 'Spindle'}
            </Title>
          </Group>
          <Text size="lg">
            Every play you make on Spotify, captured as it happens. None lost, none counted twice, all of it
            yours.
          </Text>
          <List spacing="xs" c="dimmed">
            <List.Item>What plays now, live on this page</List.Item>
            <List.Item>A history that grows by itself, and takes in your years before</List.Item>
            <List.Item>Kept on this server, and yours to take along or erase</List.Item>
          </List>
          {instance.data?.sandbox ? (
            <Alert icon={<IconFlask />} title="This instance plays with a sandbox" color="violet">
              No Spotify account is involved: choose one of its invented people and look around.
            </Alert>
          ) : null}
          {instance.error ? <Failure error={instance.error} retry={() => void instance.refetch()} /> : null}
          <Stack gap="xs">
            {(apps.length > 1 ? apps : [{ id: '', name: '' }]).map((app) => (
              <Button
                key={app.id}
                component="a"
                size="lg"
                href={`/auth/login?returnTo=${returnTo}${app.id ? `&app=${encodeURIComponent(app.id)}` : ''}`}
              >
                Continue with Spotify{app.name ? ` (${app.name})` : ''}
              </Button>
            ))}
          </Stack>
          {instance.data && instance.data.registration !== 'open' ? (
            <Text size="sm" c="dimmed">
              {instance.data.registration === 'invitation'
                ? 'New here? This instance takes new people by invitation: open your link first.'
                : 'This instance takes nobody new at the moment.'}
            </Text>
          ) : null}
          {feed.data ? <AnchorLink to="/live">See what people here are playing now</AnchorLink> : null}
          <AnchorLink to="/admin" size="xs" c="dimmed">
            For those who run this instance
          </AnchorLink>
          <Text size="xs" c="dimmed">
            Spindle is not affiliated with Spotify. It asks to read what you play and your library, and to
            make playlists when you ask for them.
          </Text>
        </Stack>
      </Container>
    </Center>
  );
}
