import { ActionIcon, Affix, Button, Card, Group, Menu, Modal, Stack, Text } from '@mantine/core';
import { changePlays, createExclusion, type ExclusionInput, type PlayView } from '@spindle/contracts';
import { IconDevicesOff, IconDots, IconEye, IconEyeOff, IconPlaylistX, IconTrash } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { api } from '../api.ts';
import { plays } from '../statistics/figure-words.ts';
import { useCorrection } from './use-correction.ts';

type Action = 'hide' | 'show' | 'delete';

function useChange(done?: () => void) {
  return useCorrection(
    ({ action, ids }: { readonly action: Action; readonly ids: readonly string[] }) =>
      api.call(changePlays, { body: { action, ids: [...ids] } }),
    done,
  );
}

/** Asks once more: what is deleted does not come back, not even by an import. */
function ConfirmDelete(props: {
  readonly ids: readonly string[];
  readonly what: string;
  readonly onClose: () => void;
  readonly onDone?: () => void;
}): ReactNode {
  const change = useChange(() => {
    props.onDone?.();
    props.onClose();
  });
  return (
    <Modal opened onClose={props.onClose} title="Remove from your history?" centered>
      <Stack>
        <Text size="sm">
          {props.what} will be deleted, and no later reading or import brings it back. To keep it and only not
          count it, hide it instead.
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={props.onClose}>
            Keep
          </Button>
          <Button
            color="red"
            loading={change.isPending}
            onClick={() => change.mutate({ action: 'delete', ids: props.ids })}
          >
            Remove
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** What can be done with one play. */
export function PlayMenu({ play }: { readonly play: PlayView }): ReactNode {
  const [deleting, setDeleting] = useState(false);
  const change = useChange();
  const exclude = useCorrection((body: ExclusionInput) => api.call(createExclusion, { body }));
  const hidden = play.uncounted === 'hidden';
  const { context, device } = play;
  return (
    <>
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${play.track.name}`}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={hidden ? <IconEye size={14} /> : <IconEyeOff size={14} />}
            onClick={() => change.mutate({ action: hidden ? 'show' : 'hide', ids: [play.id] })}
          >
            {hidden ? 'Count it again' : 'Hide: do not count it'}
          </Menu.Item>
          {context ? (
            <Menu.Item
              leftSection={<IconPlaylistX size={14} />}
              onClick={() => exclude.mutate({ kind: 'context', context: context.uri })}
            >
              Leave out this {context.type === 'collection' ? 'collection' : context.type}
            </Menu.Item>
          ) : null}
          {device ? (
            <Menu.Item
              leftSection={<IconDevicesOff size={14} />}
              onClick={() => exclude.mutate({ kind: 'device', device })}
            >
              Leave out “{device}”
            </Menu.Item>
          ) : null}
          <Menu.Divider />
          <Menu.Item color="red" leftSection={<IconTrash size={14} />} onClick={() => setDeleting(true)}>
            Remove …
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {deleting ? (
        <ConfirmDelete ids={[play.id]} what={`“${play.track.name}”`} onClose={() => setDeleting(false)} />
      ) : null}
    </>
  );
}

/** What can be done with all chosen plays, at the foot of the page. */
export function ChosenPlays(props: {
  readonly ids: readonly string[];
  readonly onDone: () => void;
}): ReactNode {
  const { ids, onDone } = props;
  const [deleting, setDeleting] = useState(false);
  const change = useChange(onDone);
  if (ids.length === 0) return null;
  return (
    <>
      <Affix position={{ bottom: 76, left: 0, right: 0 }} style={{ pointerEvents: 'none' }}>
        <Card shadow="md" padding="xs" mx="auto" w="fit-content" style={{ pointerEvents: 'auto' }}>
          <Group gap="xs" role="toolbar" aria-label="Chosen plays">
            <Text size="sm" fw={600} px={6} aria-live="polite">
              {plays(ids.length)}
            </Text>
            <Button size="xs" variant="default" onClick={() => change.mutate({ action: 'hide', ids })}>
              Hide
            </Button>
            <Button size="xs" variant="default" onClick={() => change.mutate({ action: 'show', ids })}>
              Count
            </Button>
            <Button size="xs" color="red" variant="light" onClick={() => setDeleting(true)}>
              Remove
            </Button>
            <Button size="xs" variant="subtle" onClick={onDone}>
              Cancel
            </Button>
          </Group>
        </Card>
      </Affix>
      {deleting ? (
        <ConfirmDelete
          ids={ids}
          what={plays(ids.length)}
          onClose={() => setDeleting(false)}
          onDone={onDone}
        />
      ) : null}
    </>
  );
}
