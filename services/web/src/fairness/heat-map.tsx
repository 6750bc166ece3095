import { Group, Table, Text } from '@mantine/core';
import type { CountTable } from '@spindle/shuffle';
import { type CSSProperties, type ReactNode, useState } from 'react';
import { AnchorButton } from '../components/anchor-button.tsx';
import { Wide } from '../components/wide.tsx';
import { count } from '../time-words.ts';
import classes from './heat-map.module.css';

/** A cell so much above or below what chance expects has the full colour. */
const FULL = 0.3;

function cellStyle(deviation: number): { style: CSSProperties; 'data-side': 'more' | 'less' } {
  const share = Math.min(1, Math.abs(deviation) / FULL);
  return {
    style: { '--share': `${Math.round(share * 100)}%` } as CSSProperties,
    'data-side': deviation > 0 ? 'more' : 'less',
  };
}

const signed = (share: number): string =>
  `${share > 0 ? '+' : share < 0 ? '−' : ''}${Math.abs(share * 100).toFixed(0)}%`;

/** The scale of the colours, for all maps. */
export function HeatScale(): ReactNode {
  return (
    <Group
      gap="xs"
      wrap="nowrap"
      style={{ whiteSpace: 'nowrap' }}
      role="img"
      aria-label="Blue: too seldom. Grey: as chance says. Orange: too often."
    >
      <Text size="xs" c="dimmed">
        too seldom
      </Text>
      <div className={classes.scale} aria-hidden>
        {[-1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1].map((step) => (
          <div key={step} className={classes.cell} {...cellStyle(step * FULL)} />
        ))}
      </div>
      <Text size="xs" c="dimmed">
        too often
      </Text>
    </Group>
  );
}

/** Smallest and largest of a table, against what chance expects. */
function extremes({ cells, size, rounds }: CountTable) {
  const expected = rounds / size;
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (const cell of cells) {
    least = Math.min(least, cell);
    most = Math.max(most, cell);
  }
  return { expected, least, most };
}

function Numbers({ table, name }: { readonly table: CountTable; readonly name: string }): ReactNode {
  const { size, cells } = table;
  const numbers = Array.from({ length: size }, (_, index) => index);
  return (
    <Wide name={`Numbers of ${name}`}>
      <Table fz={11} horizontalSpacing={4} verticalSpacing={2} withRowBorders={false}>
        <Table.Caption>Row: item. Column: place. How often.</Table.Caption>
        <Table.Thead>
          <Table.Tr>
            <Table.Td />
            {numbers.map((place) => (
              <Table.Th key={place} scope="col" ta="right">
                {place + 1}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {numbers.map((item) => (
            <Table.Tr key={item}>
              <Table.Th scope="row">{item + 1}</Table.Th>
              {numbers.map((place) => (
                <Table.Td key={place} ta="right">
                  {cells[place * size + item]}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}

/** How often each item came to each place, in colours; in words for readers, and in numbers on demand. */
export function HeatMap({ table, name }: { readonly table: CountTable; readonly name: string }): ReactNode {
  const [asNumbers, setAsNumbers] = useState(false);
  const { size, cells } = table;
  const { expected, least, most } = extremes(table);
  const share = (value: number) => value / expected - 1;
  const words = `Expected at each place: ${count(Math.round(expected))} times. Least ${count(least)} (${signed(share(least))}), most ${count(most)} (${signed(share(most))}).`;
  return (
    <div>
      <div
        className={classes.map}
        style={{ gridTemplateColumns: `repeat(${size}, 1fr)` }}
        role="img"
        aria-label={`${name}: how often each of ${size} items came to each of ${size} places. ${words}`}
      >
        {Array.from({ length: size * size }, (_, index) => {
          // Rows are items here, columns places, as one reads a list from left to right.
          const item = Math.floor(index / size);
          const place = index % size;
          const value = cells[place * size + item] ?? 0;
          return (
            <div
              // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its place
              key={index}
              className={classes.cell}
              title={`Item ${item + 1} at place ${place + 1}: ${count(value)} (${signed(share(value))})`}
              {...cellStyle(share(value))}
            />
          );
        })}
      </div>
      <Group justify="space-between" className={classes.axis} mt={4} mb="xs" wrap="nowrap" aria-hidden>
        <Text size="xs" c="dimmed">
          ↓ item
        </Text>
        <Text size="xs" c="dimmed">
          place →
        </Text>
      </Group>
      <Text size="xs" c="dimmed" mih={54}>
        {words}{' '}
        <AnchorButton expanded={asNumbers} onClick={() => setAsNumbers(!asNumbers)}>
          {asNumbers ? 'Hide the numbers' : 'All numbers'}
        </AnchorButton>
      </Text>
      {asNumbers ? <Numbers table={table} name={name} /> : null}
    </div>
  );
}
