import { Button, Group } from '@mantine/core';
import type { ReactNode } from 'react';

/** The button below a list that shows the next page of it; nothing at its end. */
export function More(props: {
  readonly list: {
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    readonly fetchNextPage: () => Promise<unknown>;
  };
}): ReactNode {
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = props.list;
  return hasNextPage ? (
    <Group justify="center" mt="sm">
      <Button size="xs" variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
        Show more
      </Button>
    </Group>
  ) : null;
}
