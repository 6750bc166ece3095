import { Anchor, Badge, Button, Card, Group, Menu, Stack, Text } from '@mantine/core';
import type { PlaylistRequest, ShuffleView } from '@spindle/contracts';
import { IconDots } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { MenuLink } from '../components/links.tsx';
import { JobBar, JobFailure } from '../jobs/job-bar.tsx';
import { useJob } from '../jobs/use-job.ts';
import { count, relative } from '../time-words.ts';
import { LeftOutNote } from './left-out.tsx';
import { OPERATIONS, progressWords, tracksWord } from './playlist-words.ts';
import { CopyIcon, Seed } from './seed.tsx';

const STATES: Record<ShuffleView['state'], { readonly label: string; readonly color: string }> = {
  queued: { label: 'waiting', color: 'gray' },
  running: { label: 'running', color: 'blue' },
  succeeded: { label: 'done', color: 'green' },
  failed: { label: 'failed', color: 'red' },
};

function Running({ jobId }: { readonly jobId: string }): ReactNode {
  const { job } = useJob(jobId);
  return <JobBar job={job} label="Writing the playlist" words={progressWords(job?.progress ?? null)} />;
}

function Parts({ view }: { readonly view: ShuffleView }): ReactNode {
  return view.playlists.map((part) => (
    <Group key={part.playlistId} gap={6} wrap="nowrap">
      <Text size="sm" td={part.deleted ? 'line-through' : undefined} style={{ minWidth: 0 }}>
        {part.deleted ? (
          <bdi>{part.name}</bdi>
        ) : (
          <Anchor href={part.url} target="_blank" rel="noreferrer" inherit underline="always" dir="auto">
            {part.name}
          </Anchor>
        )}
      </Text>
      {part.deleted ? (
        <Text size="xs" c="dimmed">
          deleted
        </Text>
      ) : (
        <CopyIcon value={part.url} what={`the link of ${part.name}`} />
      )}
    </Group>
  ));
}

/** Tracks that were put in order: before the list was cut, and before Spotify refused any. */
function shuffledOf({ tracks, leftOut }: ShuffleView): number {
  return tracks + (leftOut.limit ?? 0) + (leftOut.cut ?? 0) + (leftOut.refused ?? 0);
}

function countsOf(view: ShuffleView): string {
  const { tracks, sourceTracks, refreshed } = view;
  const held =
    sourceTracks === null || sourceTracks === tracks
      ? tracksWord(tracks)
      : `${count(tracks)} of ${tracksWord(sourceTracks)}`;
  return refreshed ? `${held}, at the same link as before` : held;
}

/** One shuffle, shared list or top list: what came of it, and to have it again. */
export function ShuffleCard(props: {
  readonly view: ShuffleView;
  readonly onRun: (request: PlaylistRequest) => void;
  readonly onRepeat: (request: PlaylistRequest) => void;
}): ReactNode {
  const { view, onRun, onRepeat } = props;
  const { request, state } = view;
  const unfinished = state === 'queued' || state === 'running';
  const kept = view.playlists.find(({ deleted }) => !deleted);
  /** The same into the same playlist, with chance of its own. */
  const fresh = request && { ...request, target: kept?.playlistId ?? request.target };
  if (fresh?.kind === 'shuffle') fresh.seed = undefined;
  return (
    <Card component="article" aria-label={`${OPERATIONS[view.mode]}: ${view.source.name}`}>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Text fw={600} truncate title={view.source.name}>
          <bdi>{view.source.name}</bdi>
        </Text>
        <Badge color={STATES[state].color} variant="dot" style={{ flex: 'none' }}>
          {STATES[state].label}
        </Badge>
      </Group>
      <Text size="sm" c="dimmed" mb="xs">
        {[OPERATIONS[view.mode], relative(view.createdAt), view.scheduled ? 'by its schedule' : null]
          .filter(Boolean)
          .join(' · ')}
      </Text>
      <Stack gap="xs">
        {unfinished && view.jobId ? <Running jobId={view.jobId} /> : null}
        <Parts view={view} />
        {state === 'succeeded' ? <Text size="sm">{countsOf(view)}</Text> : null}
        <LeftOutNote leftOut={view.leftOut} names={view.leftOutNames} />
        {state === 'succeeded' && view.seed ? <Seed seed={view.seed} /> : null}
        {state === 'failed' ? (
          <JobFailure
            title="The playlist was not finished"
            message={view.failure?.message}
            {...(request && { retry: () => onRun(request) })}
          />
        ) : null}
        {state === 'succeeded' && request && fresh ? (
          <Group gap="xs">
            <Button size="xs" variant="default" onClick={() => onRun(fresh)}>
              {request.kind === 'shuffle' ? 'Shuffle again' : 'Refresh it'}
            </Button>
            <Menu shadow="md" position="bottom-start">
              <Menu.Target>
                <Button
                  size="xs"
                  variant="subtle"
                  color="gray"
                  rightSection={<IconDots size={14} aria-hidden />}
                >
                  More
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                {request.kind === 'shuffle' && view.seed ? (
                  <Menu.Item onClick={() => onRun({ ...request, target: fresh.target, seed: view.seed })}>
                    Same order again
                  </Menu.Item>
                ) : null}
                <Menu.Item onClick={() => onRepeat(fresh)}>Repeat this …</Menu.Item>
                {view.mode === 'uniform' && view.seed ? (
                  <MenuLink to="/fair" search={{ seed: view.seed, tracks: shuffledOf(view) }}>
                    Check its order
                  </MenuLink>
                ) : null}
              </Menu.Dropdown>
            </Menu>
          </Group>
        ) : null}
      </Stack>
    </Card>
  );
}
