import {
  ActionIcon,
  Alert,
  Button,
  Card,
  Code,
  Group,
  NativeSelect,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { type ApiTokenScope, createToken, deleteToken, listTokens } from '@spindle/contracts';
import { IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api, queryKeys } from '../api.ts';
import { relative } from '../time-words.ts';
import { CopyLine } from './copy-line.tsx';
import { Failure } from './failure.tsx';

/** What a token may do, as people ask for it. */
const PURPOSES: readonly { readonly label: string; readonly scopes: readonly ApiTokenScope[] }[] = [
  { label: 'read and change everything of mine', scopes: ['read', 'write'] },
  { label: 'read only', scopes: ['read'] },
  { label: 'scrobble only', scopes: ['scrobble'] },
];

const purposeOf = (scopes: readonly ApiTokenScope[]) =>
  PURPOSES.find((one) => one.scopes.join() === [...scopes].join())?.label ?? scopes.join(', ');

/** Personal API tokens: made, shown once, revoked. */
export function ApiTokens(): ReactNode {
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [purpose, setPurpose] = useState(0);
  const tokens = useQuery({ queryKey: queryKeys.tokens, queryFn: () => api.call(listTokens, {}) });
  const refresh = () => void queries.invalidateQueries({ queryKey: queryKeys.tokens });
  const create = useMutation({
    mutationFn: () =>
      api.call(createToken, { body: { name, scopes: [...(PURPOSES[purpose]?.scopes ?? ['read'])] } }),
    onSuccess: () => {
      setName('');
      refresh();
    },
  });
  const remove = useMutation({
    mutationFn: (id: string) => api.call(deleteToken, { params: { id } }),
    onSuccess: refresh,
  });
  return (
    <Card component="section" aria-label="API tokens">
      <Title order={2} size="h4" mb="sm">
        API tokens
      </Title>
      <Stack gap="sm">
        {create.data ? (
          <Alert color="green" title="Copy it now: it is shown only this once">
            <CopyLine value={create.data.token} />
          </Alert>
        ) : null}
        {tokens.error || create.error ? <Failure error={tokens.error ?? create.error} /> : null}
        {tokens.data?.items.map((token) => (
          <Group key={token.id} justify="space-between" wrap="nowrap">
            <div>
              <Text size="sm" fw={600}>
                {token.name} <Code>{token.hint}…</Code>
              </Text>
              <Text size="xs" c="dimmed">
                may {purposeOf(token.scopes)}, made {relative(token.createdAt)},{' '}
                {token.lastUsedAt ? `used ${relative(token.lastUsedAt)}` : 'never used'}
              </Text>
            </div>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Revoke ${token.name}`}
              onClick={() => remove.mutate(token.id)}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Group>
        ))}
        <Group align="flex-end">
          <TextInput
            label="Name of a new token"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <NativeSelect
            label="It may"
            data={PURPOSES.map(({ label }, value) => ({ label, value: String(value) }))}
            value={String(purpose)}
            onChange={(event) => setPurpose(Number(event.currentTarget.value))}
          />
          <Button
            variant="default"
            disabled={name.trim() === ''}
            loading={create.isPending}
            onClick={() => create.mutate()}
          >
            Make token
          </Button>
        </Group>
      </Stack>
    </Card>
  );
}
