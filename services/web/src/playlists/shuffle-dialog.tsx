import { Button, Modal, Stack } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { queryKeys } from '../api.ts';
import { Failure } from '../components/failure.tsx';
import { PlaylistJob } from '../components/playlist-job.tsx';
import { begin, type ShuffleRequest } from './queries.ts';
import { ScheduleDialog } from './schedule-dialog.tsx';
import { NEW_DRAFT } from './shuffle-draft.ts';
import { ShuffleForm } from './shuffle-form.tsx';

interface Source {
  readonly id: string;
  readonly name: string;
}

interface Asked {
  readonly request: ShuffleRequest;
  readonly evenIfShort: boolean;
}

function Content({ source }: { readonly source: Source }): ReactNode {
  const queries = useQueryClient();
  const [draft, setDraft] = useState(NEW_DRAFT);
  const [repeated, setRepeated] = useState<ShuffleRequest | null>(null);
  const [begun, setBegun] = useState<(Asked & { readonly jobId: string }) | null>(null);
  const start = useMutation({
    mutationFn: (asked: Asked) => begin(asked.request, asked.evenIfShort),
    onSuccess: ({ job }, asked) => {
      void queries.invalidateQueries({ queryKey: queryKeys.shuffles });
      if (job) setBegun({ ...asked, jobId: job.id });
    },
  });
  return (
    <>
      {begun ? (
        <Stack>
          {start.error ? <Failure error={start.error} /> : null}
          <PlaylistJob
            key={begun.jobId}
            jobId={begun.jobId}
            again="Shuffle again"
            onAgain={(playlistId) => {
              // Again means into the same playlist, also when it was a new one.
              const target = playlistId ?? begun.request.target;
              start.mutate({ ...begun, request: { ...begun.request, target } });
            }}
            more={(playlistId) => (
              <>
                {playlistId ? (
                  <Button
                    variant="default"
                    onClick={() => setRepeated({ ...begun.request, target: playlistId })}
                  >
                    Repeat this …
                  </Button>
                ) : null}
                <Button variant="subtle" onClick={() => setBegun(null)}>
                  Choose anew
                </Button>
              </>
            )}
          />
        </Stack>
      ) : (
        <ShuffleForm
          sourceId={source.id}
          draft={draft}
          onDraft={setDraft}
          pending={start.isPending}
          error={start.error}
          onStart={(request, evenIfShort) => start.mutate({ request, evenIfShort })}
          onRepeat={setRepeated}
        />
      )}
      <ScheduleDialog request={repeated} onClose={() => setRepeated(null)} />
    </>
  );
}

/** Shuffles a playlist: what, how, at what cost, and how it gets on. Null: closed. */
export function ShuffleDialog(props: {
  readonly source: Source | null;
  readonly onClose: () => void;
}): ReactNode {
  const small = useMediaQuery('(max-width: 30em)');
  const { source, onClose } = props;
  return (
    <Modal
      opened={source !== null}
      onClose={onClose}
      fullScreen={small ?? false}
      title={
        <>
          Shuffle <bdi>{source?.name}</bdi>
        </>
      }
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {source ? <Content key={source.id} source={source} /> : null}
    </Modal>
  );
}
