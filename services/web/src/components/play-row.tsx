import { ActionIcon, Group, Text, Tooltip } from '@mantine/core';
import type { PlayView } from '@spindle/contracts';
import { IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { clockTime, duration } from '../time-words.ts';
import { Artwork } from './artwork.tsx';
import { TrackLines } from './track-lines.tsx';

/** One play: when, what, and for how long; assumed listening time is said to be so. */
export function PlayRow(props: {
  readonly play: PlayView;
  readonly timeZone: string;
  readonly onRemove?: (play: PlayView) => void;
}): ReactNode {
  const { play, onRemove } = props;
  const measured = play.msPlayed !== null;
  const ms = play.msPlayed ?? play.track.durationMs;
  return (
    <Group wrap="nowrap" gap="sm" py={6} component="li" data-testid="play">
      <Text
        size="xs"
        c="dimmed"
        w={62}
        style={{ flex: 'none', whiteSpace: 'nowrap' }}
        component="time"
        dateTime={play.playedAt}
      >
        {clockTime(play.playedAt, props.timeZone)}
      </Text>
      <Artwork track={play.track} size={44} />
      <div style={{ flex: 1, minWidth: 0 }}>
        <TrackLines track={play.track} />
      </div>
      {ms === null ? null : (
        <Tooltip label={measured ? 'Measured listening time' : "Assumed: the track's length"}>
          <Text size="xs" c="dimmed" style={{ flex: 'none' }}>
            {measured ? '' : '≈ '}
            {duration(ms)}
          </Text>
        </Tooltip>
      )}
      {onRemove ? (
        <ActionIcon
          variant="subtle"
          color="gray"
          onClick={() => onRemove(play)}
          aria-label={`Remove ${play.track.name}`}
        >
          <IconTrash size={16} />
        </ActionIcon>
      ) : null}
    </Group>
  );
}
