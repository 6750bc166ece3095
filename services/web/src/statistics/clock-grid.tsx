import { Skeleton, VisuallyHidden } from '@mantine/core';
import type { ListeningClock, Measure } from '@spindle/contracts';
import type { CSSProperties, ReactNode } from 'react';
import classes from './clock-grid.module.css';
import { inMeasure, measured } from './figure-words.ts';

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
const hourName = (hour: number) => `${String(hour).padStart(2, '0')}:00`;

/** Hours of the week as a grid, the more the stronger; a real table, so that it can be read. */
export function ClockGrid(props: {
  readonly cells: ListeningClock['cells'] | undefined;
  readonly by: Measure;
}): ReactNode {
  const { cells, by } = props;
  if (!cells) return <Skeleton height={236} radius="md" />;
  const most = Math.max(1, ...cells.map((cell) => measured(cell, by)));
  return (
    <div className={classes.frame}>
      <table className={classes.grid}>
        <caption>
          <VisuallyHidden>Listening by weekday and hour</VisuallyHidden>
        </caption>
        <thead>
          <tr>
            <td />
            {HOURS.map((hour) => (
              <th key={hour} scope="col" className={classes.hour}>
                <span aria-hidden>{hour % 6 === 0 ? hour : ''}</span>
                <VisuallyHidden>{hourName(hour)}</VisuallyHidden>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {DAYS.map((day, index) => (
            <tr key={day}>
              <th scope="row" className={classes.day}>
                <span aria-hidden>{day.slice(0, 2)}</span>
                <VisuallyHidden>{day}</VisuallyHidden>
              </th>
              {cells.slice(index * 24, index * 24 + 24).map((cell) => {
                const words = inMeasure(cell, by);
                const share = measured(cell, by) / most;
                return (
                  <td
                    key={cell.hour}
                    className={classes.cell}
                    style={{ '--share': share === 0 ? 0 : 0.12 + 0.88 * share } as CSSProperties}
                    title={`${day}, ${hourName(cell.hour)}: ${words}`}
                  >
                    <VisuallyHidden>{words}</VisuallyHidden>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
