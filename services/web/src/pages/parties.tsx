import { Badge, Button, Card, Group, Loader, Modal, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { listRooms, openRoom, type RoomSettings, type RouteResponse } from '@spindle/contracts';
import { IconDisc } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { api, queryKeys } from '../api.ts';
import { EndOfList } from '../components/end-of-list.tsx';
import { Failure } from '../components/failure.tsx';
import { AnchorLink, ButtonLink } from '../components/links.tsx';
import classes from '../playlists/playlist-row.module.css';
import { tracksWord } from '../playlists/playlist-words.ts';
import { CodeEntry } from '../rooms/code-entry.tsx';
import { peopleWord } from '../rooms/room-words.ts';
import { SavePlaylist } from '../rooms/save-playlist.tsx';
import { FIRST_SETTINGS, SettingsForm } from '../rooms/settings-form.tsx';
import { useSessionOfAnybody } from '../session.tsx';
import { relative } from '../time-words.ts';

type RoomItem = RouteResponse<typeof listRooms>['items'][number];
const PAGE = 20;

const factsOf = ({ guests, played }: RoomItem): string =>
  [peopleWord(guests), played === 0 ? 'nothing played' : `${tracksWord(played)} played`].join(' · ');

function OpenNow({ room }: { readonly room: RoomItem }): ReactNode {
  return (
    <Card component="section" aria-label={room.name}>
      <Group justify="space-between">
        <div style={{ minWidth: 0 }}>
          <Group gap="xs">
            <Text fw={650} style={{ overflowWrap: 'anywhere' }}>
              <bdi>{room.name}</bdi>
            </Text>
            <Badge variant="dot" tt="none">
              open
            </Badge>
          </Group>
          <Text size="sm" c="dimmed">
            {room.isHost ? 'You are the host' : 'You are a guest'} · {factsOf(room)}
          </Text>
        </div>
        <ButtonLink to="/party/$code" params={{ code: room.code }} size="md">
          Go in
        </ButtonLink>
      </Group>
    </Card>
  );
}

function Past({ room }: { readonly room: RoomItem }): ReactNode {
  return (
    <Group component="li" justify="space-between" py="sm" className={classes.row} data-testid="past">
      <div style={{ minWidth: 0 }}>
        <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
          <AnchorLink to="/party/$code" params={{ code: room.code }} inherit c="inherit" dir="auto">
            {room.name}
          </AnchorLink>
        </Text>
        <Text size="sm" c="dimmed">
          {relative(room.createdAt)} · {factsOf(room)}
        </Text>
      </div>
      {room.played > 0 ? <SavePlaylist code={room.code} name={room.name} size="sm" /> : null}
    </Group>
  );
}

/** Name and rules of a new room. */
function OpenDialog(props: { readonly opened: boolean; readonly onClose: () => void }): ReactNode {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const open = useMutation({
    mutationFn: (body: RoomSettings) => api.call(openRoom, { body }),
    onSuccess: ({ room }) => {
      void queries.invalidateQueries({ queryKey: queryKeys.rooms });
      void navigate({ to: '/party/$code', params: { code: room.code } });
    },
  });
  return (
    <Modal {...props} title="Open a room" closeButtonProps={{ 'aria-label': 'Close' }}>
      <SettingsForm
        settings={FIRST_SETTINGS}
        action="Open the room"
        pending={open.isPending}
        error={open.error}
        onSubmit={(settings) => open.mutate(settings)}
      />
    </Modal>
  );
}

function MyRooms(): ReactNode {
  const [opening, { open, close }] = useDisclosure(false);
  const rooms = useInfiniteQuery({
    queryKey: queryKeys.rooms,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      api.call(
        listRooms,
        { query: { limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) } },
        { signal },
      ),
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    staleTime: 0,
  });
  const items = rooms.data?.pages.flatMap((page) => page.items) ?? [];
  const past = items.filter(({ endedAt }) => endedAt !== null);
  const openNow = items.filter(({ endedAt }) => endedAt === null);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = rooms;
  return (
    <>
      {openNow.map((room) => (
        <OpenNow key={room.code} room={room} />
      ))}
      <Card component="section" aria-label="Open a room">
        <Group justify="space-between">
          <Text style={{ flex: '1 1 240px' }}>
            Guests come in by a code, propose tracks and vote on them. The music plays on your device.
          </Text>
          <Button
            size="md"
            variant={openNow.some(({ isHost }) => isHost) ? 'default' : 'filled'}
            aria-haspopup="dialog"
            leftSection={<IconDisc size={20} aria-hidden />}
            onClick={open}
          >
            Open a room
          </Button>
        </Group>
      </Card>
      {rooms.error ? <Failure error={rooms.error} retry={() => void rooms.refetch()} /> : null}
      {rooms.isPending ? <Loader mx="auto" aria-label="Loading" /> : null}
      {past.length > 0 ? (
        <Card component="section" aria-label="Past parties">
          <Title order={2} size="h4" mb="xs">
            Past parties
          </Title>
          <Stack component="ul" gap={0} p={0} m={0} style={{ listStyle: 'none' }}>
            {past.map((room) => (
              <Past key={room.code} room={room} />
            ))}
          </Stack>
        </Card>
      ) : null}
      {isFetchingNextPage ? <Loader mx="auto" size="sm" aria-label="Loading more" /> : null}
      {hasNextPage && !isFetchingNextPage ? <EndOfList reach={() => void fetchNextPage()} /> : null}
      <OpenDialog opened={opening} onClose={close} />
    </>
  );
}

/** My party rooms, and the way into others; visitors find the way in alone. */
export function Parties(): ReactNode {
  const session = useSessionOfAnybody();
  const navigate = useNavigate();
  return (
    <Stack gap="lg">
      <div>
        <Title order={1} size="h2">
          Party
        </Title>
        <Text c="dimmed">One room, one queue, everybody’s votes.</Text>
      </div>
      {session ? <MyRooms /> : null}
      <Card component="section" aria-label="Join a party">
        <Title order={2} size="h4" mb="xs">
          Join a party
        </Title>
        <CodeEntry
          action="Go in"
          onCode={(code) => void navigate({ to: '/party/$code', params: { code } })}
        />
      </Card>
    </Stack>
  );
}
