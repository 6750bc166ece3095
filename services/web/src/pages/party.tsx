import { ActionIcon, Button, Center, Container, Loader, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { roomCodeSchema } from '@spindle/contracts';
import { IconPlus, IconQrcode, IconUsers } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Navigate, useNavigate, useParams } from '@tanstack/react-router';
import { type ReactNode, useEffect } from 'react';
import { queryKeys } from '../api.ts';
import { useColorsOf } from '../color-scheme.ts';
import { Attribution } from '../components/attribution.tsx';
import { CodeEntry } from '../rooms/code-entry.tsx';
import { Door, DoorProblem } from '../rooms/door.tsx';
import { Ended } from '../rooms/ended.tsx';
import { HostBar } from '../rooms/host-bar.tsx';
import { Invite } from '../rooms/invite.tsx';
import { NowPlaying } from '../rooms/now-playing.tsx';
import { People } from '../rooms/people.tsx';
import { Propose } from '../rooms/propose.tsx';
import { Queue } from '../rooms/queue.tsx';
import classes from '../rooms/room.module.css';
import { doorQuery } from '../rooms/room-channel.ts';
import { RoomMenu } from '../rooms/room-menu.tsx';
import { peopleWord } from '../rooms/room-words.ts';
import { Sheet } from '../rooms/sheet.tsx';
import { RoomProvider, useRoom, useRoomChannel } from '../rooms/use-room.ts';

const LINK_WORDS = {
  asking: 'A slow connection: what you see may be a few seconds old.',
  away: 'No connection. Your votes go out when it is back.',
};

/** What everybody in the room sees and does. */
function Room(): ReactNode {
  const { data, me, link } = useRoom();
  const { settings, guests } = data.room;
  const [inviting, invite] = useDisclosure(false);
  const [meeting, people] = useDisclosure(false);
  const [proposing, propose] = useDisclosure(false);
  return (
    <div className={classes.page}>
      {link === 'live' ? null : (
        <div className={classes.banner} role="status">
          {LINK_WORDS[link]}
        </div>
      )}
      <header className={classes.head}>
        <div style={{ flex: 1, minWidth: 0 }}>
          <Title order={1} className={classes.name} title={settings.name}>
            <bdi>{settings.name}</bdi>
          </Title>
          <Text size="xs" c="dimmed" truncate>
            {me.isHost ? 'You are the host' : <bdi>{me.displayName}</bdi>}
          </Text>
        </div>
        <Button
          variant="subtle"
          color="gray"
          h={44}
          px="xs"
          leftSection={<IconUsers size={20} aria-hidden />}
          aria-haspopup="dialog"
          aria-label={`${peopleWord(guests.joined)}, who is here`}
          onClick={people.open}
        >
          {guests.joined}
        </Button>
        <ActionIcon
          size={44}
          variant="subtle"
          color="gray"
          aria-haspopup="dialog"
          aria-label="Invite"
          onClick={invite.open}
        >
          <IconQrcode size={22} aria-hidden />
        </ActionIcon>
        <RoomMenu />
      </header>
      <main className={classes.columns}>
        <div className={classes.side}>
          <NowPlaying />
          {me.isHost ? <HostBar /> : null}
        </div>
        <Stack gap="md">
          <Queue />
          <Attribution />
        </Stack>
      </main>
      <footer className={classes.dock}>
        <Button
          mih={48}
          size="md"
          aria-haspopup="dialog"
          leftSection={<IconPlus size={20} aria-hidden />}
          onClick={propose.open}
        >
          Propose a track
        </Button>
      </footer>
      <Sheet opened={proposing} onClose={propose.close} title="Propose a track" isTall>
        {proposing ? <Propose /> : null}
      </Sheet>
      <Sheet opened={inviting} onClose={invite.close} title="Invite">
        <Invite />
      </Sheet>
      <Sheet opened={meeting} onClose={people.close} title={peopleWord(guests.joined)}>
        {meeting ? <People /> : null}
      </Sheet>
    </div>
  );
}

function PartyOf({ code }: { readonly code: string }): ReactNode {
  const queries = useQueryClient();
  const door = useQuery(doorQuery(code));
  const hasJoined = door.data?.joinedAs != null;
  const { room, channel, error, retry } = useRoomChannel(code, hasJoined);
  const name = room?.data.room.settings.name ?? door.data?.name;
  useEffect(() => {
    document.title = name ? `${name} · Spindle` : 'Spindle';
    return () => {
      document.title = 'Spindle';
    };
  }, [name]);
  const isOut = room?.data.isOut === true;
  if (room && room.data.room.endedAt !== null) return <Ended room={room} />;
  if (room && hasJoined && !isOut) {
    return (
      <RoomProvider value={room}>
        <Room />
      </RoomProvider>
    );
  }
  if (door.error || error) {
    return (
      <Container size="xs" py="xl" component="main">
        <Stack>
          <Title order={1} size="h2">
            Party
          </Title>
          <DoorProblem
            error={door.error ?? error}
            retry={() => {
              void door.refetch();
              if (hasJoined) retry();
            }}
          />
          <OtherCode />
        </Stack>
      </Container>
    );
  }
  if (!door.data || (hasJoined && !isOut)) {
    return (
      <Center mih="60dvh" component="main">
        <Loader aria-label="Loading" />
      </Center>
    );
  }
  if (door.data.endedAt !== null) {
    return (
      <Container size="xs" py="xl" component="main">
        <Title order={1} size="h2" style={{ overflowWrap: 'anywhere' }}>
          <bdi>{door.data.name}</bdi>
        </Title>
        <Text c="dimmed">This party is over.</Text>
      </Container>
    );
  }
  return (
    <main>
      <Door
        door={door.data}
        wasSentOut={isOut && !channel.hasLeft}
        path={`/party/${code}`}
        onJoined={(state) => {
          channel.takeState(state);
          queries.setQueryData(queryKeys.roomDoor(code), {
            ...door.data,
            joinedAs: state.room.me?.displayName ?? '',
          });
        }}
      />
    </main>
  );
}

function OtherCode(): ReactNode {
  const navigate = useNavigate();
  return (
    <CodeEntry
      action="Go to the room"
      onCode={(code) => void navigate({ to: '/party/$code', params: { code } })}
    />
  );
}

/** A party room, for its host and its guests. */
export function Party(): ReactNode {
  useColorsOf('party');
  const params = useParams({ from: '/party/$code' });
  const code = roomCodeSchema.safeParse(params.code).data;
  if (code && code !== params.code) return <Navigate to="/party/$code" params={{ code }} replace />;
  if (code) return <PartyOf key={code} code={code} />;
  return (
    <Container size="xs" py="xl" component="main">
      <Stack>
        <Title order={1} size="h2">
          Party
        </Title>
        <Text>This is no code of a room: it has six letters and digits.</Text>
        <OtherCode />
      </Stack>
    </Container>
  );
}
