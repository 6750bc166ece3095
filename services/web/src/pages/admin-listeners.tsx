import {
  ActionIcon,
  Badge,
  Card,
  Group,
  Menu,
  NativeSelect,
  SimpleGrid,
  Skeleton,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import {
  type AdminUserView,
  changeUser,
  eraseListener,
  signOutUser,
  type UserFilter,
  type UserSort,
} from '@spindle/contracts';
import { IconDots, IconSearch } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { Confirm, type Question } from '../admin/confirm.tsx';
import { Person } from '../admin/person.tsx';
import { type ListenersSearch, listenersQuery, useAction } from '../admin/queries.ts';
import { FullNotice, Seats } from '../admin/seats.tsx';
import { api } from '../api.ts';
import { Failure } from '../components/failure.tsx';
import { More } from '../components/more.tsx';
import { count, relative } from '../time-words.ts';

const SORTS: readonly { readonly value: UserSort; readonly label: string }[] = [
  { value: 'created', label: 'newest first' },
  { value: 'name', label: 'by name' },
  { value: 'plays', label: 'most plays first' },
  { value: 'lastPlay', label: 'last play first' },
  { value: 'consent', label: 'consent ends soonest' },
];
const FILTERS: readonly { readonly value: UserFilter | ''; readonly label: string }[] = [
  { value: '', label: 'everybody' },
  { value: 'admins', label: 'admins' },
  { value: 'reconnect', label: 'who must reconnect' },
  { value: 'late', label: 'whose capture is late' },
  { value: 'disabled', label: 'disabled' },
];
const LATE_MS = 15 * 60_000;

/** What stands out about somebody, worst first. */
function Marks({ user }: { readonly user: AdminUserView }): ReactNode {
  const marks: readonly (readonly [boolean, string, string])[] = [
    [user.erasing, 'red', 'being erased'],
    [user.disabledAt !== null, 'red', 'disabled'],
    [user.consent === 'ended', 'orange', 'must reconnect'],
    [user.consent === 'none', 'gray', 'never connected'],
    [user.consent === 'ending', 'yellow', `consent ends in ${user.daysLeft} days`],
    [user.refusal !== null, 'orange', user.refusal?.replaceAll('_', ' ') ?? ''],
    [user.capture.lateMs > LATE_MS, 'yellow', `capture late by ${relativeMs(user.capture.lateMs)}`],
    [user.isAdmin, 'spindle', 'admin'],
    [user.sharing, 'teal', 'sharing'],
  ];
  return (
    <>
      {marks
        .filter(([is]) => is)
        .map(([, color, words]) => (
          <Badge key={words} variant="dot" color={color} tt="none">
            {words}
          </Badge>
        ))}
    </>
  );
}

function relativeMs(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {name}
      </Text>
      <Text size="sm">{children}</Text>
    </div>
  );
}

function useActions(ask: (question: Question) => void) {
  const touched = [['listUsers'], ['listApps'], ['listFailures'], ['getSession'], ['listAdminActions']];
  const change = useAction(
    ({ id, ...body }: { id: string; isAdmin?: boolean; disabled?: boolean }) =>
      api.call(changeUser, { params: { id }, body }),
    touched,
  );
  const signOut = useAction((id: string) => api.call(signOutUser, { params: { id } }), touched);
  const erase = useAction(
    ({ id, handle }: AdminUserView) =>
      api.call(eraseListener, { params: { id }, query: { confirm: handle } }),
    touched,
  );
  return {
    change,
    signOut,
    askToDisable: (user: AdminUserView) =>
      ask({
        title: `Disable ${user.displayName}?`,
        text: 'They are signed out everywhere and cannot sign in. Their API tokens are revoked; capture, schedules, party rooms, sharing and widgets stop. Everything of theirs stays, and you can enable the account again.',
        yes: 'Disable',
        act: () => change.mutateAsync({ id: user.id, disabled: true }),
      }),
    askToErase: (user: AdminUserView) =>
      ask({
        title: `Erase ${user.displayName}?`,
        text: 'Every play, import and setting of theirs is deleted for good. This cannot be undone.',
        yes: 'Erase for good',
        typed: user.handle,
        act: () => erase.mutateAsync(user),
      }),
  };
}

function Listener(props: {
  readonly user: AdminUserView;
  readonly ask: (question: Question) => void;
}): ReactNode {
  const { user, ask } = props;
  const { change, signOut, askToDisable, askToErase } = useActions(ask);
  const { capture } = user;
  return (
    <Card component="li" data-testid="listener" padding="md">
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Group gap="xs">
          <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
            <Person person={user} />
          </Text>
          <Marks user={user} />
        </Group>
        <Menu position="bottom-end" shadow="md" width={210}>
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" aria-label={`What to do with ${user.displayName}`}>
              <IconDots size={18} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => change.mutate({ id: user.id, isAdmin: !user.isAdmin })}>
              {user.isAdmin ? 'No longer an admin' : 'Make an admin'}
            </Menu.Item>
            <Menu.Item onClick={() => signOut.mutate(user.id)}>Sign out everywhere</Menu.Item>
            {user.disabledAt === null ? (
              <Menu.Item onClick={() => askToDisable(user)}>Disable …</Menu.Item>
            ) : (
              <Menu.Item onClick={() => change.mutate({ id: user.id, disabled: false })}>Enable</Menu.Item>
            )}
            <Menu.Divider />
            <Menu.Item color="red" onClick={() => askToErase(user)}>
              Erase …
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Group>
      <SimpleGrid cols={{ base: 2, xs: 3, sm: 6 }} mt="xs" spacing="xs">
        <Fact name="Here">{relative(user.createdAt)}</Fact>
        <Fact name="App">{user.app ?? '–'}</Fact>
        <Fact name="Consent">
          {user.daysLeft === null || user.consent === 'ended' ? '–' : `${user.daysLeft} days left`}
        </Fact>
        <Fact name="Plays">{count(user.plays)}</Fact>
        <Fact name="Last captured">{capture.lastPlayAt ? relative(capture.lastPlayAt) : '–'}</Fact>
        <Fact name="Gaps">{capture.gaps === 0 ? 'none' : count(capture.gaps)}</Fact>
      </SimpleGrid>
    </Card>
  );
}

/** Who listens here, how their capture stands, and what an admin may do about it. Nobody's music. */
export function AdminListeners(): ReactNode {
  const search: ListenersSearch = useSearch({ from: '/admin/listeners' });
  const navigate = useNavigate({ from: '/admin/listeners' });
  const [question, setQuestion] = useState<Question | null>(null);
  const list = useInfiniteQuery(listenersQuery(search));
  const set = (change: ListenersSearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false });
  const find = useDebouncedCallback((q: string) => set({ q }), 250);
  const users = list.data?.pages.flatMap((page) => page.items);
  return (
    <Stack gap="lg">
      <Title order={1} size="h2">
        Listeners
      </Title>
      <FullNotice />
      <Group align="flex-end">
        <TextInput
          label="Name or handle"
          leftSection={<IconSearch size={16} aria-hidden />}
          defaultValue={search.q ?? ''}
          onChange={(event) => find(event.currentTarget.value)}
        />
        <NativeSelect
          label="Show"
          data={FILTERS.map((one) => ({ ...one }))}
          value={search.filter ?? ''}
          onChange={(event) => set({ filter: (event.currentTarget.value || undefined) as UserFilter })}
        />
        <NativeSelect
          label="In order"
          data={SORTS.map((one) => ({ ...one }))}
          value={search.sort ?? 'created'}
          onChange={(event) => set({ sort: event.currentTarget.value as UserSort })}
        />
      </Group>
      {list.error ? <Failure error={list.error} retry={() => void list.refetch()} /> : null}
      {list.isPending ? <Skeleton height={110} radius="lg" /> : null}
      {users?.length === 0 ? <Text c="dimmed">Nobody.</Text> : null}
      <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: 'none' }} aria-label="Listeners">
        {users?.map((user) => (
          <Listener key={user.id} user={user} ask={setQuestion} />
        ))}
      </Stack>
      <More list={list} />
      <Seats />
      <Confirm question={question} close={() => setQuestion(null)} />
    </Stack>
  );
}
