import { Skeleton, VisuallyHidden } from '@mantine/core';
import { lazy, type ReactNode, Suspense } from 'react';

const SeriesDrawn = lazy(() => import('./series-drawn.tsx'));
const HEIGHT = 180;

export interface SeriesProps {
  /** In the order in which they are drawn. */
  readonly points: readonly { readonly label: string; readonly value: number }[];
  /** What happened, as bars; how much there was, as a line. */
  readonly kind: 'bars' | 'line';
  /** What the values are: "Tracks". */
  readonly name: string;
  /** What the labels are: "Year". */
  readonly by: string;
  readonly format: (value: number) => string;
}

/** Values in a row, drawn, and the same as a table for readers. */
export function SeriesChart(props: SeriesProps): ReactNode {
  const { points, name, by, format } = props;
  return (
    <figure style={{ margin: 0 }}>
      <Suspense fallback={<Skeleton height={HEIGHT} radius="md" />}>
        <SeriesDrawn {...props} height={HEIGHT} />
      </Suspense>
      <VisuallyHidden>
        <table>
          <caption>
            {name} by {by.toLowerCase()}
          </caption>
          <thead>
            <tr>
              <th>{by}</th>
              <th>{name}</th>
            </tr>
          </thead>
          <tbody>
            {points
              .filter(({ value }) => value !== 0)
              .map(({ label, value }) => (
                <tr key={label}>
                  <th>{label}</th>
                  <td>{format(value)}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </VisuallyHidden>
    </figure>
  );
}
