import { Button, Card, Group, Loader, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { LIKED, type LibraryPlaylistView, readPlaylists } from '@spindle/contracts';
import { IconRefresh, IconSearch } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api } from '../api.ts';
import { EndOfList } from '../components/end-of-list.tsx';
import { Failure } from '../components/failure.tsx';
import { reportFailure } from '../components/report.ts';
import { JobBar, JobFailure } from '../jobs/job-bar.tsx';
import { isEnded } from '../jobs/job-effects.ts';
import { useJob } from '../jobs/use-job.ts';
import { count, relative } from '../time-words.ts';
import { PlaylistRow } from './playlist-row.tsx';
import { myPlaylistsQuery } from './queries.ts';
import { ShareDialog } from './share-liked.tsx';
import { ShuffleDialog } from './shuffle-dialog.tsx';

/** When the list was read, and the way to read it anew. */
function Reading(props: { readonly readAt: string | null; readonly refreshing: string | null }): ReactNode {
  const [begun, setBegun] = useState<string | null>(null);
  const read = useMutation({
    mutationFn: () => api.enqueue(readPlaylists, {}),
    onSuccess: ({ job }) => setBegun(job?.id ?? null),
    onError: reportFailure,
  });
  const jobId = begun ?? props.refreshing;
  const { job } = useJob(jobId);
  const running = read.isPending || (jobId !== null && !isEnded(job));
  const { done, total } = job?.progress ?? {};
  return (
    <Stack gap="xs">
      <Group justify="space-between" gap="xs">
        <Text size="sm" c="dimmed" role="status">
          {running ? 'Reading …' : props.readAt ? `Read ${relative(props.readAt)}` : 'Not read yet'}
        </Text>
        <Button
          size="compact-sm"
          variant="subtle"
          loading={running}
          leftSection={<IconRefresh size={16} aria-hidden />}
          onClick={() => read.mutate()}
        >
          Read anew
        </Button>
      </Group>
      {running && job && (total || job.state === 'waiting') ? (
        <JobBar
          job={job}
          label="Reading my playlists"
          words={total ? `${count(done ?? 0)} of ${count(total)} read` : 'Reading from Spotify'}
        />
      ) : null}
      {job?.state === 'failed' ? (
        <JobFailure
          title="Your playlists could not be read"
          message={job.failure?.message}
          retry={() => read.mutate()}
        />
      ) : null}
    </Stack>
  );
}

function Waiting(): ReactNode {
  return (
    <Stack gap={0} role="status" aria-label="Loading">
      {Array.from({ length: 8 }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows without content
        <Skeleton key={index} height={52} my={10} radius="sm" />
      ))}
    </Stack>
  );
}

/** The library's playlists, Liked Songs first, each to be shuffled. */
export function MyPlaylists(props: {
  readonly q: string;
  readonly onSearch: (q: string) => void;
}): ReactNode {
  const { q, onSearch } = props;
  const [words, setWords] = useState(q);
  const lookFor = useDebouncedCallback(onSearch, 300);
  const [shuffled, setShuffled] = useState<LibraryPlaylistView | null>(null);
  const [sharing, setSharing] = useState(false);
  const list = useInfiniteQuery(myPlaylistsQuery(q));
  const [first] = list.data?.pages ?? [];
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  return (
    <Stack gap="lg">
      <Card component="section" aria-label="My playlists">
        <search>
          <TextInput
            label="Search"
            placeholder="Name of a playlist"
            leftSection={<IconSearch size={16} aria-hidden />}
            mb="sm"
            value={words}
            onChange={(event) => {
              setWords(event.currentTarget.value);
              lookFor(event.currentTarget.value.trim());
            }}
          />
        </search>
        {first ? <Reading readAt={first.readAt} refreshing={first.refreshing} /> : null}
        {list.error ? <Failure error={list.error} retry={() => void list.refetch()} /> : null}
        {list.isPending ? <Waiting /> : null}
        {first && items.length === 0 ? (
          <Text c="dimmed" ta="center" py="lg">
            {q !== ''
              ? 'No playlist of this name. Try fewer words.'
              : first.readAt
                ? 'There are no playlists in your library.'
                : 'Your playlists appear here as soon as they are read.'}
          </Text>
        ) : null}
        <Stack component="ul" gap={0} p={0} m={0} mt="xs" style={{ listStyle: 'none' }}>
          {items.map((playlist) => (
            <PlaylistRow
              key={playlist.id}
              playlist={playlist}
              onShuffle={() => setShuffled(playlist)}
              {...(playlist.id === LIKED && { onShare: () => setSharing(true) })}
            />
          ))}
        </Stack>
        {isFetchingNextPage ? <Loader mx="auto" my="sm" size="sm" aria-label="Loading more" /> : null}
        {hasNextPage && !isFetchingNextPage ? <EndOfList reach={() => void fetchNextPage()} /> : null}
      </Card>
      <ShareDialog opened={sharing} onClose={() => setSharing(false)} />
      <ShuffleDialog source={shuffled} onClose={() => setShuffled(null)} />
    </Stack>
  );
}
