import { Button, Modal } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { saveRoomPlaylist } from '@spindle/contracts';
import { IconPlaylistAdd } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api } from '../api.ts';
import { Failure } from '../components/failure.tsx';
import { PlaylistJob } from '../components/playlist-job.tsx';

/** What a room played, taken along as a playlist. */
export function SavePlaylist(props: {
  readonly code: string;
  readonly name: string;
  readonly size?: 'sm' | 'md';
}): ReactNode {
  const { code, name, size = 'md' } = props;
  const [opened, { open, close }] = useDisclosure(false);
  const [jobId, setJobId] = useState<string | null>(null);
  const save = useMutation({
    mutationFn: () => api.enqueue(saveRoomPlaylist, { params: { code } }),
    onSuccess: ({ job }) => setJobId(job?.id ?? null),
  });
  const start = () => {
    setJobId(null);
    save.mutate();
  };
  return (
    <>
      <Button
        size={size}
        variant="default"
        mih={44}
        aria-haspopup="dialog"
        aria-label={`Save as a playlist: ${name}`}
        leftSection={<IconPlaylistAdd size={18} aria-hidden />}
        loading={save.isPending}
        onClick={() => {
          open();
          start();
        }}
      >
        Save as a playlist
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title="What was played, as a playlist"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {save.error ? <Failure error={save.error} retry={start} /> : null}
        {jobId ? <PlaylistJob jobId={jobId} again="Save again" onAgain={start} /> : null}
      </Modal>
    </>
  );
}
