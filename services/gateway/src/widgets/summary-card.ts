import type { WidgetOptions } from '@spindle/contracts';
import type { SummaryCardData } from './card-data.ts';
import { type Area, type Canvas, cardFrame, type Drawn } from './card-frame.ts';
import { px } from './pen.ts';
import { compactNumber, counted, duration } from './words.ts';

interface Figure {
  readonly value: string;
  readonly what: string;
}

const plural = (count: number, what: string) => (count === 1 ? what : `${what}s`);

function figuresOf(data: SummaryCardData): Figure[] {
  return [
    { value: compactNumber(data.plays), what: plural(data.plays, 'play') },
    { value: compactNumber(data.tracks), what: plural(data.tracks, 'track') },
    { value: compactNumber(data.artists), what: plural(data.artists, 'artist') },
    { value: compactNumber(data.streakDays), what: 'day streak' },
  ];
}

/** Figures beside one another, each under a rule of its own; in two lines where there is no room. */
function drawFigures(figures: readonly Figure[], area: Area, { pen }: Canvas): Drawn {
  const columns = area.width < 360 ? Math.ceil(figures.length / 2) : figures.length;
  const step = (area.width + 16) / columns;
  const width = step - 16;
  const tall = 46;
  const size = width < 80 ? 17 : 22;
  const svg = figures.map(({ value, what }, index) => {
    const x = area.x + (index % columns) * step;
    const y = area.y + Math.floor(index / columns) * (tall + 10);
    return (
      pen.text(x, y + 22, value, { size, ink: 'text', bold: true, width }) +
      pen.text(x, y + 41, what, { size: width < 80 ? 11 : 12, ink: 'muted', width })
    );
  });
  return { svg: svg.join(''), height: Math.ceil(figures.length / columns) * (tall + 10) - 10 };
}

function drawCard(data: SummaryCardData, area: Area, canvas: Canvas): Drawn {
  const hero = canvas.pen.pair(area.x, area.y + 36, duration(data.msPlayed), 'of listening', {
    size: 40,
    restSize: 14,
    width: area.width,
    nameFirst: true,
  });
  const line = `<path class="b" d="M${px(area.x)} ${px(area.y + 54.5)}h${px(area.width)}"/>`;
  const figures = drawFigures(figuresOf(data), { ...area, y: area.y + 68 }, canvas);
  return { svg: hero + line + figures.svg, height: 68 + figures.height };
}

/** What somebody's listening in a period comes to. */
export function summaryCard(data: SummaryCardData, options: WidgetOptions): string {
  const row = options.layout === 'row';
  const figures = figuresOf(data).map(({ value, what }) => `${value} ${what}`);
  return cardFrame(
    {
      user: data.user,
      title: `${data.user.name}: listening ${data.label}`.trim(),
      description: `${duration(data.msPlayed)} of listening, ${counted(data.plays, 'play')}; ${figures.slice(1).join(', ')}. Data from Spotify.`,
      heading: data.label ? `Listening · ${data.label}` : 'Listening',
      command: `summary --range=${options.range}`,
      width: row ? 640 : 460,
      form: 'full',
      draw: (area, canvas) =>
        row
          ? drawFigures(
              [{ value: duration(data.msPlayed), what: 'listening' }, ...figuresOf(data)],
              area,
              canvas,
            )
          : drawCard(data, area, canvas),
    },
    options,
  );
}
