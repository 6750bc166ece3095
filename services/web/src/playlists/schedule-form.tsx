import { Button, Group, NativeSelect, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import { fieldErrors } from '../api.ts';
import { Failure } from '../components/failure.tsx';
import { useSession } from '../session.tsx';
import { momentWords, patternOf, type Recurrence, recurrenceOf, WEEKDAYS } from './cron-words.ts';

type Next = { readonly at: Date } | { readonly wrong: true } | null;

/** When a pattern comes next, by the reading of cron that the server has; null while that loads. */
function useNext(pattern: string, timeZone: string): Next {
  const [next, setNext] = useState<Next>(null);
  useEffect(() => {
    let stale = false;
    const find = async () => {
      const { CronExpressionParser } = await import('cron-parser');
      if (stale) return;
      try {
        if (pattern.split(' ').length !== 5) throw new RangeError('five fields');
        setNext({ at: CronExpressionParser.parse(pattern, { tz: timeZone }).next().toDate() });
      } catch {
        setNext({ wrong: true });
      }
    };
    void find();
    return () => {
      stale = true;
    };
  }, [pattern, timeZone]);
  return next;
}

const KINDS = [
  { value: 'daily', label: 'Daily' },
  { value: 'weekly', label: 'Weekly' },
  { value: 'own', label: 'Own times' },
] as const;

/** When something recurs. */
export function ScheduleForm(props: {
  readonly pattern: string;
  readonly action: string;
  readonly pending: boolean;
  readonly error: unknown;
  readonly onSubmit: (pattern: string) => void;
}): ReactNode {
  const { user } = useSession();
  const [choice, setChoice] = useState<Recurrence>(() => recurrenceOf(props.pattern));
  const change = (next: Partial<Recurrence>) => setChoice({ ...choice, ...next });
  const pattern = patternOf(choice);
  const next = useNext(pattern, user.timeZone);
  const wrong = next !== null && 'wrong' in next;
  const fieldError = fieldErrors(props.error).pattern;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        props.onSubmit(pattern);
      }}
    >
      <Stack>
        <SegmentedControl
          fullWidth
          aria-label="How often"
          data={[...KINDS]}
          value={choice.kind}
          onChange={(value) => {
            const kind = KINDS.find((one) => one.value === value)?.value ?? 'daily';
            // Own times begin with what was chosen before.
            change({ kind, ...(kind === 'own' && choice.kind !== 'own' ? { own: pattern } : {}) });
          }}
        />
        {choice.kind === 'own' ? (
          <TextInput
            label="Cron expression"
            description="Minute, hour, day of the month, month, day of the week; at most once an hour"
            value={choice.own}
            error={
              fieldError ?? (wrong ? 'This does not name a time. “0 7 * * 1-5” is 7:00 on weekdays.' : null)
            }
            onChange={(event) => change({ own: event.currentTarget.value })}
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          />
        ) : (
          <Group grow>
            {choice.kind === 'weekly' ? (
              <NativeSelect
                label="Day"
                data={WEEKDAYS.map((label, value) => ({ value: String(value), label }))}
                value={String(choice.weekday)}
                onChange={(event) => change({ weekday: Number(event.currentTarget.value) })}
              />
            ) : null}
            <TextInput
              label="Time"
              type="time"
              value={choice.time}
              error={fieldError}
              onChange={(event) => change({ time: event.currentTarget.value })}
            />
          </Group>
        )}
        <Text size="sm" c="dimmed" role="status" mih={21}>
          {next && 'at' in next
            ? `Next: ${momentWords(next.at, user.timeZone)} (${user.timeZone.replaceAll('_', ' ')}).`
            : ''}
        </Text>
        {props.error && !fieldError ? <Failure error={props.error} /> : null}
        <Group justify="flex-end">
          <Button type="submit" disabled={pattern === '' || wrong} loading={props.pending}>
            {props.action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
