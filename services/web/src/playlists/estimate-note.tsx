import { Alert, Checkbox, Radio, Skeleton, Stack, Text } from '@mantine/core';
import { PLAYLIST_ITEMS, type ShuffleEstimate } from '@spindle/contracts';
import { IconHourglass } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useSession } from '../session.tsx';
import { clockTime, count, dayName, dayOf, relative } from '../time-words.ts';
import type { ShuffleDraft } from './shuffle-draft.ts';

const calls = (number: number): string => `${count(number)} ${number === 1 ? 'call' : 'calls'}`;

function costWords({ calls: needed, left }: ShuffleEstimate): string {
  const stock = left === null ? '' : `; ${count(left)} ${left === 1 ? 'is' : 'are'} left now`;
  if (!needed) return `How many calls to Spotify it takes shows when the source is read${stock}.`;
  return `Takes up to ${calls(needed.total)} to Spotify: ${count(needed.read)} to read, ${count(needed.total - needed.read)} to write${stock}.`;
}

/** What it costs before it begins, and what has to be decided first. */
export function EstimateNote(props: {
  readonly estimate: ShuffleEstimate | undefined;
  readonly overflow: ShuffleDraft['overflow'];
  readonly onOverflow: (overflow: 'split' | 'cut') => void;
  readonly evenIfShort: boolean;
  readonly onEvenIfShort: (on: boolean) => void;
}): ReactNode {
  const { estimate, overflow } = props;
  const { user } = useSession();
  if (!estimate) return <Skeleton height={42} aria-label="Working out what it takes" />;
  const { enoughAt } = estimate;
  const day = enoughAt ? dayName(dayOf(enoughAt, user.timeZone), user.timeZone) : '';
  return (
    <Stack gap="sm">
      {estimate.tooLong ? (
        <Radio.Group
          label={`More than the ${count(PLAYLIST_ITEMS)} tracks that a playlist holds`}
          value={overflow}
          onChange={(value) => props.onOverflow(value === 'cut' ? 'cut' : 'split')}
        >
          <Stack gap="xs" mt="xs">
            <Radio value="split" label="Several playlists, with all of it" />
            <Radio
              value="cut"
              label={`One playlist, with the first ${count(PLAYLIST_ITEMS)} of the new order`}
            />
          </Stack>
        </Radio.Group>
      ) : null}
      <Text size="sm" c="dimmed" data-testid="estimate" role="status">
        {costWords(estimate)}
      </Text>
      {estimate.enough ? null : (
        <Alert color="orange" icon={<IconHourglass />} title="Not enough calls are left now">
          <Stack gap="xs">
            <Text size="sm">
              {[
                estimate.reason ?? 'Spotify allows only so many calls a day.',
                enoughAt
                  ? `They will suffice ${relative(enoughAt)}: ${day}, ${clockTime(enoughAt, user.timeZone)}.`
                  : estimate.reason
                    ? null
                    : 'Nobody knows yet when they will suffice.',
              ]
                .filter(Boolean)
                .join(' ')}
            </Text>
            <Checkbox
              label="Begin nevertheless"
              description="It waits for Spotify and goes on by itself."
              checked={props.evenIfShort}
              onChange={(event) => props.onEvenIfShort(event.currentTarget.checked)}
            />
          </Stack>
        </Alert>
      )}
    </Stack>
  );
}
