import { Drawer } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { ReactNode } from 'react';

/** Something that is done beside the queue: from below on a phone, where the thumb is; else from the side. */
export function Sheet(props: {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly title: string;
  /** As high as the screen, for what has a list of its own. */
  readonly isTall?: boolean;
  readonly children: ReactNode;
}): ReactNode {
  const isWide = useMediaQuery('(min-width: 48em)') ?? false;
  return (
    <Drawer
      opened={props.opened}
      onClose={props.onClose}
      title={props.title}
      position={isWide ? 'right' : 'bottom'}
      size={isWide ? 'md' : props.isTall ? '94dvh' : 'auto'}
      closeButtonProps={{ 'aria-label': 'Close', size: 44 }}
      styles={{
        title: { fontWeight: 650 },
        content: isWide
          ? {}
          : {
              borderTopLeftRadius: 'var(--mantine-radius-lg)',
              borderTopRightRadius: 'var(--mantine-radius-lg)',
              maxHeight: '94dvh',
            },
        body: { paddingBottom: 'max(var(--mantine-spacing-lg), env(safe-area-inset-bottom))' },
      }}
    >
      {props.children}
    </Drawer>
  );
}
