import { Button, Loader, Modal, Stack } from '@mantine/core';
import type { PlaylistRequest } from '@spindle/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { queryKeys } from '../api.ts';
import { Failure } from '../components/failure.tsx';
import { PlaylistJob } from '../components/playlist-job.tsx';
import { begin } from './queries.ts';

interface Run {
  readonly request: PlaylistRequest;
  readonly evenIfShort?: boolean;
}

/** Begins a request and watches it in a dialog. */
export function useRun(title: string): {
  readonly run: (request: PlaylistRequest) => void;
  readonly dialog: ReactNode;
} {
  const queries = useQueryClient();
  const [jobId, setJobId] = useState<string | null>(null);
  const start = useMutation({
    mutationFn: ({ request, evenIfShort }: Run) => begin(request, evenIfShort),
    onSuccess: ({ job }) => {
      void queries.invalidateQueries({ queryKey: queryKeys.shuffles });
      if (job) setJobId(job.id);
    },
  });
  const { variables, error } = start;
  const close = () => {
    start.reset();
    setJobId(null);
  };
  const dialog = (
    <Modal
      opened={variables !== undefined}
      onClose={close}
      title={title}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack align="flex-start">
        {error ? <Failure error={error} retry={() => variables && start.mutate(variables)} /> : null}
        {error && variables && !variables.evenIfShort ? (
          <Button variant="subtle" onClick={() => start.mutate({ ...variables, evenIfShort: true })}>
            Begin nevertheless, and wait for Spotify
          </Button>
        ) : null}
        {jobId ? (
          <PlaylistJob
            key={jobId}
            jobId={jobId}
            again="Once more"
            onAgain={() => variables && start.mutate(variables)}
          />
        ) : error ? null : (
          <Loader size="sm" aria-label="Beginning" />
        )}
      </Stack>
    </Modal>
  );
  return { run: (request) => start.mutate({ request }), dialog };
}
