import {
  Button,
  Card,
  Group,
  Radio,
  Select,
  Skeleton,
  Stack,
  Switch,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { getInstance, type InstanceSettingsView, updateInstanceSettings } from '@spindle/contracts';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { listenersQuery, settingsQuery, useAction } from '../admin/queries.ts';
import { api, fieldErrors, queryKeys } from '../api.ts';
import { Failure } from '../components/failure.tsx';

const REGISTRATION: readonly {
  readonly value: InstanceSettingsView['registration'];
  readonly label: string;
  readonly description: string;
}[] = [
  { value: 'open', label: 'Open', description: 'Whoever finds this instance may sign in with Spotify.' },
  { value: 'invitation', label: 'By invitation', description: 'New people need a link that an admin made.' },
  { value: 'closed', label: 'Closed', description: 'Nobody new, invited or not. Those who are here stay.' },
];

function useChange() {
  const queries = useQueryClient();
  return useAction(
    async (body: {
      registration?: InstanceSettingsView['registration'];
      feedPublic?: boolean;
      name?: string | null;
      ownerId?: string | null;
    }) => queries.setQueryData(queryKeys.settings, await api.call(updateInstanceSettings, { body })),
    [queryKeys.instance, queryKeys.feed, queryKeys.nowPlaying, ['listAdminActions']],
  );
}

function Name({ settings }: { readonly settings: InstanceSettingsView }): ReactNode {
  const { data: instance } = useQuery({
    queryKey: queryKeys.instance,
    queryFn: () => api.call(getInstance, {}),
  });
  const [name, setName] = useState(settings.name ?? '');
  const save = useChange();
  return (
    <Group
      component="form"
      align="flex-end"
      onSubmit={(event: React.FormEvent) => {
        event.preventDefault();
        save.mutate({ name: name.trim() || null });
      }}
    >
      <TextInput
        label="Name"
        description="Empty: as the configuration says"
        placeholder={instance?.name}
        maxLength={60}
        style={{ flex: '1 1 220px' }}
        value={name}
        error={fieldErrors(save.error).name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Button type="submit" variant="default" loading={save.isPending}>
        Save
      </Button>
    </Group>
  );
}

function Owner({ settings }: { readonly settings: InstanceSettingsView }): ReactNode {
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed, 250);
  const { data } = useInfiniteQuery(listenersQuery({ sort: 'name', ...(q && { q }) }));
  const change = useChange();
  const { owner } = settings;
  const people = data?.pages.flatMap((page) => page.items) ?? [];
  const choices = [...(owner && !people.some((one) => one.id === owner.id) ? [owner] : []), ...people];
  if (settings.ownerBy === 'token') {
    return (
      <Text size="sm">
        The account of MY_SPOTIFY_REFRESH_TOKEN is shown: <bdi>{owner?.displayName ?? 'nobody yet'}</bdi>.
      </Text>
    );
  }
  return (
    <Select
      label="Whose track the instance shows"
      description="At /api/now-playing and on its cards; nobody chosen: the first admin"
      placeholder={owner ? `${owner.displayName}, as the first admin` : 'Nobody'}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': 'Back to the first admin' }}
      data={choices.map(({ id, displayName, handle }) => ({
        value: id,
        label: `${displayName} (@${handle})`,
      }))}
      filter={({ options }) => options}
      onSearchChange={setTyped}
      value={settings.ownerBy === 'chosen' ? (owner?.id ?? null) : null}
      disabled={change.isPending}
      onChange={(ownerId) => change.mutate({ ownerId })}
    />
  );
}

/** What admins decide for the instance while it runs. */
export function AdminSettings(): ReactNode {
  const { data: settings, error, refetch } = useQuery(settingsQuery);
  const change = useChange();
  // What was chosen is shown while it is being stored; what was refused falls back.
  const shown = settings && { ...settings, ...(change.isPending && change.variables) };
  return (
    <Stack gap="lg">
      <Title order={1} size="h2">
        Settings
      </Title>
      {error ? <Failure error={error} retry={() => void refetch()} /> : null}
      {shown ? (
        <>
          <Card component="section" aria-label="Registration">
            <Radio.Group
              label="Who may register"
              value={shown.registration}
              onChange={(value) =>
                change.mutate({ registration: value as InstanceSettingsView['registration'] })
              }
            >
              <Stack gap="sm" mt="sm">
                {REGISTRATION.map((one) => (
                  <Radio key={one.value} {...one} disabled={change.isPending} />
                ))}
              </Stack>
            </Radio.Group>
          </Card>
          <Card component="section" aria-label="What is shown">
            <Stack gap="lg">
              <Name settings={shown} />
              <Switch
                label="Visitors may see the feed"
                description="When this is off, it is for those who are signed in here."
                checked={shown.feedPublic}
                disabled={change.isPending}
                onChange={(event) => change.mutate({ feedPublic: event.currentTarget.checked })}
              />
              <Owner settings={shown} />
            </Stack>
          </Card>
        </>
      ) : error ? null : (
        <Skeleton height={260} radius="lg" />
      )}
    </Stack>
  );
}
