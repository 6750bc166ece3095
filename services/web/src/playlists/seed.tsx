import { ActionIcon, Code, CopyButton, Group, Text, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import type { ReactNode } from 'react';

/** A button that copies a text. */
export function CopyIcon({ value, what }: { readonly value: string; readonly what: string }): ReactNode {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : `Copy ${what}`} withArrow>
          <ActionIcon
            variant="subtle"
            color="gray"
            onClick={copy}
            aria-label={copied ? 'Copied' : `Copy ${what}`}
          >
            {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}

/** The seed of a shuffle, from which its order comes again. */
export function Seed({ seed }: { readonly seed: string }): ReactNode {
  return (
    <Group gap={6} wrap="nowrap">
      <Text size="sm" c="dimmed">
        Seed
      </Text>
      <Code style={{ overflowWrap: 'anywhere', minWidth: 0 }} data-testid="seed">
        {seed}
      </Code>
      <CopyIcon value={seed} what="the seed" />
    </Group>
  );
}
