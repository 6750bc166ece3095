import { Alert, Button, Divider, Group, Image, Stack, Text, TextInput, Title } from '@mantine/core';
import {
  ApiError,
  type getRoom,
  getUser,
  joinRoom,
  type RoomState,
  type RouteResponse,
} from '@spindle/contracts';
import { IconAlertTriangle, IconBrandSpotify, IconDoorExit } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api, describeError, fieldErrors, queryKeys } from '../api.ts';
import { peopleWord } from './room-words.ts';

type RoomAtDoor = RouteResponse<typeof getRoom>;

/** Problems at the door, by the last part of their type. */
const PROBLEMS: Readonly<Record<string, { readonly title: string; readonly text: string }>> = {
  banned: { title: 'You cannot come in', text: 'The host has sent you out of this room for good.' },
  'room-ended': { title: 'The party is over', text: 'The host has ended this room.' },
  'no-such-room': {
    title: 'There is no such room',
    text: 'Look at the code again: it has six letters and digits.',
  },
  'too-many-requests': {
    title: 'Too many tries',
    text: 'Wait a minute, then try again.',
  },
};

/** What stands in the way, in words for a guest. */
export function DoorProblem({
  error,
  retry,
}: {
  readonly error: unknown;
  readonly retry?: () => void;
}): ReactNode {
  const kind = error instanceof ApiError ? (error.problem.type.split('/').at(-1) ?? '') : '';
  const described = describeError(error);
  const { title, text } = PROBLEMS[kind] ?? { title: described.title, text: described.detail };
  return (
    <Alert color="orange" icon={<IconAlertTriangle />} title={title} role="alert">
      <Text size="sm">{text}</Text>
      {retry ? (
        <Button mt="sm" size="md" variant="default" onClick={retry}>
          Try again
        </Button>
      ) : null}
    </Alert>
  );
}

/** What a name is refused for stands at the field. */
function nameError(error: unknown): string | null {
  const field = fieldErrors(error).nickname;
  if (field) return `This name ${field}.`.replace(/\.\.$/, '.');
  if (error instanceof ApiError && error.problem.status === 409)
    return error.problem.detail ?? 'Somebody here has this name already. Choose another.';
  return null;
}

/** The way into a room: a name and one tap. */
export function Door(props: {
  readonly door: RoomAtDoor;
  /** They were in it a moment ago. */
  readonly wasSentOut: boolean;
  readonly onJoined: (state: RoomState) => void;
  /** Where to come back to after signing in. */
  readonly path: string;
}): ReactNode {
  const { door } = props;
  const [nickname, setNickname] = useState('');
  const user = useQuery({
    queryKey: queryKeys.user,
    queryFn: ({ signal }) => api.call(getUser, {}, { signal }),
    retry: false,
  });
  const join = useMutation({
    mutationFn: (name: string | undefined) =>
      api.call(joinRoom, {
        params: { code: door.code },
        body: name === undefined ? {} : { nickname: name },
      }),
    onSuccess: ({ token: _, ...state }) => props.onJoined(state),
  });
  const atField = nameError(join.error);
  const signedIn = user.data;
  const isFull = !door.anonymous && !signedIn;
  return (
    <Stack gap="lg" maw={420} mx="auto" w="100%" py="xl" px="md">
      <Group gap="xs" justify="center">
        <Image src="/spindle.svg" w={28} h={28} alt="" />
        <Text fw={700}>Spindle</Text>
      </Group>
      <div>
        <Title order={1} ta="center" size="h2" style={{ overflowWrap: 'anywhere' }}>
          <bdi>{door.name}</bdi>
        </Title>
        <Text c="dimmed" ta="center">
          A party of <bdi>{door.host.displayName}</bdi>
          {door.guests > 0 ? ` · ${peopleWord(door.guests)} in it` : ''}
        </Text>
      </div>
      {props.wasSentOut ? (
        <Alert color="orange" icon={<IconDoorExit />} role="status">
          You are out of this room.
        </Alert>
      ) : null}
      {join.error && !atField ? <DoorProblem error={join.error} /> : null}
      {signedIn ? (
        <Button
          size="lg"
          h={56}
          loading={join.isPending && join.variables === undefined}
          onClick={() => join.mutate(undefined)}
        >
          Join as {signedIn.displayName}
        </Button>
      ) : null}
      {signedIn && door.anonymous ? <Divider label="or by another name" /> : null}
      {isFull ? <Text ta="center">The host lets in who is signed in with Spotify.</Text> : null}
      {door.anonymous ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (nickname.trim()) join.mutate(nickname.trim());
          }}
        >
          <Stack gap="sm">
            <TextInput
              label="Your name"
              placeholder="As everybody will see it"
              size="lg"
              autoComplete="nickname"
              maxLength={60}
              value={nickname}
              error={atField}
              onChange={(event) => {
                setNickname(event.currentTarget.value);
                if (join.error) join.reset();
              }}
            />
            <Button
              type="submit"
              size="lg"
              h={56}
              variant={signedIn ? 'default' : 'filled'}
              disabled={nickname.trim() === ''}
              loading={join.isPending && join.variables !== undefined}
            >
              Join
            </Button>
          </Stack>
        </form>
      ) : null}
      {signedIn || user.isPending ? null : (
        <>
          {door.anonymous ? <Divider label="or" /> : null}
          <Button
            component="a"
            size="lg"
            h={56}
            variant={door.anonymous ? 'default' : 'filled'}
            leftSection={<IconBrandSpotify size={20} aria-hidden />}
            href={`/auth/login?returnTo=${encodeURIComponent(props.path)}`}
          >
            Join with Spotify
          </Button>
          <Text size="sm" c="dimmed" ta="center">
            Then your own music can be drawn from, and you can keep what was played as a playlist.
          </Text>
        </>
      )}
    </Stack>
  );
}
