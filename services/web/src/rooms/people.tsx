import { ActionIcon, Badge, Button, Group, Loader, Menu, Stack, Text } from '@mantine/core';
import {
  handOverRoom,
  listParticipants,
  type RoomParticipantView,
  removeParticipant,
} from '@spindle/contracts';
import { IconBan, IconCrown, IconDoorExit, IconDotsVertical } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api, queryKeys } from '../api.ts';
import { Failure } from '../components/failure.tsx';
import classes from './room.module.css';
import { useRoom } from './use-room.ts';

type Deed = 'kick' | 'ban' | 'hand-over';

const DEEDS: Readonly<
  Record<
    Deed,
    { readonly name: string; readonly ask: (who: string) => string; readonly icon: typeof IconBan }
  >
> = {
  kick: {
    name: 'Send out',
    ask: (who) => `Send ${who} out? They can come in again.`,
    icon: IconDoorExit,
  },
  ban: {
    name: 'Send out for good',
    ask: (who) => `Send ${who} out for good? They cannot come back, and what they proposed goes with them.`,
    icon: IconBan,
  },
  'hand-over': {
    name: 'Make them the host',
    ask: (who) => `Make ${who} the host? The music then plays on their device, and you become a guest.`,
    icon: IconCrown,
  },
};

/** Asked once more, in place: what is done to somebody is not done by a slip of the thumb. */
function Asked(props: {
  readonly person: RoomParticipantView;
  readonly deed: Deed;
  readonly onDone: () => void;
}): ReactNode {
  const { person, deed, onDone } = props;
  const { code, channel } = useRoom();
  const queries = useQueryClient();
  const { name, ask } = DEEDS[deed];
  const act = useMutation({
    mutationFn: async () => {
      if (deed === 'hand-over') {
        channel.takeState(
          await api.call(handOverRoom, { params: { code }, body: { participantId: person.id } }),
        );
      } else {
        const query = deed === 'ban' ? { ban: 'true' as const } : {};
        await api.call(removeParticipant, { params: { code, id: person.id }, query });
      }
    },
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: queryKeys.roomPeople(code) });
      onDone();
    },
  });
  return (
    <Stack gap="xs" pb="sm" role="alertdialog" aria-label={name}>
      <Text size="sm">{ask(person.displayName)}</Text>
      {act.error ? <Failure error={act.error} /> : null}
      <Group>
        <Button h={44} variant="default" onClick={onDone}>
          Leave it
        </Button>
        <Button
          h={44}
          color={deed === 'hand-over' ? undefined : 'red.9'}
          loading={act.isPending}
          onClick={() => act.mutate()}
        >
          {name}
        </Button>
      </Group>
    </Stack>
  );
}

function Person({ person }: { readonly person: RoomParticipantView }): ReactNode {
  const { me } = useRoom();
  const [deed, setDeed] = useState<Deed | null>(null);
  const isMe = person.id === me.participantId;
  const deeds: readonly Deed[] = person.isListener ? ['hand-over', 'kick', 'ban'] : ['kick', 'ban'];
  return (
    <li data-testid="person">
      <Group wrap="nowrap" justify="space-between" mih={48}>
        <Group gap={8} wrap="nowrap" style={{ minWidth: 0 }}>
          <span
            aria-hidden
            style={{
              width: 10,
              height: 10,
              flex: 'none',
              borderRadius: '50%',
              background: person.present ? 'var(--mantine-color-green-6)' : 'var(--mantine-color-dimmed)',
              opacity: person.present ? 1 : 0.5,
            }}
          />
          <Text truncate title={person.displayName}>
            <bdi>{person.displayName}</bdi>
          </Text>
          {person.isHost ? (
            <Badge variant="light" tt="none" style={{ flex: 'none' }}>
              host
            </Badge>
          ) : null}
          <Text size="sm" c="dimmed" style={{ flex: 'none' }}>
            {isMe ? 'you' : person.present ? '' : 'away'}
          </Text>
        </Group>
        {me.isHost && !isMe ? (
          <Menu position="bottom-end" shadow="md" width={220}>
            <Menu.Target>
              <ActionIcon
                size={44}
                variant="subtle"
                color="gray"
                aria-label={`More for ${person.displayName}`}
              >
                <IconDotsVertical size={20} aria-hidden />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              {deeds.map((one) => {
                const Icon = DEEDS[one].icon;
                return (
                  <Menu.Item
                    key={one}
                    py="sm"
                    leftSection={<Icon size={18} aria-hidden />}
                    onClick={() => setDeed(one)}
                  >
                    {DEEDS[one].name}
                  </Menu.Item>
                );
              })}
            </Menu.Dropdown>
          </Menu>
        ) : null}
      </Group>
      {deed ? <Asked person={person} deed={deed} onDone={() => setDeed(null)} /> : null}
    </li>
  );
}

/** Who is in the room; the host can send out and hand over. */
export function People(): ReactNode {
  const { code, me } = useRoom();
  const people = useQuery({
    queryKey: queryKeys.roomPeople(code),
    queryFn: ({ signal }) => api.call(listParticipants, { params: { code } }, { signal }),
    staleTime: 0,
  });
  const rank = (one: RoomParticipantView) =>
    one.id === me.participantId ? 0 : one.isHost ? 1 : one.present ? 2 : 3;
  const items = [...(people.data?.items ?? [])].sort(
    (a, b) => rank(a) - rank(b) || a.displayName.localeCompare(b.displayName),
  );
  return (
    <>
      {people.isPending ? <Loader mx="auto" my="md" aria-label="Loading" /> : null}
      {people.error ? <Failure error={people.error} retry={() => void people.refetch()} /> : null}
      <ul className={classes.list} aria-label="Who is here">
        {items.map((person) => (
          <Person key={person.id} person={person} />
        ))}
      </ul>
    </>
  );
}
