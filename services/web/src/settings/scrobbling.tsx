import { Alert, Button, Card, Code, Group, Stack, Switch, Text, TextInput, Title } from '@mantine/core';
import { deleteRelay, getRelay, saveRelay } from '@spindle/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api, fieldErrors } from '../api.ts';
import { Failure } from '../components/failure.tsx';
import { count, relative } from '../time-words.ts';

const KEY = ['getRelay'];

/** Other players in, and plays out to a server that speaks ListenBrainz. */
export function Scrobbling(): ReactNode {
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery({ queryKey: KEY, queryFn: () => api.call(getRelay, {}) });
  const relay = data?.relay ?? null;
  const [url, setUrl] = useState<string | null>(null);
  const [token, setToken] = useState('');
  const address = url ?? relay?.url ?? 'https://api.listenbrainz.org';
  const save = useMutation({
    mutationFn: (enabled: boolean) =>
      api.call(saveRelay, { body: { url: address, enabled, ...(token ? { token } : {}) } }),
    onSuccess: (saved) => {
      queries.setQueryData(KEY, saved);
      setToken('');
      setUrl(null);
    },
  });
  const stop = useMutation({
    mutationFn: () => api.call(deleteRelay, {}),
    onSuccess: () => queries.setQueryData(KEY, { relay: null }),
  });
  const errors = fieldErrors(save.error);
  return (
    <Card component="section" aria-label="Scrobbling">
      <Title order={2} size="h4" mb="sm">
        Scrobbling
      </Title>
      <Stack gap="sm">
        <Text size="sm">
          Other players can submit here: choose “ListenBrainz” in them, give <Code>{location.origin}</Code> as
          the server and a personal token with the scope “scrobble” from below.
        </Text>
        <Title order={3} size="h5">
          Pass my new plays on
        </Title>
        {error ? <Failure error={error} retry={() => void refetch()} /> : null}
        {relay ? (
          <Switch
            label="On"
            description={`${count(relay.relayed)} plays passed on, up to ${relative(relay.relayedTo)}.`}
            checked={relay.enabled}
            disabled={save.isPending}
            onChange={(event) => save.mutate(event.currentTarget.checked)}
          />
        ) : null}
        {relay?.lastError ? (
          <Alert color="orange" py="xs">
            {relay.lastError.message} ({relative(relay.lastError.at)})
          </Alert>
        ) : null}
        <Stack
          component="form"
          gap="sm"
          onSubmit={(event: React.FormEvent) => {
            event.preventDefault();
            save.mutate(true);
          }}
        >
          <TextInput
            label="Server"
            value={address}
            error={errors.url}
            onChange={(event) => setUrl(event.currentTarget.value)}
          />
          <TextInput
            label="User token there"
            description={
              relay ? 'Left empty, the one given before stays' : 'It is stored encrypted and never shown'
            }
            type="password"
            autoComplete="off"
            value={token}
            error={errors.token}
            onChange={(event) => setToken(event.currentTarget.value)}
          />
          {save.error && Object.keys(errors).length === 0 ? <Failure error={save.error} /> : null}
          <Group>
            <Button type="submit" loading={save.isPending} disabled={!relay && token === ''}>
              {relay ? 'Save' : 'Begin'}
            </Button>
            {relay ? (
              <Button variant="default" loading={stop.isPending} onClick={() => stop.mutate()}>
                Stop and forget the token
              </Button>
            ) : null}
          </Group>
        </Stack>
      </Stack>
    </Card>
  );
}
