import type { WidgetOptions } from '@spindle/contracts';
import type { StreakCardData } from './card-data.ts';
import { type Area, type Canvas, cardFrame, type Drawn } from './card-frame.ts';
import { px, rect } from './pen.ts';
import { counted, number } from './words.ts';

/** A flame of 24 × 24, drawn in accent; pale when the streak is broken. */
function flame(x: number, y: number, size: number, burning: boolean): string {
  const scale = size / 24;
  return `<path class="${burning ? 'a' : 'k'}" transform="translate(${px(x)} ${px(y)}) scale(${px(scale)})" d="M13.2 1.5c.6 3.4-.7 5.3-2.5 7.3-.6-1-1-1.8-1-3.100C6.4 8.3 4.5 11.5 4.5 14.900a7.5 7.5 0 0 0 15 0c0-5-3-9.6-6.3-13.400Zm-1.1 19a3.4 3.4 0 0 1-3.4-3.400c0-2 1.3-3.2 2.6-4.9 2.3 1.3 4.2 2.8 4.2 4.900a3.4 3.4 0 0 1-3.4 3.400Z"/>`;
}

const inARow = (days: number) => `${days === 1 ? 'day' : 'days'} in a row`;

function drawCard(data: StreakCardData, area: Area, { pen, look }: Canvas): Drawn {
  const { x, y, width } = area;
  const days = number(data.current);
  const big = { size: 44, ink: 'text', bold: true } as const;
  const numberWidth = Math.min(width * 0.5, pen.measure(days, big));
  const left = x + 54;
  const words = left + numberWidth + 8;
  const share = Math.min(1, Math.max(0, data.plays / Math.max(1, data.nextMilestone)));
  const bar = { x, y: y + 68, width, height: 6 };
  const radius = look.terminal ? 0 : 3;
  const toGo = Math.max(0, data.nextMilestone - data.plays);
  const half = { size: 12, ink: 'muted', width: width / 2 - 6 } as const;
  return {
    height: 96,
    svg: [
      flame(x - 2, y - 2, 50, data.current > 0),
      pen.text(left, y + 39, days, { ...big, width: numberWidth }),
      pen.text(words, y + 20, inARow(data.current), { size: 13, ink: 'text', width: x + width - words }),
      pen.text(words, y + 38, `longest ${number(data.longest)}`, {
        size: 12,
        ink: 'muted',
        width: x + width - words,
      }),
      rect(bar, 'k', radius),
      rect({ ...bar, width: Math.max(6, width * share) }, 'a', radius),
      pen.text(x, y + 92, counted(data.plays, 'play'), half),
      pen.text(x + width, y + 92, `${number(toGo)} to ${number(data.nextMilestone)}`, {
        ...half,
        anchor: 'end',
      }),
    ].join(''),
  };
}

function drawRow(data: StreakCardData, area: Area, { pen }: Canvas): Drawn {
  const left = area.x + 36;
  return {
    height: 28,
    svg:
      flame(area.x + 2, area.y + 1, 26, data.current > 0) +
      pen.pair(
        left,
        area.y + 18.5,
        `${number(data.current)} ${inARow(data.current)}`,
        `longest ${number(data.longest)}`,
        { size: 13, width: area.x + area.width - left, nameFirst: true },
      ),
  };
}

/** How many days in a row somebody has listened. */
export function streakCard(data: StreakCardData, options: WidgetOptions): string {
  const row = options.layout === 'row';
  return cardFrame(
    {
      user: data.user,
      title: `${data.user.name}: ${number(data.current)} ${inARow(data.current)}`,
      description: `Listening streak: ${number(data.current)} ${inARow(data.current)}, longest ${number(data.longest)}; ${counted(data.plays, 'play')}. Data from Spotify.`,
      heading: 'Listening streak',
      command: 'streak',
      width: row ? 360 : 380,
      form: row ? 'strip' : 'full',
      draw: (area, canvas) => (row ? drawRow(data, area, canvas) : drawCard(data, area, canvas)),
    },
    options,
  );
}
