import { BarChart } from '@mantine/charts';
import type { Measure } from '@spindle/contracts';
import type { ReactNode } from 'react';
import { inMeasure, measured } from './figure-words.ts';

export interface Bar {
  /** Shown at the axis and in the tooltip. */
  readonly label: string;
  readonly plays: number;
  readonly msPlayed: number;
}

/** The drawn part of a timeline, in a chunk of its own: charts weigh more than all pages together. */
export default function TimelineBars(props: {
  readonly bars: readonly Bar[];
  readonly by: Measure;
  readonly height: number;
}): ReactNode {
  const { bars, by } = props;
  const data = bars.map((bar) => ({ label: bar.label, value: measured(bar, by), figures: bar }));
  const words = (value: number) => inMeasure({ plays: value, msPlayed: value }, by);
  return (
    <BarChart
      h={props.height}
      data={data}
      dataKey="label"
      series={[{ name: 'value', label: by === 'plays' ? 'Plays' : 'Listening time', color: 'spindle.5' }]}
      valueFormatter={words}
      withYAxis={false}
      gridAxis="none"
      tickLine="none"
      minBarSize={2}
      barProps={{ radius: [4, 4, 0, 0], isAnimationActive: false }}
      xAxisProps={{ minTickGap: 24, interval: 'preserveStartEnd' }}
      tooltipAnimationDuration={0}
      barChartProps={{ accessibilityLayer: false }}
      aria-hidden
    />
  );
}
