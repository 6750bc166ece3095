import { Anchor } from '@mantine/core';
import type { ReactNode } from 'react';

/** A button in running text that opens something, looking like a link. */
export function AnchorButton(props: {
  readonly expanded: boolean;
  readonly controls?: string;
  readonly onClick: () => void;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <Anchor
      component="button"
      type="button"
      inherit
      underline="always"
      aria-expanded={props.expanded}
      aria-controls={props.controls}
      onClick={props.onClick}
    >
      {props.children}
    </Anchor>
  );
}
