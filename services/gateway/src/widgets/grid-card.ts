import type { WidgetOptions } from '@spindle/contracts';
import type { GridCardData } from './card-data.ts';
import { type Area, type Canvas, cardFrame, type Drawn } from './card-frame.ts';
import { px } from './pen.ts';
import { counted } from './words.ts';

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
const FULL_DAYS = [
  'Mondays',
  'Tuesdays',
  'Wednesdays',
  'Thursdays',
  'Fridays',
  'Saturdays',
  'Sundays',
] as const;
const HOURS = 24;

/** Strength of the accent from few plays to many. */
const STRENGTHS = [0.28, 0.46, 0.64, 0.82, 1] as const;

/** Step of a cell; the root keeps one busy hour from paling all others. */
function stepOf(plays: number, most: number): number {
  return Math.min(STRENGTHS.length - 1, Math.floor(Math.sqrt(plays / most) * STRENGTHS.length));
}

function cellsOf(data: GridCardData, at: Area, step: number): string {
  const most = Math.max(1, ...data.cells);
  const gap = step > 14 ? 3 : 2;
  const size = step - gap;
  const shape = `width="${px(size)}" height="${px(size)}" rx="${px(Math.min(3, size / 4))}"`;
  return DAYS.map((_, day) =>
    Array.from({ length: HOURS }, (__, hour) => {
      const plays = data.cells[day * HOURS + hour] ?? 0;
      const place = `x="${px(at.x + hour * step)}" y="${px(at.y + day * step)}"`;
      if (plays <= 0) return `<rect class="k" ${place} ${shape}/>`;
      return `<rect class="a" opacity="${STRENGTHS[stepOf(plays, most)]}" ${place} ${shape}/>`;
    }).join(''),
  ).join('');
}

/** The busiest hour in words; null without plays. */
function busiest(cells: readonly number[]): string | null {
  const most = Math.max(...cells, 0);
  if (most <= 0) return null;
  const at = cells.indexOf(most);
  return `Most on ${FULL_DAYS[Math.floor(at / HOURS)] ?? ''} at ${at % HOURS}:00`;
}

function draw(data: GridCardData, area: Area, { pen, options }: Canvas): Drawn {
  const compact = options.layout === 'compact';
  const labels = compact ? 0 : 34;
  const step = (area.width - labels) / HOURS;
  const left = area.x + labels;
  const style = { size: 11, ink: 'muted' } as const;
  const height = 7 * step;
  const cells = cellsOf(data, { x: left, y: area.y, width: area.width }, step);
  if (compact) return { svg: cells, height };
  const small = step < 12;
  const days = DAYS.map((day, index) =>
    small && index % 2 === 1
      ? ''
      : pen.text(area.x, area.y + (index + 0.5) * step + 2.5, day, { ...style, width: labels - 4 }),
  );
  const hours = [0, 6, 12, 18].map((hour) =>
    pen.text(left + hour * step, area.y + height + 13, `${hour}:00`, { ...style, width: 6 * step }),
  );
  const legendY = area.y + height + 26;
  const words = busiest(data.cells) ?? 'Nothing played in this time';
  const legendWidth = 6 * 14 + 70;
  const legendLeft = area.x + area.width - legendWidth;
  const squares = [0, ...STRENGTHS].map((strength, index) => {
    const place = `x="${px(legendLeft + 34 + index * 14)}" y="${px(legendY)}" width="11" height="11" rx="2.5"`;
    return strength === 0 ? `<rect class="k" ${place}/>` : `<rect class="a" opacity="${strength}" ${place}/>`;
  });
  const legend =
    area.width < 340
      ? ''
      : [
          pen.text(legendLeft + 28, legendY + 9.5, 'Less', { ...style, width: 28, anchor: 'end' }),
          ...squares,
          pen.text(area.x + area.width, legendY + 9.5, 'More', { ...style, width: 34, anchor: 'end' }),
        ].join('');
  const room = area.width - (legend ? legendWidth + 8 : 0);
  return {
    svg: [
      cells,
      ...days,
      ...hours,
      pen.text(area.x, legendY + 10, words, { size: 12, ink: 'text', width: room }),
      legend,
    ].join(''),
    height: height + 40,
  };
}

/** When in the week somebody listens: 7 days × 24 hours. */
export function gridCard(data: GridCardData, options: WidgetOptions): string {
  const plays = data.cells.reduce((sum, cell) => sum + Math.max(0, cell), 0);
  return cardFrame(
    {
      user: data.user,
      title: `When ${data.user.name} listens`,
      description: [counted(plays, 'play'), data.label, busiest(data.cells)].filter(Boolean).join('. '),
      heading: data.label ? `Listening week · ${data.label}` : 'Listening week',
      command: `listening-week --range=${options.range}`,
      width: options.layout === 'compact' ? 360 : 500,
      form: 'full',
      draw: (area, canvas) => draw(data, area, canvas),
    },
    options,
  );
}
