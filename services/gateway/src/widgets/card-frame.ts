import type { WidgetOptions } from '@spindle/contracts';
import { escapeXml } from '../pictures/svg-text.ts';
import type { CardUser } from './card-data.ts';
import { EQUALISER_WIDTH, equaliser, MOTION } from './motion.ts';
import { oneLine, type Pen, penOf, px, rect, spotifyLink } from './pen.ts';
import { type FontName, type Inks, type Look, lookOf } from './theme.ts';

/** Where a card's own part goes. px. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** What a card's own part is drawn with. */
export interface Canvas {
  readonly pen: Pen;
  readonly look: Look;
  readonly options: WidgetOptions;
}

export interface Drawn {
  readonly svg: string;
  /** px below the area's `y`. */
  readonly height: number;
}

export interface CardContent {
  /** Null: nobody's. */
  readonly user: CardUser | null;
  /** Said to screen readers: in a few words, and in full. */
  readonly title: string;
  readonly description: string;
  readonly heading: string;
  /** What a terminal would be asked for this. */
  readonly command: string;
  /** Bars before the heading. */
  readonly equaliser?: 'moving' | 'still';
  /** Whether the card's own part moves. */
  readonly moves?: boolean;
  /** px, unless the options say. */
  readonly width: number;
  /** `strip`: one line without heading and footer. */
  readonly form: 'full' | 'strip';
  readonly draw: (area: Area, canvas: Canvas) => Drawn;
}

const FONTS: Readonly<Record<FontName, string>> = {
  sans: "system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','Helvetica Neue',Arial,sans-serif",
  mono: "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace",
  serif: "Georgia,'Iowan Old Style','Noto Serif','Times New Roman',serif",
};

const inkRules = (inks: Inks): string =>
  `.g{fill:${inks.bg}}.t{fill:${inks.text}}.m{fill:${inks.muted}}.a{fill:${inks.accent}}.k{fill:${inks.track}}.b{stroke:${inks.border}}`;

function styleSheet(look: Look, moves: boolean): string {
  const dark = look.darkInks ? `@media (prefers-color-scheme:dark){${inkRules(look.darkInks)}}` : '';
  const links = 'a{text-decoration:none}a:hover .t,a:focus .t{text-decoration:underline}';
  return `<style>${inkRules(look.inks)}${dark}${links}${moves ? MOTION : ''}</style>`;
}

function ground(width: number, height: number, look: Look): string {
  const { bg, bgTo } = look.inks;
  const gradient = bgTo
    ? `<linearGradient id="ground" x1="0" y1="0" x2="1" y2="1"><stop stop-color="${bg}"/><stop offset="1" stop-color="${bgTo}"/></linearGradient>`
    : '';
  // The border lies within the picture, half a pixel from its edge.
  const radius = Math.max(0, Math.min(look.radius, height / 2) - 0.5);
  const shape = `x=".5" y=".5" width="${px(width - 1)}" height="${px(height - 1)}" rx="${px(radius)}"`;
  return `${gradient}<rect class="g b" ${shape}${bgTo ? ' style="fill:url(#ground)"' : ''}/>`;
}

const PADDING = 20;
const STRIP_PADDING = 10;
const SMALL = 11;
const ATTRIBUTION = 'Data from Spotify';
const SPOTIFY = 'https://open.spotify.com/';

/** The heading's line and what it takes of the height. */
function header(content: CardContent, canvas: Canvas, width: number, top: number): Drawn {
  const { pen, options, look } = canvas;
  const room = width - 2 * PADDING;
  const words = options.title ?? content.heading;
  const baseline = top + 11;
  const bars = content.equaliser ? EQUALISER_WIDTH + 8 : 0;
  const heading = look.terminal ? `$ ${options.title ?? content.command}` : words;
  const wanted = pen.measure(heading, { size: 13, bold: true }) + 2;
  const right = options.showFooter ? (look.terminal ? '' : (content.user?.name ?? '')) : 'Spotify';
  // The heading goes before a name; what Spotify asks for goes before the heading.
  const kept = options.showFooter ? 0 : pen.measure(right, { size: 12 }) + 14;
  const headingRoom = Math.min(wanted, room - bars - kept - (look.terminal ? 14 : 0));
  const rest = room - bars - headingRoom - 12;
  const side = { size: 12, ink: 'muted', width: rest, anchor: 'end' } as const;
  const cursor =
    look.terminal && options.animate
      ? rect(
          { x: PADDING + bars + headingRoom + 4, y: baseline - 11, width: 8, height: 14 },
          `a${content.moves ? ' blink' : ''}`,
        )
      : '';
  return {
    height: 13 + 16,
    svg: [
      content.equaliser ? equaliser(PADDING, baseline, content.equaliser === 'moving') : '',
      pen.text(PADDING + bars, baseline, heading, {
        size: 13,
        ink: 'accent',
        bold: true,
        width: headingRoom,
      }),
      cursor,
      rest > 40 || kept > 0 ? pen.text(width - PADDING, baseline, right, side) : '',
    ].join(''),
  };
}

function footer(content: CardContent, { pen, options }: Canvas, width: number, top: number): Drawn {
  const baseline = top + 14 + SMALL;
  const shown = options.showFooter ? ATTRIBUTION : 'Spotify';
  const room = pen.measure(shown, { size: SMALL }) + 2;
  const rest = width - 2 * PADDING - room - 12;
  const note = options.showFooter && content.user ? `@${content.user.handle}` : '';
  return {
    height: 14 + SMALL + 2,
    svg: [
      spotifyLink(
        SPOTIFY,
        'Spotify',
        pen.text(PADDING, baseline, shown, { size: SMALL, ink: 'muted', width: room }),
      ),
      pen.text(width - PADDING, baseline, note, { size: SMALL, ink: 'muted', width: rest, anchor: 'end' }),
    ].join(''),
  };
}

/** A terminal's window bar. */
function windowBar(content: CardContent, { pen }: Canvas, width: number): Drawn {
  const dots = ['ff5f57', 'febc2e', '28c840'].map(
    (fill, index) => `<circle cx="${PADDING + 5 + index * 17}" cy="16" r="5" fill="#${fill}"/>`,
  );
  const name = content.user ? `${content.user.handle}@spindle: ~` : 'spindle: ~';
  const title = pen.text(width / 2, 20, name, {
    size: 11,
    ink: 'muted',
    width: Math.max(0, width - 2 * (PADDING + 60)),
    anchor: 'middle',
  });
  const line = `<path class="b" d="M1 31.5H${px(width - 1)}"/>`;
  return { height: 32, svg: dots.join('') + title + line };
}

/** A card of the widths and parts that the options ask for: SVG that needs nothing from outside. */
export function cardFrame(content: CardContent, options: WidgetOptions): string {
  const look = lookOf(options);
  const canvas: Canvas = { look, options, pen: penOf(look.font === 'mono') };
  const width = options.width ?? content.width;
  const parts: Drawn[] = [];
  let height = 0;
  const add = (drawn: Drawn) => {
    parts.push(drawn);
    height += drawn.height;
  };
  if (content.form === 'strip') {
    height = STRIP_PADDING;
    const sign = 'Spotify';
    const signWidth = Math.ceil(canvas.pen.measure(sign, { size: SMALL })) + 2;
    const inner = width - 2 * STRIP_PADDING - 4;
    add(content.draw({ x: STRIP_PADDING, y: height, width: inner - signWidth - 12 }, canvas));
    const middle = STRIP_PADDING + (height - STRIP_PADDING) / 2;
    const at = { size: SMALL, ink: 'muted', width: signWidth, anchor: 'end' } as const;
    add({
      height: STRIP_PADDING,
      svg: spotifyLink(SPOTIFY, sign, canvas.pen.text(width - STRIP_PADDING - 4, middle + 4, sign, at)),
    });
  } else {
    if (look.terminal) add(windowBar(content, canvas, width));
    height += PADDING - 2;
    if (options.showHeader) add(header(content, canvas, width, height));
    add(content.draw({ x: PADDING, y: height, width: width - 2 * PADDING }, canvas));
    if (options.showFooter || !options.showHeader) add(footer(content, canvas, width, height));
    height += PADDING - 4;
  }
  height = Math.ceil(height);
  const inside = parts.map((part) => part.svg).join('');
  const moves = (content.moves ?? false) && options.animate;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title desc" font-family="${FONTS[look.font]}">`,
    `<title id="title">${escapeXml(oneLine(content.title))}</title><desc id="desc">${escapeXml(oneLine(content.description))}</desc>`,
    styleSheet(look, moves),
    ground(width, height, look),
    inside,
    '</svg>',
  ].join('');
}
