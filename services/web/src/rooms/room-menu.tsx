import { ActionIcon, Button, Group, Menu, Modal, Stack, Text, useMantineColorScheme } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { changeRoom, closeRoom, leaveRoom, type RoomSettings } from '@spindle/contracts';
import {
  IconDeviceTv,
  IconDoorExit,
  IconDotsVertical,
  IconPlayerStop,
  IconSettings,
  IconSunMoon,
} from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api } from '../api.ts';
import { Failure } from '../components/failure.tsx';
import { reportFailure } from '../components/report.ts';
import { SettingsForm } from './settings-form.tsx';
import { Sheet } from './sheet.tsx';
import { useRoom } from './use-room.ts';

function Settings({ onDone }: { readonly onDone: () => void }): ReactNode {
  const { code, data, channel } = useRoom();
  const change = useMutation({
    mutationFn: (body: RoomSettings) => api.call(changeRoom, { params: { code }, body }),
    onSuccess: (state) => {
      channel.takeState(state);
      onDone();
    },
  });
  return (
    <SettingsForm
      settings={data.room.settings}
      action="Save"
      pending={change.isPending}
      error={change.error}
      onSubmit={(settings) => change.mutate(settings)}
    />
  );
}

function EndDialog(props: { readonly opened: boolean; readonly onClose: () => void }): ReactNode {
  const { code, data, channel } = useRoom();
  const end = useMutation({
    mutationFn: () => api.call(closeRoom, { params: { code } }),
    onSuccess: async () => channel.takeState(await channel.load()),
  });
  return (
    <Modal
      {...props}
      title={`End ${data.room.settings.name}?`}
      closeButtonProps={{ 'aria-label': 'Close' }}
      centered
    >
      <Stack>
        <Text size="sm">
          Nobody can come in or propose any more. What was played stays to be seen, and can be kept as a
          playlist.
        </Text>
        {end.error ? <Failure error={end.error} /> : null}
        <Group justify="flex-end">
          <Button variant="default" h={44} onClick={props.onClose}>
            Go on
          </Button>
          <Button color="red.9" h={44} loading={end.isPending} onClick={() => end.mutate()}>
            End the party
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** What is seldom done: settings, leaving, the end. */
export function RoomMenu(): ReactNode {
  const { code, me, channel } = useRoom();
  const { toggleColorScheme } = useMantineColorScheme();
  const [setting, settings] = useDisclosure(false);
  const [ending, end] = useDisclosure(false);
  const leave = useMutation({
    mutationFn: () => api.call(leaveRoom, { params: { code } }),
    onSuccess: () => channel.leave(),
    onError: reportFailure,
  });
  return (
    <>
      <Menu position="bottom-end" shadow="md" width={230}>
        <Menu.Target>
          <ActionIcon size={44} variant="subtle" color="gray" aria-label="More" loading={leave.isPending}>
            <IconDotsVertical size={22} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {me.isHost ? (
            <Menu.Item py="sm" leftSection={<IconSettings size={18} aria-hidden />} onClick={settings.open}>
              Settings
            </Menu.Item>
          ) : null}
          <Menu.Item
            py="sm"
            component="a"
            href={`/tv/${code}`}
            target="_blank"
            leftSection={<IconDeviceTv size={18} aria-hidden />}
          >
            Show on a TV
          </Menu.Item>
          <Menu.Item py="sm" leftSection={<IconSunMoon size={18} aria-hidden />} onClick={toggleColorScheme}>
            Light or dark
          </Menu.Item>
          {me.isHost ? (
            <Menu.Item py="sm" leftSection={<IconPlayerStop size={18} aria-hidden />} onClick={end.open}>
              End the party …
            </Menu.Item>
          ) : (
            <Menu.Item
              py="sm"
              leftSection={<IconDoorExit size={18} aria-hidden />}
              onClick={() => leave.mutate()}
            >
              Leave
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <Sheet opened={setting} onClose={settings.close} title="Settings" isTall>
        {setting ? <Settings onDone={settings.close} /> : null}
      </Sheet>
      <EndDialog opened={ending} onClose={end.close} />
    </>
  );
}
