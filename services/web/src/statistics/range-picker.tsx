import {
  ActionIcon,
  Button,
  Group,
  Popover,
  SegmentedControl,
  Select,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { MEASURES, type Measure, RANGES, type RangeName } from '@spindle/contracts';
import { IconCalendar, IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { periodName } from './calendar.ts';
import { boundsOf, changeRange, neighbour, type PeriodSearch } from './period-search.ts';

const NAMES: Readonly<Record<RangeName, string>> = {
  day: 'Day',
  week: 'Week',
  month: 'Month',
  quarter: 'Quarter',
  year: 'Year',
  all: 'All time',
};
const CHOICES = RANGES.map((value) => ({ value, label: NAMES[value] }));

function FreeDays(props: {
  readonly period: PeriodSearch;
  readonly today: string;
  readonly onChange: (period: PeriodSearch) => void;
}): ReactNode {
  const bounds = boundsOf(props.period, props.today);
  const [opened, setOpened] = useState(false);
  const [from, setFrom] = useState(bounds?.from ?? '');
  const [to, setTo] = useState(bounds?.to ?? '');
  const wrong = from !== '' && to !== '' && from > to;
  return (
    <Popover opened={opened} onChange={setOpened} trapFocus position="bottom-end" shadow="md">
      <Popover.Target>
        <ActionIcon
          variant="default"
          size="lg"
          aria-label="Choose days"
          onClick={() => {
            setFrom(bounds?.from ?? '');
            setTo(bounds?.to ?? '');
            setOpened(!opened);
          }}
        >
          <IconCalendar size={18} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack
          component="form"
          gap="xs"
          onSubmit={(event: React.FormEvent) => {
            event.preventDefault();
            props.onChange({ from, to });
            setOpened(false);
          }}
        >
          <TextInput
            type="date"
            label="From"
            value={from}
            onChange={(event) => setFrom(event.currentTarget.value)}
          />
          <TextInput
            type="date"
            label="To"
            value={to}
            error={wrong ? 'lies before the first day' : undefined}
            onChange={(event) => setTo(event.currentTarget.value)}
          />
          <Button type="submit" disabled={wrong || from === '' || to === ''}>
            Show
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

/** Chooses the period that a page of figures is about; where it stands is the page's address. */
export function RangePicker(props: {
  readonly period: PeriodSearch;
  /** Today in the listener's calendar. */
  readonly today: string;
  readonly onChange: (period: PeriodSearch) => void;
  /** First and last day of all time, once the server has told them. */
  readonly whole?: { readonly from: string; readonly to: string } | undefined;
}): ReactNode {
  const { period, today, onChange } = props;
  const bounds = boundsOf(period, today) ?? props.whole;
  const range = period.range ?? (period.from ? null : 'all');
  const [before, after] = [neighbour(period, -1, today), neighbour(period, 1, today)];
  const name = bounds ? periodName({ range, ...bounds }) : 'All time';
  const choose = (value: string | null) => {
    const next = RANGES.find((one) => one === value);
    if (next) onChange(changeRange(period, next, today));
  };
  return (
    <Group gap="xs" justify="space-between" component="section" aria-label="Period">
      <SegmentedControl
        data={CHOICES}
        value={range ?? ''}
        onChange={choose}
        visibleFrom="sm"
        aria-label="Length of the period"
      />
      <Select
        data={CHOICES}
        value={range}
        placeholder="Days"
        onChange={choose}
        hiddenFrom="sm"
        w={120}
        allowDeselect={false}
        aria-label="Length of the period"
      />
      <Group gap={6} wrap="nowrap">
        <ActionIcon
          variant="default"
          size="lg"
          disabled={!before}
          onClick={() => before && onChange(before)}
          aria-label="The period before"
        >
          <IconChevronLeft size={18} />
        </ActionIcon>
        <Text fw={600} size="sm" ta="center" miw={104} aria-live="polite">
          {name}
        </Text>
        <ActionIcon
          variant="default"
          size="lg"
          disabled={!after}
          onClick={() => after && onChange(after)}
          aria-label="The period after"
        >
          <IconChevronRight size={18} />
        </ActionIcon>
        <FreeDays period={period} today={today} onChange={onChange} />
      </Group>
    </Group>
  );
}

const MEASURE_NAMES: Readonly<Record<Measure, string>> = { plays: 'Plays', time: 'Time' };

export function MeasureSwitch(props: {
  readonly by: Measure;
  readonly onChange: (by: Measure) => void;
}): ReactNode {
  return (
    <SegmentedControl
      size="xs"
      data={MEASURES.map((value) => ({ value, label: MEASURE_NAMES[value] }))}
      value={props.by}
      onChange={(value) => props.onChange(MEASURES.find((one) => one === value) ?? 'plays')}
      aria-label="Count plays or listening time"
    />
  );
}
