import { Alert, Text } from '@mantine/core';
import type { StatsSummary } from '@spindle/contracts';
import { IconClockQuestion, IconRefresh } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { AnchorLink } from '../components/links.tsx';
import { clockTime, count, dayName, dayOf } from '../time-words.ts';
import { assumedWords } from './figure-words.ts';

/** How figures were counted, in words: the rule, what is assumed, what is missing. */
export function CountingNote({
  summary,
  timeZone,
}: {
  readonly summary: StatsSummary;
  readonly timeZone: string;
}): ReactNode {
  const { counting, figures, gaps } = summary;
  const assumed = assumedWords(figures);
  const [gap] = gaps;
  return (
    <>
      {counting.recounting ? (
        <Alert color="blue" variant="light" icon={<IconRefresh />} role="status" py="xs">
          Your figures are being counted anew; those you see are from before the change.
        </Alert>
      ) : null}
      {gap ? (
        <Alert color="yellow" variant="light" icon={<IconClockQuestion />} py="xs">
          {gaps.length === 1
            ? `On ${dayName(dayOf(gap.from, timeZone), timeZone)} from ${clockTime(gap.from, timeZone)} to ${clockTime(gap.to, timeZone)} more was played than Spotify still showed.`
            : `${count(gaps.length)} stretches of this period could not be seen whole.`}{' '}
          An{' '}
          <AnchorLink to="/imports" inherit underline="always">
            import
          </AnchorLink>{' '}
          of your export fills what is missing.
        </Alert>
      ) : null}
      <Text size="xs" c="dimmed">
        {assumed ? `Listening time is measured where something measured it, ${assumed}. ` : ''}A play counts
        from {Math.round(counting.minPlayMs / 1000)} seconds on (
        <AnchorLink to="/settings" inherit underline="always">
          change
        </AnchorLink>
        ).
      </Text>
    </>
  );
}
