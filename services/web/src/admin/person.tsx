import { Text } from '@mantine/core';
import type { ReactNode } from 'react';

/** A listener by name and handle; whose name reads from right to left keeps it together. */
export function Person({
  person,
}: {
  readonly person: { readonly displayName: string; readonly handle: string };
}): ReactNode {
  return (
    <Text span inherit>
      <bdi>{person.displayName}</bdi>{' '}
      <Text span c="dimmed" size="sm">
        @{person.handle}
      </Text>
    </Text>
  );
}
