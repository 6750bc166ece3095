import {
  Anchor,
  Button,
  Card,
  Group,
  Menu,
  Modal,
  Select,
  Stack,
  Switch,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { deleteUser, logout, updateUser } from '@spindle/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api, describeError, fieldErrors, queryKeys } from '../api.ts';
import { ApiTokens } from '../components/api-tokens.tsx';
import { ConnectionNotice } from '../components/connection-notice.tsx';
import { ShareSwitch } from '../components/share-switch.tsx';
import { useSession } from '../session.tsx';
import { Counting } from '../settings/counting.tsx';
import { Notices } from '../settings/notices.tsx';
import { Scrobbling } from '../settings/scrobbling.tsx';
import { relative } from '../time-words.ts';

const SWITCHES = [
  [
    'publicProfile',
    'Public profile',
    'Anybody may see your name and picture, and the parts below that are on.',
  ],
  ['publicHistory', 'Public plays', 'Anybody may see your last plays on your profile.'],
  ['publicStats', 'Public figures', 'Anybody may see your tops and statistics on your profile.'],
  ['comparable', 'Comparable', 'Listeners here who allow it too may compare their taste with yours.'],
  [
    'liveCapture',
    'Live capture',
    'Read the player even while nobody watches, for exact listening times. Costs calls.',
  ],
  ['trackers', 'Trackers', 'One datapoint a day about your library.'],
] as const;

function fail(error: unknown): void {
  const { title, detail } = describeError(error);
  notifications.show({ color: 'red', title, message: detail });
}

function Profile(): ReactNode {
  const { user } = useSession();
  const queries = useQueryClient();
  const [form, setForm] = useState({
    handle: user.handle,
    displayName: user.displayName,
    timeZone: user.timeZone,
  });
  const save = useMutation({
    mutationFn: (body: Partial<typeof form> & { [Name in (typeof SWITCHES)[number][0]]?: boolean }) =>
      api.call(updateUser, { body }),
    onSuccess: (saved) => queries.setQueryData(queryKeys.user, saved),
    onError: (error) => {
      if (Object.keys(fieldErrors(error)).length === 0) fail(error);
    },
  });
  const errors = fieldErrors(save.error);
  const zones = Intl.supportedValuesOf('timeZone');
  return (
    <Card component="section" aria-label="Profile">
      <Title order={2} size="h4" mb="sm">
        Profile
      </Title>
      <Stack
        component="form"
        gap="sm"
        onSubmit={(event: React.FormEvent) => {
          event.preventDefault();
          save.mutate(form);
        }}
      >
        <TextInput
          label="Name"
          value={form.displayName}
          error={errors.displayName}
          onChange={(event) => setForm({ ...form, displayName: event.currentTarget.value })}
        />
        <TextInput
          label="Handle"
          description="Part of your public addresses: lower case letters, digits, - and _"
          value={form.handle}
          error={errors.handle}
          onChange={(event) => setForm({ ...form, handle: event.currentTarget.value })}
        />
        <Select
          label="Time zone"
          description="All calendars and figures follow it"
          searchable
          data={zones.includes(form.timeZone) ? zones : [form.timeZone, ...zones]}
          value={form.timeZone}
          error={errors.timeZone}
          onChange={(timeZone) => timeZone && setForm({ ...form, timeZone })}
        />
        <Group>
          <Button type="submit" loading={save.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
      <Stack gap="sm" mt="lg">
        {SWITCHES.map(([name, label, description]) => (
          <Switch
            key={name}
            label={label}
            description={description}
            checked={user[name]}
            onChange={(event) => save.mutate({ [name]: event.currentTarget.checked })}
          />
        ))}
      </Stack>
      {user.publicProfile ? (
        <Text size="sm" mt="sm">
          Your profile:{' '}
          <Anchor href={`/u/${user.handle}`} style={{ overflowWrap: 'anywhere' }}>
            {location.origin}/u/{user.handle}
          </Anchor>
        </Text>
      ) : null}
    </Card>
  );
}

function Sharing(): ReactNode {
  const { user } = useSession();
  const address = `${location.origin}/api/users/${user.handle}/now-playing`;
  return (
    <Card component="section" aria-label="Sharing">
      <Title order={2} size="h4" mb="sm">
        Sharing
      </Title>
      <ShareSwitch />
      {user.sharing ? (
        <Text size="sm" mt="sm">
          <Anchor href={address} style={{ overflowWrap: 'anywhere' }}>
            {address}
          </Anchor>
        </Text>
      ) : null}
    </Card>
  );
}

function Leaving(): ReactNode {
  const { user } = useSession();
  const [asking, setAsking] = useState(false);
  const [typed, setTyped] = useState('');
  const leave = useMutation({
    mutationFn: () => api.call(logout, {}),
    onSuccess: () => location.assign('/'),
    onError: fail,
  });
  const erase = useMutation({
    mutationFn: () => api.call(deleteUser, {}),
    onSuccess: () => location.assign('/'),
    onError: fail,
  });
  return (
    <Card component="section" aria-label="Your data">
      <Title order={2} size="h4" mb="sm">
        Your data
      </Title>
      <Group>
        <Button component="a" href="/api/user/export" variant="default">
          Download everything
        </Button>
        <Menu shadow="md">
          <Menu.Target>
            <Button variant="default">Download plays …</Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item component="a" href="/api/export/plays?format=ndjson">
              NDJSON, to be restored on another instance
            </Menu.Item>
            <Menu.Item component="a" href="/api/export/plays?format=csv">
              CSV, for spreadsheets
            </Menu.Item>
            <Menu.Item component="a" href="/api/export/plays?format=listenbrainz">
              ListenBrainz
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
        <Button variant="default" loading={leave.isPending} onClick={() => leave.mutate()}>
          Sign out
        </Button>
        <Button color="red" variant="light" onClick={() => setAsking(true)}>
          Erase me
        </Button>
      </Group>
      <Modal opened={asking} onClose={() => setAsking(false)} title="Erase everything?" centered>
        <Stack>
          <Text size="sm">
            Your consent ends at once, and every play, import and setting of yours is deleted. This cannot be
            undone: download your data first.
          </Text>
          <TextInput
            label={`Type ${user.handle} to go on`}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <Button
            color="red"
            disabled={typed !== user.handle}
            loading={erase.isPending}
            onClick={() => erase.mutate()}
          >
            Erase me for good
          </Button>
        </Stack>
      </Modal>
    </Card>
  );
}

/** Everything a listener decides about. */
export function Settings(): ReactNode {
  const { user } = useSession();
  return (
    <Stack gap="lg">
      <Title order={1} size="h2">
        Settings
      </Title>
      <ConnectionNotice user={user} />
      <Profile />
      <Counting />
      <Sharing />
      <Card component="section" aria-label="Connection">
        <Title order={2} size="h4" mb="sm">
          Spotify
        </Title>
        <Group justify="space-between">
          <Text size="sm" c="dimmed">
            {user.connection.authorizedAt
              ? `Connected ${relative(user.connection.authorizedAt)}.`
              : 'Not connected.'}{' '}
            {user.connection.daysLeft === null
              ? ''
              : `Spotify ends the consent in ${user.connection.daysLeft} days.`}
          </Text>
          <Button component="a" variant="default" href="/auth/login?returnTo=%2Fsettings">
            Reconnect
          </Button>
        </Group>
      </Card>
      <Notices />
      <Scrobbling />
      <ApiTokens />
      <Leaving />
    </Stack>
  );
}
