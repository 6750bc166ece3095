import { AreaChart, BarChart } from '@mantine/charts';
import type { ReactNode } from 'react';
import type { SeriesProps } from './series-chart.tsx';

/** The drawn part of a series, in a chunk of its own: charts weigh more than all pages together. */
export default function SeriesDrawn(props: SeriesProps & { readonly height: number }): ReactNode {
  const { points, kind, name, format } = props;
  const series = [{ name: 'value', label: name, color: 'spindle.5' }];
  const shared = {
    h: props.height,
    data: points.map(({ label, value }) => ({ label, value })),
    dataKey: 'label',
    valueFormatter: format,
    gridAxis: 'none',
    tickLine: 'none',
    xAxisProps: { minTickGap: 24, interval: 'preserveStartEnd' },
    tooltipAnimationDuration: 0,
    'aria-hidden': true,
  } as const;
  if (kind === 'bars') {
    return (
      <BarChart
        {...shared}
        series={series}
        withYAxis={false}
        minBarSize={2}
        barProps={{ radius: [3, 3, 0, 0], isAnimationActive: false }}
        barChartProps={{ accessibilityLayer: false }}
      />
    );
  }
  return (
    <AreaChart
      {...shared}
      series={series}
      curveType="linear"
      withDots={points.length < 40}
      fillOpacity={0.15}
      // A stock of thousands moves by a few: the axis shows where it moves.
      yAxisProps={{ domain: ['auto', 'auto'], width: 48 }}
      areaProps={{ isAnimationActive: false }}
      areaChartProps={{ accessibilityLayer: false }}
    />
  );
}
