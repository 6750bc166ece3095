import { Modal, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { createSchedule, type PlaylistRequest } from '@spindle/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api, queryKeys } from '../api.ts';
import { useSession } from '../session.tsx';
import { momentWords } from './cron-words.ts';
import { ScheduleForm } from './schedule-form.tsx';

const EARLY = '0 6 * * *';

/** Lets a request recur; null: closed. */
export function ScheduleDialog(props: {
  readonly request: PlaylistRequest | null;
  readonly onClose: () => void;
}): ReactNode {
  const { request, onClose } = props;
  const { user } = useSession();
  const queries = useQueryClient();
  const create = useMutation({
    mutationFn: (pattern: string) => {
      if (!request) throw new Error('nothing to repeat');
      // Recurring, it needs a playlist to come back to; unless one is named, the first run makes it.
      const target = request.target === 'new' ? 'refresh' : request.target;
      const again: PlaylistRequest =
        request.kind === 'shuffle' ? { ...request, target, seed: undefined } : { ...request, target };
      return api.call(createSchedule, { body: { request: again, pattern } });
    },
    onSuccess: (schedule) => {
      void queries.invalidateQueries({ queryKey: queryKeys.schedules });
      notifications.show({
        title: 'It recurs from now on',
        message: schedule.nextAt
          ? `Next: ${momentWords(new Date(schedule.nextAt), user.timeZone)}.`
          : 'You find it under Schedules.',
      });
      onClose();
    },
  });
  return (
    <Modal
      opened={request !== null}
      onClose={onClose}
      title={request?.kind === 'share-liked' ? 'Keep it up to date' : 'Repeat this'}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {request?.kind === 'share-liked'
            ? 'Each time, the same playlist gets your Liked Songs as they are then.'
            : 'Each time, the same playlist gets a new order of what the source holds then.'}
        </Text>
        <ScheduleForm
          pattern={EARLY}
          action={request?.kind === 'share-liked' ? 'Keep it up to date' : 'Repeat it'}
          pending={create.isPending}
          error={create.error}
          onSubmit={(pattern) => create.mutate(pattern)}
        />
      </Stack>
    </Modal>
  );
}
