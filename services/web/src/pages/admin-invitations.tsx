import {
  Alert,
  Badge,
  Button,
  Card,
  Code,
  Group,
  NativeSelect,
  NumberInput,
  Skeleton,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { createInvitation, type InvitationView, listInvitations, revokeInvitation } from '@spindle/contracts';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { appsQuery, settingsQuery, useAction } from '../admin/queries.ts';
import { FullNotice } from '../admin/seats.tsx';
import { api } from '../api.ts';
import { CopyLine } from '../components/copy-line.tsx';
import { Failure } from '../components/failure.tsx';
import { AnchorLink } from '../components/links.tsx';
import { More } from '../components/more.tsx';
import { relative } from '../time-words.ts';

const KEY = ['listInvitations'];
const TOUCHED = [KEY, ['listAdminActions']];

const STATES: Record<InvitationView['state'], { readonly color: string; readonly words: string }> = {
  open: { color: 'teal', words: 'good' },
  'used-up': { color: 'gray', words: 'used' },
  expired: { color: 'gray', words: 'run out' },
  revoked: { color: 'red', words: 'revoked' },
};

/** Says what registration is at, where that changes what invitations are for. */
function RegistrationNote(): ReactNode {
  const { data } = useQuery(settingsQuery);
  if (!data || data.registration === 'invitation') return null;
  return (
    <Alert color="gray">
      <Text size="sm">
        {data.registration === 'open'
          ? 'Registration is open: whoever finds this instance may sign in, invited or not.'
          : 'Registration is closed: invitations let nobody in until it is open to the invited.'}{' '}
        <AnchorLink to="/admin/settings" size="sm" c="inherit" underline="always">
          Change it
        </AnchorLink>
      </Text>
    </Alert>
  );
}

function NewInvitation(): ReactNode {
  const { data: apps } = useQuery(appsQuery);
  const [form, setForm] = useState({ note: '', maxUses: 1, days: 7, app: '' });
  const create = useAction(
    () =>
      api.call(createInvitation, {
        body: {
          maxUses: form.maxUses,
          days: form.days,
          ...(form.note.trim() && { note: form.note.trim() }),
          ...(form.app && { app: form.app }),
        },
      }),
    TOUCHED,
  );
  const choices = apps?.apps ?? [];
  return (
    <Card component="section" aria-label="New invitation">
      <Title order={2} size="h4" mb="sm">
        New invitation
      </Title>
      <Stack
        component="form"
        gap="sm"
        onSubmit={(event: React.FormEvent) => {
          event.preventDefault();
          create.mutate(undefined);
        }}
      >
        <TextInput
          label="Note"
          description="Whoever opens the link reads it"
          placeholder="For Bob, from the choir"
          maxLength={200}
          value={form.note}
          onChange={(event) => setForm({ ...form, note: event.currentTarget.value })}
        />
        <Group align="flex-end">
          <NumberInput
            label="For how many people"
            min={1}
            max={500}
            clampBehavior="strict"
            allowDecimal={false}
            w={190}
            value={form.maxUses}
            onChange={(value) => setForm({ ...form, maxUses: Number(value) || 1 })}
          />
          <NumberInput
            label="Good for, days"
            min={1}
            max={365}
            clampBehavior="strict"
            allowDecimal={false}
            w={190}
            value={form.days}
            onChange={(value) => setForm({ ...form, days: Number(value) || 1 })}
          />
          {choices.length > 1 ? (
            <NativeSelect
              label="Spotify app"
              data={[
                { value: '', label: 'one with a free seat' },
                ...choices.map(({ id, users, seats }) => ({
                  value: id,
                  label: seats === null ? id : `${id} (${users} of ${seats})`,
                })),
              ]}
              value={form.app}
              onChange={(event) => setForm({ ...form, app: event.currentTarget.value })}
            />
          ) : null}
          <Button type="submit" loading={create.isPending}>
            Make a link
          </Button>
        </Group>
      </Stack>
      {create.data ? (
        <Alert color="green" mt="md" title="Copy it now: it is shown only this once">
          <CopyLine value={create.data.url} testId="invitation-link" />
        </Alert>
      ) : null}
    </Card>
  );
}

function Invitation({ one }: { readonly one: InvitationView }): ReactNode {
  const revoke = useAction((id: string) => api.call(revokeInvitation, { params: { id } }), TOUCHED);
  const { color, words } = STATES[one.state];
  return (
    <Card component="li" padding="md" data-testid="invitation">
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <div>
          <Group gap="xs">
            <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
              {one.note ?? 'Without a note'}
            </Text>
            <Code>{one.hint}…</Code>
            <Badge variant="dot" color={color} tt="none">
              {words}
            </Badge>
          </Group>
          <Text size="sm" c="dimmed">
            made {relative(one.createdAt)} by {one.createdBy ?? 'the operator'}
            {one.state === 'open' ? `, good until ${new Date(one.expiresAt).toLocaleString()}` : ''}
            {one.app ? `, for the app “${one.app}”` : ''}
          </Text>
          <Text size="sm">
            {one.uses} of {one.maxUses} came
            {one.invited.length > 0 ? `: ${one.invited.map((person) => person.displayName).join(', ')}` : ''}
          </Text>
        </div>
        {one.state === 'open' ? (
          <Button
            size="xs"
            variant="default"
            loading={revoke.isPending}
            aria-label={`Revoke: ${one.note ?? one.hint}`}
            onClick={() => revoke.mutate(one.id)}
          >
            Revoke
          </Button>
        ) : null}
      </Group>
    </Card>
  );
}

/** Links by which people register. */
export function AdminInvitations(): ReactNode {
  const list = useInfiniteQuery({
    queryKey: KEY,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      api.call(listInvitations, { query: { limit: 20, ...(pageParam && { cursor: pageParam }) } }),
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    staleTime: 0,
  });
  const items = list.data?.pages.flatMap((page) => page.items);
  return (
    <Stack gap="lg">
      <Title order={1} size="h2">
        Invitations
      </Title>
      <RegistrationNote />
      <FullNotice />
      <NewInvitation />
      {list.error ? <Failure error={list.error} retry={() => void list.refetch()} /> : null}
      {list.isPending ? <Skeleton height={90} radius="lg" /> : null}
      {items?.length === 0 ? <Text c="dimmed">Nobody was invited yet.</Text> : null}
      <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: 'none' }} aria-label="Invitations">
        {items?.map((one) => (
          <Invitation key={one.id} one={one} />
        ))}
      </Stack>
      <More list={list} />
    </Stack>
  );
}
