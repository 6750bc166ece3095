import { Anchor, Button, Group, Modal, Stack, Text } from '@mantine/core';
import type { PlaylistRequest } from '@spindle/contracts';
import { IconCalendarRepeat, IconShare } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { queryKeys } from '../api.ts';
import { Failure } from '../components/failure.tsx';
import { JobBar, JobFailure } from '../jobs/job-bar.tsx';
import { isEnded } from '../jobs/job-effects.ts';
import { useJob } from '../jobs/use-job.ts';
import { relative } from '../time-words.ts';
import { patternWords } from './cron-words.ts';
import { LeftOutNote } from './left-out.tsx';
import { progressWords, tracksWord } from './playlist-words.ts';
import { begin, schedulesQuery, shufflesQuery } from './queries.ts';
import { ScheduleDialog } from './schedule-dialog.tsx';
import { CopyIcon } from './seed.tsx';

/** Split rather than cut: whoever shares wants all of it shared. */
const SHARE: PlaylistRequest = { kind: 'share-liked', target: 'refresh', overflow: 'split' };

function ShareLiked(): ReactNode {
  const queries = useQueryClient();
  const shuffles = useInfiniteQuery(shufflesQuery());
  const schedules = useQuery(schedulesQuery());
  const [repeated, setRepeated] = useState<PlaylistRequest | null>(null);
  const recent = shuffles.data?.pages.flatMap((page) => page.items) ?? [];
  const last = recent.find(({ mode }) => mode === 'liked');
  const shared = recent.find(
    ({ mode, state, playlists }) =>
      mode === 'liked' && state === 'succeeded' && playlists.some(({ deleted }) => !deleted),
  );
  const start = useMutation({
    mutationFn: () => begin(SHARE),
    onSuccess: () => void queries.invalidateQueries({ queryKey: queryKeys.shuffles }),
  });
  const underWay = last && (last.state === 'queued' || last.state === 'running') ? last.jobId : null;
  const jobId = start.data?.job?.id ?? underWay;
  const { job } = useJob(jobId);
  const running = start.isPending || (jobId !== null && !isEnded(job));
  const schedule = schedules.data?.items.find(({ request }) => request.kind === 'share-liked');
  const parts = shared?.playlists.filter(({ deleted }) => !deleted) ?? [];
  return (
    <>
      <Stack gap="sm">
        <Text size="sm">
          Spotify shows them to nobody but you. This copies them, in their order, into a playlist whose link
          you can pass on; asked for again, the same link is refreshed.
        </Text>
        {parts.map((part) => (
          <Group key={part.playlistId} gap={6} wrap="nowrap">
            <Anchor
              href={part.url}
              target="_blank"
              rel="noreferrer"
              size="sm"
              underline="always"
              style={{ overflowWrap: 'anywhere', minWidth: 0 }}
              data-testid="shared-link"
            >
              {part.url}
            </Anchor>
            <CopyIcon value={part.url} what="the link" />
          </Group>
        ))}
        {shared ? (
          <>
            <Text size="sm" c="dimmed">
              {tracksWord(shared.tracks)}
              {shared.finishedAt ? `, written ${relative(shared.finishedAt)}` : ''}
              {schedule?.enabled ? `. ${patternWords(schedule.pattern)} it is brought up to date` : ''}.
            </Text>
            <LeftOutNote leftOut={shared.leftOut} names={shared.leftOutNames} />
          </>
        ) : null}
        {running ? (
          <div aria-live="polite">
            <JobBar job={job} label="Writing the playlist" words={progressWords(job?.progress ?? null)} />
          </div>
        ) : null}
        {start.error ? <Failure error={start.error} retry={() => start.mutate()} /> : null}
        {job?.state === 'failed' ? (
          <JobFailure title="The playlist was not finished" message={job.failure?.message} />
        ) : null}
        <Group>
          <Button
            loading={running}
            variant={shared ? 'default' : 'filled'}
            leftSection={<IconShare size={18} aria-hidden />}
            onClick={() => start.mutate()}
          >
            {shared ? 'Refresh it now' : 'Make a link'}
          </Button>
          {schedule ? null : (
            <Button
              variant="subtle"
              leftSection={<IconCalendarRepeat size={18} aria-hidden />}
              onClick={() => setRepeated({ ...SHARE, target: parts[0]?.playlistId ?? 'refresh' })}
            >
              Keep it up to date
            </Button>
          )}
        </Group>
      </Stack>
      <ScheduleDialog request={repeated} onClose={() => setRepeated(null)} />
    </>
  );
}

/** Liked Songs, which Spotify shows to nobody else, as a playlist with a link. */
export function ShareDialog(props: { readonly opened: boolean; readonly onClose: () => void }): ReactNode {
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title="Share Liked Songs"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <ShareLiked />
    </Modal>
  );
}
