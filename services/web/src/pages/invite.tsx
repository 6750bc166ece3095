import { Alert, Button, Center, Container, Group, Image, Loader, Stack, Text, Title } from '@mantine/core';
import { openInvitation } from '@spindle/contracts';
import { IconMailOpened, IconUsersGroup } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useLocation, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { api } from '../api.ts';
import { useColorsOf } from '../color-scheme.ts';
import { Failure } from '../components/failure.tsx';
import { AnchorLink } from '../components/links.tsx';

/**
 * The token of the link. It stands behind the `#`, which browsers send to nobody, and is taken out of the
 * address at once, so that it stays in no history and no picture of the screen.
 */
function useToken(): string {
  const hash = useLocation({ select: (location) => location.hash });
  const navigate = useNavigate();
  const [token, setToken] = useState(hash);
  useEffect(() => {
    if (hash === '') return;
    setToken(hash);
    void navigate({ to: '/invite', hash: '', replace: true });
  }, [hash, navigate]);
  return token;
}

/** What somebody sees who opens an invitation: who invites them, to what, and the way in. */
export function Invite(): ReactNode {
  useColorsOf('app');
  const token = useToken();
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['openInvitation', token],
    queryFn: () => api.call(openInvitation, { body: { token } }),
    enabled: token !== '',
    retry: false,
  });
  return (
    <Center mih="100dvh" component="main">
      <Container size="xs" w="100%" py="xl">
        <Stack gap="lg">
          <Group gap="sm" wrap="nowrap">
            <Image src="/spindle.svg" w={52} h={52} alt="" style={{ flex: 'none' }} />
            <Title order={1} style={{ overflowWrap: 'anywhere' }}>
              {data ? `You are invited to ${data.instance}` : 'An invitation'}
            </Title>
          </Group>
          {isFetching ? <Loader aria-label="Loading" /> : null}
          {error ? <Failure error={error} retry={() => void refetch()} /> : null}
          {token === '' ? (
            <Text>Open the link of your invitation again: this address lacks its end.</Text>
          ) : null}
          {data ? (
            <>
              <Alert
                icon={<IconMailOpened />}
                title={`From ${data.invitedBy ?? 'the operator of this instance'}`}
              >
                {data.note ?? 'Come in and bring your music.'}
              </Alert>
              <Text>
                Spindle captures every play you make on Spotify, as it happens, and keeps it on this server:
                yours to look at, to take along, or to erase.
              </Text>
              {data.app === null ? (
                <Alert color="orange" icon={<IconUsersGroup />} title="All seats are taken">
                  Spotify lets no more people in at the moment. Ask whoever invited you to make room, then
                  open the link again.
                </Alert>
              ) : (
                <Button component="a" size="lg" href={`/auth/login?app=${encodeURIComponent(data.app)}`}>
                  Continue with Spotify
                </Button>
              )}
              <Text size="sm" c="dimmed">
                The invitation is good until {new Date(data.expiresAt).toLocaleString()}.
              </Text>
            </>
          ) : (
            <AnchorLink to="/">To the start</AnchorLink>
          )}
        </Stack>
      </Container>
    </Center>
  );
}
