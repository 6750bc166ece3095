import { Button, Checkbox, Group, Modal, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { createTopPlaylist, type Measure, PLAYLIST_NAME_LENGTH } from '@spindle/contracts';
import { IconPlaylistAdd } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api, fieldErrors } from '../api.ts';
import type { PeriodSearch } from '../statistics/period-search.ts';
import { Failure } from './failure.tsx';
import { PlaylistJob } from './playlist-job.tsx';

const LENGTHS = ['10', '25', '50', '100'];

interface ListProps {
  readonly period: PeriodSearch;
  readonly by: Measure;
}

/** What the playlist is to be; `onStarted` gets the id of the job that writes it. */
function PlaylistForm({ period, by, onStarted }: ListProps & { onStarted(jobId: string): void }): ReactNode {
  const [name, setName] = useState('');
  const [length, setLength] = useState('50');
  const [refresh, setRefresh] = useState(true);
  const make = useMutation({
    mutationFn: () =>
      api.enqueue(createTopPlaylist, {
        body: {
          ...period,
          by,
          limit: Number(length),
          refresh,
          ...(name.trim() ? { name: name.trim() } : {}),
        },
      }),
    onSuccess: ({ job }) => {
      if (job) onStarted(job.id);
    },
  });
  const errors = fieldErrors(make.error);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        make.mutate();
      }}
    >
      <Stack>
        <TextInput
          data-autofocus
          label="Name"
          description="Unless you give one, it says which list this is."
          maxLength={PLAYLIST_NAME_LENGTH}
          value={name}
          error={errors.name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <NativeSelect
          label="Tracks"
          data={LENGTHS.map((value) => ({ value, label: `The first ${value}` }))}
          value={length}
          onChange={(event) => setLength(event.currentTarget.value)}
        />
        <Checkbox
          label="Refresh my earlier playlist of this list"
          description="It keeps its link and its name. Otherwise, or when there is none, a new private playlist is made."
          checked={refresh}
          onChange={(event) => setRefresh(event.currentTarget.checked)}
        />
        {make.error ? <Failure error={make.error} /> : null}
        <Group justify="flex-end">
          <Button type="submit" loading={make.isPending}>
            Make the playlist
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function MakePlaylist(props: ListProps): ReactNode {
  const [opened, { open, close }] = useDisclosure(false);
  const [jobId, setJobId] = useState<string | null>(null);
  return (
    <>
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          Take this list along.
        </Text>
        <Button
          variant="default"
          leftSection={<IconPlaylistAdd size={18} aria-hidden />}
          aria-haspopup="dialog"
          onClick={open}
        >
          Make a playlist
        </Button>
      </Group>
      <Modal
        opened={opened}
        onClose={close}
        title="A playlist of these tracks"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {jobId === null ? (
          <PlaylistForm {...props} onStarted={setJobId} />
        ) : (
          <PlaylistJob jobId={jobId} onAgain={() => setJobId(null)} />
        )}
      </Modal>
    </>
  );
}

/** Makes a playlist of a top list. */
export function TopsPlaylist({ period, by }: ListProps): ReactNode {
  // Another list is another playlist: nothing of the one before stays in the dialog.
  return <MakePlaylist key={JSON.stringify([period, by])} period={period} by={by} />;
}
