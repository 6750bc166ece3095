import { Group, Skeleton, Text, VisuallyHidden } from '@mantine/core';
import { IconArrowDownRight, IconArrowRight, IconArrowUpRight, IconSparkles } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Change } from './figure-words.ts';

/** Readable at the smallest size (WCAG 2.2, 1.4.3), which the theme's own teal is not on white. */
const MORE = 'light-dark(var(--mantine-color-teal-9), var(--mantine-color-teal-4))';

const ARROWS = {
  up: { icon: IconArrowUpRight, color: MORE },
  down: { icon: IconArrowDownRight, color: 'var(--mantine-color-dimmed)' },
  same: { icon: IconArrowRight, color: 'var(--mantine-color-dimmed)' },
  new: { icon: IconSparkles, color: MORE },
} as const;

/** How a figure moved: an arrow and a share for the eye, a sentence for readers. */
export function ChangeMark({ change }: { readonly change: Change | null }): ReactNode {
  if (!change) return null;
  const { icon: Icon, color } = ARROWS[change.direction];
  return (
    <Group gap={2} wrap="nowrap" style={{ color }} title={change.words} component="span">
      <Icon size={14} aria-hidden />
      <Text span size="xs" inherit aria-hidden>
        {change.short}
      </Text>
      <VisuallyHidden>{change.words}</VisuallyHidden>
    </Group>
  );
}

/** A figure with its name; a skeleton of the same height while it is on its way. */
export function Figure(props: {
  readonly name: string;
  readonly value: ReactNode | undefined;
  readonly change?: Change | null | undefined;
  readonly note?: string | null | undefined;
}): ReactNode {
  return (
    <div data-testid="figure">
      <Text size="xs" c="dimmed" tt="uppercase" fw={600}>
        {props.name}
      </Text>
      {props.value === undefined ? (
        <Skeleton height={20} mt={6} mb={6} width="60%" />
      ) : (
        <Group gap="0 6px" align="baseline">
          <Text size="xl" fw={700} lh={1.4} style={{ whiteSpace: 'nowrap' }}>
            {props.value}
          </Text>
          <ChangeMark change={props.change ?? null} />
        </Group>
      )}
      {props.note ? (
        <Text size="xs" c="dimmed">
          {props.note}
        </Text>
      ) : null}
    </div>
  );
}
