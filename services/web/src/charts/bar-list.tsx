import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './bar-list.module.css';

/** A few named values, each with a bar in proportion to the largest. */
export function BarList(props: {
  readonly items: readonly {
    readonly key: string;
    readonly name: ReactNode;
    readonly value: number;
    readonly words: string;
  }[];
}): ReactNode {
  const most = Math.max(1, ...props.items.map(({ value }) => value));
  return (
    <ul className={classes.list}>
      {props.items.map(({ key, name, value, words }) => (
        <li key={key}>
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            {name}
          </Text>
          <div className={classes.track} aria-hidden>
            {value > 0 ? <div className={classes.bar} style={{ width: `${(value / most) * 100}%` }} /> : null}
          </div>
          <Text size="sm" ta="right">
            {words}
          </Text>
        </li>
      ))}
    </ul>
  );
}
