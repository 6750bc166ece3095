import { Button, Card, Group, List, Stack, Text, Title, VisuallyHidden } from '@mantine/core';
import { useDebouncedValue, useDisclosure } from '@mantine/hooks';
import type { RoomTrackView } from '@spindle/contracts';
import { type ReactNode, useRef } from 'react';
import { tracksWord } from '../playlists/playlist-words.ts';
import { QueueRow } from './queue-row.tsx';
import classes from './room.module.css';
import { ruleWords } from './room-words.ts';
import { Sheet } from './sheet.tsx';
import { useHeldOrder } from './use-held-order.ts';
import { useRoom } from './use-room.ts';

/** Screen readers hear how many wait when that has not changed for so long. */
const QUIET_MS = 3_000;

/** How the order comes about, in sentences. */
export function RulesSheet(props: { readonly opened: boolean; readonly onClose: () => void }): ReactNode {
  const { data } = useRoom();
  return (
    <Sheet {...props} title="How the order comes about">
      <List spacing="sm" size="sm">
        {ruleWords(data.room.settings).map((line) => (
          <List.Item key={line}>{line}</List.Item>
        ))}
      </List>
    </Sheet>
  );
}

/** What the list says of the first, to whoever hears the page. */
function Spoken({ queue }: { readonly queue: readonly RoomTrackView[] }): ReactNode {
  const [first] = queue;
  const [words] = useDebouncedValue(
    first ? `${tracksWord(queue.length)} waiting, first ${first.track.name}` : 'Nothing waits',
    QUIET_MS,
  );
  return (
    <VisuallyHidden role="status" aria-live="polite">
      {words}
    </VisuallyHidden>
  );
}

function Rows({ queue }: { readonly queue: readonly RoomTrackView[] }): ReactNode {
  const list = useRef<HTMLUListElement>(null);
  const { nextRoomTrackId } = useRoom().data.playback;
  // What Spotify has already comes first, whatever is voted.
  const inOrder = [
    ...queue.filter(({ id }) => id === nextRoomTrackId),
    ...queue.filter(({ id }) => id !== nextRoomTrackId),
  ];
  const byId = new Map(inOrder.map((track) => [track.id, track]));
  const order = useHeldOrder(list, [...byId.keys()]);
  return (
    <ul ref={list} className={classes.list} aria-label="What waits, in order">
      {order.map((id) => {
        const track = byId.get(id);
        return track ? (
          <QueueRow key={id} track={track} place={inOrder.indexOf(track)} queue={inOrder} />
        ) : null;
      })}
    </ul>
  );
}

/** What waits, in the order in which it comes, and why in this one. */
export function Queue(): ReactNode {
  const { queue } = useRoom().data;
  const [asking, { open, close }] = useDisclosure(false);
  return (
    <Card component="section" aria-label="Queue" padding="sm">
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Title order={2} size="h4">
          Up next
        </Title>
        <Button variant="subtle" size="sm" h={44} px="xs" aria-haspopup="dialog" onClick={open}>
          Why this order?
        </Button>
      </Group>
      <Rows queue={queue} />
      {queue.length === 0 ? (
        <Stack gap={4} align="center" py="xl">
          <Text fw={600}>Nothing waits yet</Text>
          <Text size="sm" c="dimmed" ta="center">
            What you propose shows up here for everybody, and all vote on it.
          </Text>
        </Stack>
      ) : null}
      <Spoken queue={queue} />
      <RulesSheet opened={asking} onClose={close} />
    </Card>
  );
}
