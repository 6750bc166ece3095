import { Button, Card, Group, Modal, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  deletePlaylists,
  type RouteResponse,
  type recentShuffles,
  restorePlaylists,
} from '@spindle/contracts';
import { IconArrowBackUp, IconTrash } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api } from '../api.ts';
import { Failure } from '../components/failure.tsx';
import { JobBar, JobFailure } from '../jobs/job-bar.tsx';
import { isEnded } from '../jobs/job-effects.ts';
import { useJob } from '../jobs/use-job.ts';
import { useSession } from '../session.tsx';
import { clockTime, count } from '../time-words.ts';

type Recent = RouteResponse<typeof recentShuffles>;
const playlists = (number: number): string => `${count(number)} ${number === 1 ? 'playlist' : 'playlists'}`;

/** Every playlist that was made here: to be taken away at once, and to be put back. */
export function MadeHere({ made, restorable }: Pick<Recent, 'made' | 'restorable'>): ReactNode {
  const { user } = useSession();
  const [asking, { open, close }] = useDisclosure(false);
  const [begun, setBegun] = useState<{ readonly id: string; readonly what: string } | null>(null);
  const remove = useMutation({
    mutationFn: () => api.enqueue(deletePlaylists, {}),
    onSuccess: ({ job }) => {
      close();
      if (job) setBegun({ id: job.id, what: 'Deleting' });
    },
  });
  const restore = useMutation({
    mutationFn: () => api.enqueue(restorePlaylists, {}),
    onSuccess: ({ job }) => {
      if (job) setBegun({ id: job.id, what: 'Putting back' });
    },
  });
  const { job } = useJob(begun?.id ?? null);
  const running = begun !== null && !isEnded(job);
  const { done, total } = job?.progress ?? {};
  if (made === 0 && !restorable && !begun) return null;
  return (
    <Card component="section" aria-label="Playlists made here">
      <Title order={2} size="h4" mb="xs">
        Playlists made here
      </Title>
      <Stack gap="sm" aria-live="polite">
        <Text size="sm">
          {made === 0
            ? 'None is in your library any more.'
            : `${playlists(made)} that Spindle made ${made === 1 ? 'is' : 'are'} in your library.`}
          {restorable
            ? ` ${playlists(restorable.playlists)} can be put back until ${clockTime(restorable.until, user.timeZone)}.`
            : ''}
        </Text>
        {running ? (
          <JobBar
            job={job}
            label={begun.what}
            words={total ? `${begun.what}: ${count(done ?? 0)} of ${count(total)}` : begun.what}
          />
        ) : null}
        {job?.state === 'failed' ? (
          <JobFailure title="This was not finished" message={job.failure?.message} />
        ) : null}
        {restore.error ? <Failure error={restore.error} /> : null}
        <Group>
          {restorable ? (
            <Button
              variant="default"
              disabled={running}
              loading={restore.isPending}
              leftSection={<IconArrowBackUp size={18} aria-hidden />}
              onClick={() => restore.mutate()}
            >
              Put back
            </Button>
          ) : null}
          {made > 0 ? (
            <Button
              color="red"
              variant="light"
              disabled={running}
              leftSection={<IconTrash size={18} aria-hidden />}
              onClick={open}
            >
              Delete all …
            </Button>
          ) : null}
        </Group>
      </Stack>
      <Modal
        opened={asking}
        onClose={close}
        title={`Delete ${playlists(made)}?`}
        closeButtonProps={{ 'aria-label': 'Close' }}
        centered
      >
        <Stack>
          <Text size="sm">
            Everything that Spindle made goes out of your Spotify library, and nothing else. For an hour it
            can be put back.
          </Text>
          {remove.error ? <Failure error={remove.error} /> : null}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Keep them
            </Button>
            <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
              Delete {playlists(made)}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </Card>
  );
}
