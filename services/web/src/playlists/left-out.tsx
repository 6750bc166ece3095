import { List, Stack, Text } from '@mantine/core';
import { LEFT_OUT_NAMES, type LeftOut, type LeftOutNames } from '@spindle/contracts';
import { type ReactNode, useId, useState } from 'react';
import { AnchorButton } from '../components/anchor-button.tsx';
import { leftOutEntries, leftOutWords } from './playlist-words.ts';

/** What of the source is not in the playlist and why; names on demand. Nothing when all of it is. */
export function LeftOutNote(props: { readonly leftOut: LeftOut; readonly names?: LeftOutNames }): ReactNode {
  const { leftOut, names = [] } = props;
  const [opened, setOpened] = useState(false);
  const id = useId();
  const entries = leftOutEntries(leftOut);
  if (entries.length === 0) return null;
  return (
    <Stack gap={4}>
      <Text size="sm" c="dimmed">
        Left out: {entries.map(({ reason, items }) => leftOutWords(reason, items)).join(', ')}.{' '}
        {names.length > 0 ? (
          <AnchorButton expanded={opened} controls={id} onClick={() => setOpened(!opened)}>
            {opened ? 'Hide them' : 'Which?'}
          </AnchorButton>
        ) : null}
      </Text>
      <List id={id} size="sm" c="dimmed" hidden={!opened} style={{ overflowWrap: 'anywhere' }}>
        {names.map(({ reason, name }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the same name may be left out twice
          <List.Item key={index}>
            <bdi>{name}</bdi>{' '}
            <Text span inherit>
              ({leftOutWords(reason, 1).replace(/^1 /, '')})
            </Text>
          </List.Item>
        ))}
        {names.length >= LEFT_OUT_NAMES ? <List.Item>and more</List.Item> : null}
      </List>
    </Stack>
  );
}
