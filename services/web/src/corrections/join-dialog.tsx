import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { createAlias, createMerge, searchCatalogue } from '@spindle/contracts';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api } from '../api.ts';
import { plays } from '../statistics/figure-words.ts';
import { STATISTICS } from '../statistics/queries.ts';
import { useCorrection } from './use-correction.ts';

interface Candidate {
  readonly id: string;
  readonly name: string;
  readonly note: string;
}

const WORDS = {
  tracks: { title: 'The same recording as …', action: 'Count as this one' },
  artists: { title: 'Count for …', action: 'Count for this one' },
} as const;

/** Looks for the track or artist that this one is to count for. */
export function JoinDialog(props: {
  readonly kind: keyof typeof WORDS;
  readonly id: string;
  readonly name: string;
  readonly onClose: () => void;
}): ReactNode {
  const { kind, id, name, onClose } = props;
  const [text, setText] = useState(name);
  const [q] = useDebouncedValue(text.trim(), 250);
  const { data } = useQuery({
    queryKey: [STATISTICS, 'search', q],
    queryFn: ({ signal }) => api.call(searchCatalogue, { query: { q, limit: 12 } }, { signal }),
    enabled: q !== '',
  });
  const join = useCorrection<string, unknown>(
    (intoId) =>
      kind === 'tracks'
        ? api.call(createMerge, { body: { trackIds: [id], intoId } })
        : api.call(createAlias, { body: { artistId: id, intoId } }),
    onClose,
  );
  const candidates: Candidate[] =
    (kind === 'tracks'
      ? data?.tracks.map(({ track, plays: number }) => ({
          id: track.id,
          name: track.name,
          note: [track.artists.map((one) => one.name).join(', '), track.album?.name, plays(number)]
            .filter(Boolean)
            .join(' · '),
        }))
      : data?.artists.map(({ artist, plays: number }) => ({
          id: artist.id,
          name: artist.name,
          note: plays(number),
        }))) ?? [];
  const others = candidates.filter((one) => one.id !== id);
  return (
    <Modal opened onClose={onClose} title={WORDS[kind].title}>
      <Stack>
        <TextInput
          data-autofocus
          label="Look for"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Stack component="ul" gap="xs" p={0} m={0} style={{ listStyle: 'none' }} aria-live="polite">
          {data && others.length === 0 ? (
            <Text component="li" size="sm" c="dimmed">
              You have played nothing else of this name.
            </Text>
          ) : null}
          {others.map((one) => (
            <Group key={one.id} component="li" wrap="nowrap" justify="space-between">
              <div style={{ minWidth: 0 }}>
                <Text size="sm" fw={600} truncate>
                  <bdi>{one.name}</bdi>
                </Text>
                <Text size="xs" c="dimmed" truncate>
                  {one.note}
                </Text>
              </div>
              <Button
                size="xs"
                variant="light"
                style={{ flex: 'none' }}
                loading={join.isPending}
                onClick={() => join.mutate(one.id)}
              >
                {WORDS[kind].action}
              </Button>
            </Group>
          ))}
        </Stack>
        <Text size="xs" c="dimmed">
          Nothing is deleted, and it can be taken back at any time.
        </Text>
      </Stack>
    </Modal>
  );
}
