import { ActionIcon, Button, Card, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import {
  createWidgetLink,
  deleteWidgetLink,
  WIDGET_LINK_NAME_LENGTH,
  type WidgetLink,
} from '@spindle/contracts';
import { IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api } from '../api.ts';
import { Failure } from '../components/failure.tsx';
import { relative } from '../time-words.ts';

export const LINKS = ['listWidgetLinks'];

/** Addresses that were given out; taking one back ends all cards that were made with it. */
export function Links(props: {
  readonly links: readonly WidgetLink[];
  readonly chosen: string | null;
  readonly onChoose: (id: string) => void;
}): ReactNode {
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const refresh = () => void queries.invalidateQueries({ queryKey: LINKS });
  const make = useMutation({
    mutationFn: () => api.call(createWidgetLink, { body: { name } }),
    onSuccess: (link) => {
      setName('');
      props.onChoose(link.id);
      refresh();
    },
  });
  const remove = useMutation({
    mutationFn: (id: string) => api.call(deleteWidgetLink, { params: { id } }),
    onSuccess: refresh,
  });
  return (
    <Card component="section" aria-label="Addresses">
      <Title order={2} size="h4">
        Addresses
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        Whoever has one sees the cards, whatever else you share. Take it back, and every card with it is
        empty.
      </Text>
      <Stack gap="sm">
        {make.error || remove.error ? <Failure error={make.error ?? remove.error} /> : null}
        {props.links.map((link) => (
          <Group key={link.id} justify="space-between" wrap="nowrap">
            <Button
              variant={link.id === props.chosen ? 'light' : 'subtle'}
              size="compact-sm"
              aria-pressed={link.id === props.chosen}
              onClick={() => props.onChoose(link.id)}
            >
              {link.name}
            </Button>
            <Group gap="xs" wrap="nowrap">
              <Text size="xs" c="dimmed">
                {relative(link.createdAt)}
              </Text>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`Take back ${link.name}`}
                onClick={() => remove.mutate(link.id)}
              >
                <IconTrash size={16} />
              </ActionIcon>
            </Group>
          </Group>
        ))}
        <form
          onSubmit={(event) => {
            event.preventDefault();
            make.mutate();
          }}
        >
          <Group align="flex-end" wrap="nowrap">
            <TextInput
              style={{ flex: 1 }}
              label="A new one, for"
              placeholder="my GitHub profile"
              maxLength={WIDGET_LINK_NAME_LENGTH}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Button type="submit" disabled={name.trim() === ''} loading={make.isPending}>
              Make
            </Button>
          </Group>
        </form>
      </Stack>
    </Card>
  );
}
