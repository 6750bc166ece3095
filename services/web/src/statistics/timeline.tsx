import { Skeleton, Table, Text, VisuallyHidden } from '@mantine/core';
import type { Measure, TimelineStep } from '@spindle/contracts';
import { lazy, type ReactNode, Suspense } from 'react';
import { fullDate, monthName, shortDate } from './calendar.ts';
import { inMeasure, listeningTime, plays } from './figure-words.ts';

const TimelineBars = lazy(() => import('./timeline-bars.tsx'));
const HEIGHT = 220;

interface Point {
  readonly at: string;
  readonly plays: number;
  readonly msPlayed: number;
}

/** A step's own name: "14:00", "3 Nov 2026", "November 2026". */
function stepName(at: string, by: TimelineStep): string {
  if (by === 'hour') return at.slice(11);
  if (by === 'month') return monthName(at);
  if (by === 'year') return at.slice(0, 4);
  return by === 'week' ? `week of ${shortDate(at)}` : shortDate(at);
}

/** Bars step by step, and the same as a table for readers. */
export function TimelineChart(props: {
  readonly points: readonly Point[] | undefined;
  readonly step: TimelineStep;
  readonly by: Measure;
}): ReactNode {
  const { points, step, by } = props;
  if (!points) return <Skeleton height={HEIGHT} radius="md" />;
  if (points.every((point) => point.plays === 0)) {
    return (
      <Text c="dimmed" h={HEIGHT} ta="center" style={{ display: 'grid', placeItems: 'center' }}>
        Nothing was played in this period.
      </Text>
    );
  }
  const most = points.reduce((best, point) => (point.plays > best.plays ? point : best), points[0] as Point);
  return (
    <figure style={{ margin: 0 }}>
      <Suspense fallback={<Skeleton height={HEIGHT} radius="md" />}>
        <TimelineBars
          bars={points.map((point) => ({ ...point, label: stepName(point.at, step) }))}
          by={by}
          height={HEIGHT}
        />
      </Suspense>
      <VisuallyHidden>
        <Table>
          <caption>
            Listening by {step}. Most: {inMeasure(most, by)},{' '}
            {step === 'hour' ? stepName(most.at, step) : fullDate(most.at)}.
          </caption>
          <thead>
            <tr>
              <th>{step}</th>
              <th>Plays</th>
              <th>Listening time</th>
            </tr>
          </thead>
          <tbody>
            {points
              .filter((point) => point.plays > 0)
              .map((point) => (
                <tr key={point.at}>
                  <th>{stepName(point.at, step)}</th>
                  <td>{plays(point.plays)}</td>
                  <td>{listeningTime(point.msPlayed)}</td>
                </tr>
              ))}
          </tbody>
        </Table>
      </VisuallyHidden>
    </figure>
  );
}
