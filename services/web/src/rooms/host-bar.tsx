import { Alert, Button, Card, Group, Loader, Slider, Stack, Text, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  listRoomDevices,
  pauseRoom,
  playInRoom,
  type RoomPlaybackState,
  resumeRoom,
  setRoomDevice,
  setRoomVolume,
  skipInRoom,
} from '@spindle/contracts';
import {
  IconAlertTriangle,
  IconCheck,
  IconDevices,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerTrackNext,
  IconVolume,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useId, useState } from 'react';
import { api } from '../api.ts';
import { Failure } from '../components/failure.tsx';
import classes from './room.module.css';
import { TROUBLE } from './room-words.ts';
import { Sheet } from './sheet.tsx';
import { useCommand } from './use-command.ts';
import { useRoom } from './use-room.ts';

const DEVICES_WAIT_SECONDS = 10;
/** Where the slider stands before anything was told: Spotify does not say how loud it is. */
const VOLUME_AT_FIRST = 50;

const waitsForDevice = (state: RoomPlaybackState): boolean =>
  state === 'no-device' || state === 'restricted-device';

function Devices({ onChosen }: { readonly onChosen: () => void }): ReactNode {
  const { code, data } = useRoom();
  const command = useCommand();
  const devices = useQuery({
    queryKey: ['listRoomDevices', code],
    queryFn: async () => {
      const { result } = await api.enqueue(
        listRoomDevices,
        { params: { code } },
        { wait: DEVICES_WAIT_SECONDS },
      );
      return result;
    },
    // Devices come and go: what was read before is old.
    staleTime: 0,
    gcTime: 0,
  });
  const items = devices.data?.items ?? [];
  return (
    <Stack gap="sm">
      {devices.isPending ? <Loader mx="auto" my="md" aria-label="Asking Spotify" /> : null}
      {devices.error ? <Failure error={devices.error} retry={() => void devices.refetch()} /> : null}
      <ul className={classes.list} aria-label="Devices">
        {items.map((device) => {
          const isChosen = data.playback.device ? data.playback.device.id === device.id : device.active;
          return (
            <li key={device.id}>
              <UnstyledButton
                w="100%"
                py="sm"
                mih={48}
                disabled={device.restricted}
                aria-current={isChosen || undefined}
                onClick={() => {
                  command.mutate(async (options) => {
                    const body = { deviceId: device.id };
                    const chosen = await api.enqueue(setRoomDevice, { params: { code }, body }, options);
                    // The music was to play, and only the device was missing.
                    return waitsForDevice(data.playback.state)
                      ? api.enqueue(playInRoom, { params: { code }, body: {} }, options)
                      : chosen;
                  });
                  onChosen();
                }}
              >
                <Group wrap="nowrap" justify="space-between">
                  <div style={{ minWidth: 0 }}>
                    <Text fw={600} truncate>
                      <bdi>{device.name}</bdi>
                    </Text>
                    <Text size="sm" c="dimmed">
                      {device.restricted
                        ? 'Spotify does not let other apps control it'
                        : [device.type, device.active ? 'in use' : null].filter(Boolean).join(' · ')}
                    </Text>
                  </div>
                  {isChosen ? <IconCheck size={20} aria-hidden /> : null}
                </Group>
              </UnstyledButton>
            </li>
          );
        })}
      </ul>
      {!devices.isPending && !devices.error && items.length === 0 ? (
        <Text>
          Spotify knows no device that is on. Open Spotify on the phone, computer or speaker that is to play,
          then look again.
        </Text>
      ) : null}
      <Button variant="default" h={44} loading={devices.isFetching} onClick={() => void devices.refetch()}>
        Look again
      </Button>
    </Stack>
  );
}

/** What stands between the room and its music, and what the host can do about it. */
function Trouble({ onDevices }: { readonly onDevices: () => void }): ReactNode {
  const { code, data } = useRoom();
  const { state, message } = data.playback;
  const trouble = TROUBLE[state];
  if (!trouble) return null;
  return (
    <Alert
      color="orange"
      icon={<IconAlertTriangle />}
      title={trouble.title}
      role="alert"
      data-testid="trouble"
    >
      <Stack gap="sm" align="flex-start">
        <Text size="sm">{message ?? trouble.todo}</Text>
        {waitsForDevice(state) ? (
          <Button h={44} leftSection={<IconDevices size={18} aria-hidden />} onClick={onDevices}>
            Choose a device
          </Button>
        ) : null}
        {state === 'reauth-needed' ? (
          <Button h={44} component="a" href={`/auth/login?returnTo=${encodeURIComponent(`/party/${code}`)}`}>
            Sign in again
          </Button>
        ) : null}
      </Stack>
    </Alert>
  );
}

/** The host's hand on the music. */
export function HostBar(): ReactNode {
  const { code, data } = useRoom();
  const { state, device, roomTrackId } = data.playback;
  const command = useCommand();
  const volumeLabel = useId();
  const [volume, setVolume] = useState(VOLUME_AT_FIRST);
  const [choosing, { open, close }] = useDisclosure(false);
  const params = { code };
  const isPaused = state === 'paused';
  const isPlaying = state === 'playing';
  const busy = command.isPending;
  return (
    <>
      <Trouble onDevices={open} />
      <Card component="section" aria-label="Host" padding="sm">
        <Stack gap="sm">
          <Group gap="xs" grow preventGrowOverflow={false}>
            {isPlaying ? (
              <Button
                h={48}
                loading={busy}
                leftSection={<IconPlayerPause size={20} aria-hidden />}
                onClick={() => command.mutate((options) => api.enqueue(pauseRoom, { params }, options))}
              >
                Pause
              </Button>
            ) : (
              <Button
                h={48}
                loading={busy}
                leftSection={<IconPlayerPlay size={20} aria-hidden />}
                onClick={() =>
                  command.mutate((options) =>
                    isPaused
                      ? api.enqueue(resumeRoom, { params }, options)
                      : api.enqueue(playInRoom, { params, body: {} }, options),
                  )
                }
              >
                {isPaused ? 'Go on' : state === 'host-plays' ? 'Play the room' : 'Start the music'}
              </Button>
            )}
            <Button
              h={48}
              variant="default"
              disabled={roomTrackId === null || busy}
              leftSection={<IconPlayerTrackNext size={20} aria-hidden />}
              onClick={() => command.mutate((options) => api.enqueue(skipInRoom, { params }, options))}
            >
              Skip
            </Button>
          </Group>
          <Group gap="sm" wrap="nowrap">
            <IconVolume size={20} aria-hidden style={{ flex: 'none' }} />
            <Text size="sm" id={volumeLabel}>
              Volume
            </Text>
            <Slider
              style={{ flex: 1 }}
              size="lg"
              thumbSize={26}
              label={(value) => `${value} %`}
              value={volume}
              thumbProps={{ 'aria-labelledby': volumeLabel }}
              onChange={setVolume}
              onChangeEnd={(percent) =>
                command.mutate((options) =>
                  api.enqueue(setRoomVolume, { params, body: { percent } }, options),
                )
              }
            />
          </Group>
          <Button
            variant="subtle"
            h={44}
            justify="flex-start"
            aria-haspopup="dialog"
            leftSection={<IconDevices size={20} aria-hidden />}
            onClick={open}
          >
            <Text span truncate inherit>
              {device ? `Plays on ${device.name}` : 'Choose a device'}
            </Text>
          </Button>
        </Stack>
      </Card>
      <Sheet opened={choosing} onClose={close} title="Play on">
        {choosing ? <Devices onChosen={close} /> : null}
      </Sheet>
    </>
  );
}
