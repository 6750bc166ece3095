import { Alert, Button, Group, Progress, Stack, Text } from '@mantine/core';
import { getJob, type JobDocument, type MadePlaylist, madePlaylistSchema } from '@spindle/contracts';
import { IconAlertTriangle, IconBrandSpotify } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef } from 'react';
import { api } from '../api.ts';
import { count } from '../time-words.ts';
import { Failure } from './failure.tsx';

/** Live events tell how the job gets on; without the socket it is asked for this often, ms. */
const ASK_EVERY_MS = 5_000;

const REASONS: Readonly<Record<string, string>> = {
  'no-spotify-id': 'known by name only',
  refused: 'not accepted by Spotify',
};

const isEnded = (job: JobDocument | undefined) => job?.state === 'succeeded' || job?.state === 'failed';

function Made({ playlist }: { readonly playlist: MadePlaylist }): ReactNode {
  const leftOut = Object.entries(playlist.leftOut);
  return (
    <>
      <Text>
        <bdi>{playlist.name}</bdi> holds {count(playlist.tracks)} {playlist.tracks === 1 ? 'track' : 'tracks'}
        .
      </Text>
      {leftOut.length > 0 ? (
        <Text size="sm" c="dimmed">
          Left out:{' '}
          {leftOut.map(([reason, items]) => `${count(items)} ${REASONS[reason] ?? reason}`).join(', ')}.
        </Text>
      ) : null}
      <Button
        component="a"
        href={playlist.url}
        target="_blank"
        rel="noreferrer"
        leftSection={<IconBrandSpotify size={18} aria-hidden />}
      >
        Open in Spotify
      </Button>
    </>
  );
}

function Working({ job }: { readonly job: JobDocument | undefined }): ReactNode {
  const { done, total } = job?.progress ?? {};
  const share = done !== undefined && total ? Math.min(100, (done / total) * 100) : null;
  return (
    <>
      <Progress
        w="100%"
        value={share ?? 100}
        animated
        striped={share === null}
        aria-label="Writing the playlist"
      />
      <Text size="sm" c="dimmed">
        {job?.state === 'waiting'
          ? `${job.waitingFor ?? 'Spotify did not answer as expected.'} It goes on by itself; you can close this.`
          : 'Writing to Spotify. You can close this; it goes on.'}
      </Text>
    </>
  );
}

/** How the writing of a playlist gets on, and where the playlist is. */
export function PlaylistJob(props: { readonly jobId: string; readonly onAgain: () => void }): ReactNode {
  const { jobId, onAgain } = props;
  const place = useRef<HTMLDivElement>(null);
  // The button that was pressed is gone: whoever reads by ear or keyboard goes on here.
  useEffect(() => place.current?.focus(), []);
  const { data: job, error } = useQuery({
    queryKey: ['getJob', jobId],
    queryFn: () => api.call(getJob, { params: { id: jobId } }),
    refetchInterval: (query) => (isEnded(query.state.data) ? false : ASK_EVERY_MS),
  });
  const made = job?.state === 'succeeded' ? madePlaylistSchema.safeParse(job.result).data : undefined;
  return (
    <Stack ref={place} tabIndex={-1} align="flex-start" aria-live="polite" style={{ outline: 'none' }}>
      {made ? <Made playlist={made} /> : null}
      {job?.state === 'failed' ? (
        <Alert
          w="100%"
          icon={<IconAlertTriangle />}
          color="orange"
          title="The playlist was not finished"
          role="alert"
        >
          {job.failure?.message}
        </Alert>
      ) : null}
      {error && !isEnded(job) ? <Failure error={error} /> : null}
      {isEnded(job) || error ? (
        <Group>
          <Button variant="default" onClick={onAgain}>
            {made ? 'Make another' : 'Try again'}
          </Button>
        </Group>
      ) : (
        <Working job={job} />
      )}
    </Stack>
  );
}
