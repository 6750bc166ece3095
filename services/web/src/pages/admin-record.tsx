import { Code, Skeleton, Stack, Table, Text, Title } from '@mantine/core';
import { type AdminActionName, type AdminActionView, listAdminActions } from '@spindle/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api } from '../api.ts';
import { Failure } from '../components/failure.tsx';
import { More } from '../components/more.tsx';
import { Wide } from '../components/wide.tsx';

const WORDS: Record<AdminActionName, string> = {
  'admin-made': 'made an admin',
  'admin-unmade': 'no longer an admin',
  'user-disabled': 'disabled',
  'user-enabled': 'enabled',
  'user-signed-out': 'signed out everywhere',
  'user-erased': 'erased',
  'invitation-made': 'made an invitation',
  'invitation-revoked': 'revoked an invitation',
  'settings-changed': 'changed settings',
  'queue-paused': 'paused a queue',
  'queue-resumed': 'let a queue go on',
  'jobs-retried': 'ran failed jobs again',
  'jobs-dropped': 'dropped failed jobs',
  'dashboard-used': 'used the queue dashboard',
  'operator-signed-in': 'signed in as an operator',
};
/** Done to a listener: erased since, they have no name here any more. */
const TO_A_LISTENER = new Set<AdminActionName>([
  'admin-made',
  'admin-unmade',
  'user-disabled',
  'user-enabled',
  'user-signed-out',
  'user-erased',
]);

const WHEN = new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeStyle: 'short' });

function whom({ action, user, target }: AdminActionView): string {
  if (user) return user.displayName;
  return target ?? (TO_A_LISTENER.has(action) ? 'a listener who was erased' : '');
}

const whoOf = ({ actor, operator }: AdminActionView): string =>
  actor?.displayName ?? (operator === null ? 'somebody who was erased' : `operator (${operator})`);

/** What admins did, newest first. */
export function AdminRecord(): ReactNode {
  const list = useInfiniteQuery({
    queryKey: ['listAdminActions'],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => api.call(listAdminActions, { query: pageParam ? { cursor: pageParam } : {} }),
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    staleTime: 0,
  });
  const items = list.data?.pages.flatMap((page) => page.items);
  return (
    <Stack gap="lg">
      <div>
        <Title order={1} size="h2">
          Record
        </Title>
        <Text c="dimmed">What admins did here, newest first.</Text>
      </div>
      {list.error ? <Failure error={list.error} retry={() => void list.refetch()} /> : null}
      {list.isPending ? <Skeleton height={200} radius="lg" /> : null}
      {items?.length === 0 ? <Text c="dimmed">Nothing yet.</Text> : null}
      {items && items.length > 0 ? (
        <Wide name="Record">
          <Table fz="sm" style={{ whiteSpace: 'nowrap' }}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>When</Table.Th>
                <Table.Th>What</Table.Th>
                <Table.Th>Whom or what</Table.Th>
                <Table.Th>By</Table.Th>
                <Table.Th>Details</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {items.map((one) => (
                <Table.Tr key={one.id} data-testid="action">
                  <Table.Td>{WHEN.format(new Date(one.at))}</Table.Td>
                  <Table.Td>{WORDS[one.action]}</Table.Td>
                  <Table.Td>
                    <bdi>{whom(one)}</bdi>
                  </Table.Td>
                  <Table.Td>
                    <bdi>{whoOf(one)}</bdi>
                  </Table.Td>
                  <Table.Td>
                    {Object.entries(one.details).map(([name, value]) => (
                      <Code key={name} mr={4}>
                        {name}: {typeof value === 'string' ? value : JSON.stringify(value)}
                      </Code>
                    ))}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Wide>
      ) : null}
      <More list={list} />
    </Stack>
  );
}
