import { Button, Card, Group, Stack, Text, VisuallyHidden } from '@mantine/core';
import { voteSkip } from '@spindle/contracts';
import { IconPlayerTrackNext } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api } from '../api.ts';
import { Artwork } from '../components/artwork.tsx';
import { MovingProgress } from '../components/moving-progress.tsx';
import { reportFailure } from '../components/report.ts';
import { TrackLines } from '../components/track-lines.tsx';
import { count } from '../time-words.ts';
import type { RoomData } from './room-merge.ts';
import { PLAYBACK, silenceWords } from './room-words.ts';
import { useRoom } from './use-room.ts';

/** The track of the room that plays, with who proposed it. */
export const playingTrack = ({ playback, played }: RoomData) =>
  played.find(({ id }) => id === playback.roomTrackId) ?? null;

function SkipVote(): ReactNode {
  const { code, data, me, channel } = useRoom();
  const { skipThreshold } = data.room.settings;
  const { roomTrackId, skipVotes } = data.playback;
  const vote = useMutation({
    mutationFn: () => api.call(voteSkip, { params: { code } }),
    onSuccess: ({ votes }) => channel.takeSkipVote(votes, roomTrackId),
    onError: reportFailure,
  });
  if (skipThreshold === null || roomTrackId === null) return null;
  // The host has a button of their own.
  if (me.isHost) {
    return (
      <Text size="sm" c="dimmed">
        {count(skipVotes)} of {count(skipThreshold)} votes to skip it
      </Text>
    );
  }
  const hasVoted = me.skipVote === roomTrackId;
  return (
    <Button
      variant="default"
      h={44}
      disabled={hasVoted}
      loading={vote.isPending}
      leftSection={<IconPlayerTrackNext size={18} aria-hidden />}
      onClick={() => vote.mutate()}
    >
      {hasVoted ? 'You voted' : 'Skip this'} · {count(skipVotes)} of {count(skipThreshold)}
    </Button>
  );
}

/** What plays, moving by itself, and the vote to skip it. */
export function NowPlaying(): ReactNode {
  const { data, me } = useRoom();
  const { playback } = data;
  const { track, state } = playback;
  const proposer = playingTrack(data)?.proposedBy;
  return (
    <Card component="section" aria-label="Now playing" padding="sm">
      <Text size="xs" c="dimmed" mb={6} fw={600}>
        {PLAYBACK[state]}
      </Text>
      {track ? (
        <Stack gap="xs">
          <Group wrap="nowrap" align="flex-start" gap="md">
            <Artwork track={track} size={110} across="clamp(84px, min(26vw, 28vh), 132px)" />
            <Stack gap={6} style={{ flex: 1, minWidth: 0 }}>
              <TrackLines track={track} titleSize="md" titleLines={2} linked={false} />
              {proposer ? (
                <Text size="sm" c="dimmed" lineClamp={2}>
                  Proposed by <bdi>{proposer.displayName}</bdi>
                </Text>
              ) : playback.roomTrackId ? (
                <Text size="sm" c="dimmed">
                  Chosen by chance
                </Text>
              ) : null}
            </Stack>
          </Group>
          <MovingProgress
            isPlaying={state === 'playing' || state === 'host-plays'}
            startedAt={playback.startedAt}
            progressMs={playback.progressMs}
            durationMs={playback.durationMs}
          />
          <SkipVote />
        </Stack>
      ) : (
        <Text size="sm">{silenceWords(state, me.isHost, data.queue.length)}</Text>
      )}
      <VisuallyHidden role="status" aria-live="polite">
        {track ? `${PLAYBACK[state]}: ${track.name}` : PLAYBACK[state]}
      </VisuallyHidden>
    </Card>
  );
}
