import {
  Alert,
  Button,
  Center,
  Container,
  Group,
  Image,
  PasswordInput,
  Stack,
  Text,
  Title,
} from '@mantine/core';
import { operatorPassword, type SessionView } from '@spindle/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api } from '../api.ts';
import { Failure } from '../components/failure.tsx';
import { AnchorLink } from '../components/links.tsx';

function Password(): ReactNode {
  const queries = useQueryClient();
  const [password, setPassword] = useState('');
  const enter = useMutation({
    mutationFn: () => api.call(operatorPassword, { body: { password } }),
    onSuccess: () => queries.invalidateQueries(),
    onError: () => setPassword(''),
  });
  return (
    <Stack
      component="form"
      gap="xs"
      onSubmit={(event: React.FormEvent) => {
        event.preventDefault();
        enter.mutate();
      }}
    >
      <PasswordInput
        label="Admin password"
        autoComplete="current-password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      {enter.error ? <Failure error={enter.error} /> : null}
      <Button type="submit" variant="default" disabled={password === ''} loading={enter.isPending}>
        Sign in as the operator
      </Button>
    </Stack>
  );
}

/** What somebody sees of the admin pages who is no admin: the ways in. */
export function AdminDoor({ caller }: { readonly caller: SessionView }): ReactNode {
  const { provider, password } = caller.operatorSignIn;
  const here = encodeURIComponent(location.pathname);
  return (
    <Center mih="100dvh" component="main">
      <Container size="xs" w="100%" py="xl">
        <Stack gap="lg">
          <Group gap="sm">
            <Image src="/spindle.svg" w={44} h={44} alt="" />
            <Title order={1} size="h2">
              For admins
            </Title>
          </Group>
          {caller.kind === 'listener' ? (
            <Alert color="orange" title={`${caller.name} is no admin of this instance`}>
              Ask somebody who is, or sign in as the operator.
            </Alert>
          ) : (
            <Text c="dimmed">These pages are for those who run this instance.</Text>
          )}
          {caller.kind === 'listener' ? null : (
            <Button component="a" href={`/auth/login?returnTo=${here}`}>
              Continue with Spotify
            </Button>
          )}
          {provider === null ? null : (
            <Button component="a" variant="default" href={`/auth/operator/login?returnTo=${here}`}>
              Continue with {provider}
            </Button>
          )}
          {password ? <Password /> : null}
          <AnchorLink to="/">To the start</AnchorLink>
        </Stack>
      </Container>
    </Center>
  );
}
