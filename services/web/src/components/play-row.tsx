import { Badge, Checkbox, Group, Stack, Text, Tooltip } from '@mantine/core';
import type { PlayView } from '@spindle/contracts';
import type { ReactNode } from 'react';
import { clockTime, duration } from '../time-words.ts';
import { Artwork } from './artwork.tsx';
import { TrackLines } from './track-lines.tsx';

/** Why a play does not count. */
const UNCOUNTED = {
  hidden: 'hidden by you',
  excluded: 'left out by a rule',
  'too-short': 'too short to count',
} as const;

/** One play: when, what, and for how long; assumed listening time is said to be so. */
export function PlayRow(props: {
  readonly play: PlayView;
  readonly timeZone: string;
  /** What can be done with it: a menu at the end of the row. */
  readonly actions?: ReactNode;
  /** Whether it is chosen, and what chooses it; without this it cannot be. */
  readonly choice?: { readonly chosen: boolean; readonly onChange: (chosen: boolean) => void };
  /** Whether names lead to their pages, for those who are signed in. */
  readonly linked?: boolean;
}): ReactNode {
  const { play, actions, choice, linked = true } = props;
  const measured = play.msPlayed !== null;
  const ms = play.msPlayed ?? play.track.durationMs;
  const time = clockTime(play.playedAt, props.timeZone);
  return (
    <Group
      wrap="nowrap"
      gap="sm"
      py={6}
      component="li"
      data-testid="play"
      style={play.counts ? undefined : { opacity: 0.6 }}
    >
      {choice ? (
        <Checkbox
          checked={choice.chosen}
          onChange={(event) => choice.onChange(event.currentTarget.checked)}
          aria-label={`Choose ${play.track.name}`}
        />
      ) : null}
      <Text
        visibleFrom="xs"
        size="xs"
        c="dimmed"
        w={62}
        style={{ flex: 'none', whiteSpace: 'nowrap' }}
        component="time"
        dateTime={play.playedAt}
      >
        {time}
      </Text>
      <Artwork track={play.track} size={44} />
      <div style={{ flex: 1, minWidth: 0 }}>
        <TrackLines track={play.track} linked={linked} />
        {play.uncounted ? (
          <Badge size="xs" variant="light" color="gray" tt="none">
            {UNCOUNTED[play.uncounted]}
          </Badge>
        ) : null}
      </div>
      <Stack gap={2} align="flex-end" style={{ flex: 'none' }}>
        {/* Beside the title a small screen has no room for it. */}
        <Text hiddenFrom="xs" size="xs" c="dimmed" component="time" dateTime={play.playedAt}>
          {time}
        </Text>
        {ms === null ? null : (
          <Tooltip label={measured ? 'Measured listening time' : "Assumed: the track's length"}>
            <Text size="xs" c="dimmed">
              {measured ? '' : '≈ '}
              {duration(ms)}
            </Text>
          </Tooltip>
        )}
      </Stack>
      {actions}
    </Group>
  );
}
