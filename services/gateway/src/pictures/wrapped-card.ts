import type { TopItem, Wrapped } from '@spindle/contracts';
import { escapeXml, fitText, isRightToLeft } from './svg-text.ts';

/** Size of the picture, px: what phones show full screen without cutting. */
const WIDTH = 1080;
const HEIGHT = 1350;
const MARGIN = 84;
const COLUMN = (WIDTH - 3 * MARGIN + 36) / 2;
const LISTED = 5;

export type CardTheme = 'dark' | 'light';

interface Palette {
  readonly from: string;
  readonly to: string;
  readonly ink: string;
  readonly faint: string;
  readonly accent: string;
  readonly bar: string;
}

const PALETTES: Readonly<Record<CardTheme, Palette>> = {
  dark: {
    from: '#14172b',
    to: '#0b1d1c',
    ink: '#f4f5fb',
    faint: '#a9b0c8',
    accent: '#7ee2b8',
    bar: '#2c3a55',
  },
  light: {
    from: '#fbf6ee',
    to: '#e6f2ec',
    ink: '#1a2030',
    faint: '#5b6478',
    accent: '#0b7a55',
    bar: '#cfdcd6',
  },
};

const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Helvetica Neue', Arial, sans-serif";
const whole = new Intl.NumberFormat('en');
const counted = (count: number, what: string) => `${whole.format(count)} ${what}${count === 1 ? '' : 's'}`;

interface TextStyle {
  readonly size: number;
  readonly fill: string;
  readonly weight?: number;
  readonly width?: number;
}

/**
 * One line in a box of its own: should the viewer's font be wider than estimated, the line is cut
 * there and never runs into its neighbour.
 */
function textAt(x: number, y: number, text: string, style: TextStyle): string {
  const { size, fill, weight = 400, width = WIDTH - 2 * MARGIN } = style;
  const shown = fitText(text.replace(/\s+/gu, ' ').trim(), width, { size, bold: weight >= 600 });
  // Names of any script begin at the left edge of their column: for these the end of the text is there.
  const direction = isRightToLeft(shown) ? ' text-anchor="end" direction="rtl" unicode-bidi="plaintext"' : '';
  const box = `x="${Math.round(x)}" y="${Math.round(y - 1.5 * size)}" width="${Math.ceil(width)}" height="${2 * size}"`;
  return `<svg ${box} overflow="hidden"><text y="${1.5 * size}" font-size="${size}" font-weight="${weight}" fill="${fill}"${direction}>${escapeXml(shown)}</text></svg>`;
}

function nameOf(item: TopItem): { name: string; by: string } {
  if (item.track) return { name: item.track.name, by: item.track.artists.map((one) => one.name).join(', ') };
  return {
    name: item.artist?.name ?? item.album?.name ?? item.genre ?? '',
    by: counted(item.plays, 'play'),
  };
}

function list(x: number, y: number, title: string, items: readonly TopItem[], palette: Palette): string {
  const rows = items.slice(0, LISTED).map((item, index) => {
    const { name, by } = nameOf(item);
    const top = y + 62 + index * 86;
    return [
      textAt(x, top, String(index + 1), { size: 30, fill: palette.accent, weight: 700, width: 40 }),
      textAt(x + 46, top, name, { size: 30, fill: palette.ink, weight: 600, width: COLUMN - 46 }),
      textAt(x + 46, top + 32, by, { size: 23, fill: palette.faint, width: COLUMN - 46 }),
    ].join('');
  });
  const heading = textAt(x, y, title, { size: 25, fill: palette.faint, weight: 600, width: COLUMN });
  const none = textAt(x, y + 62, 'Nothing yet', { size: 30, fill: palette.faint, width: COLUMN });
  return heading + (rows.length > 0 ? rows.join('') : none);
}

const MONTHS = 'JFMAMJJASOND';

function monthBars(y: number, months: Wrapped['months'], palette: Palette): string {
  const height = 120;
  const step = (WIDTH - 2 * MARGIN) / 12;
  const most = Math.max(1, ...months.map((month) => month.msPlayed));
  const bars = months.slice(0, 12).map((month, index) => {
    const tall = Math.max(4, Math.round((month.msPlayed / most) * height));
    const x = Math.round(MARGIN + index * step);
    const fill = month.msPlayed === most ? palette.accent : palette.bar;
    return `<rect x="${x}" y="${y + height - tall}" width="${Math.round(step - 14)}" height="${tall}" rx="6" fill="${fill}"/><text x="${x + Math.round((step - 14) / 2)}" y="${y + height + 30}" font-size="20" fill="${palette.faint}" text-anchor="middle">${MONTHS[index] ?? ''}</text>`;
  });
  return bars.join('');
}

function figure(x: number, y: number, value: string, what: string, palette: Palette, width: number): string {
  return (
    textAt(x, y, value, { size: value.length <= 7 ? 58 : 44, fill: palette.ink, weight: 700, width }) +
    textAt(x, y + 38, what, { size: 24, fill: palette.faint, width })
  );
}

/**
 * A year as a picture to be shared: SVG of 1080 × 1350 px that needs nothing from outside, no font
 * and no image. Whatever is in the names is text.
 */
export function wrappedCard(review: Wrapped & { readonly name: string }, theme: CardTheme): string {
  const palette = PALETTES[theme];
  const { summary, longestStreak } = review;
  const minutes = Math.round(summary.figures.msPlayed / 60_000);
  const third = (WIDTH - 2 * MARGIN) / 3;
  const right = WIDTH - MARGIN - COLUMN;
  const title = `${review.name}’s ${review.year} in music`;
  const description = `${counted(minutes, 'minute')}, ${counted(summary.figures.plays, 'play')}`;
  const parts = [
    textAt(MARGIN, 120, review.name, { size: 34, fill: palette.faint, weight: 600 }),
    textAt(MARGIN, 236, `${review.year} in music`, { size: 104, fill: palette.ink, weight: 800 }),
    figure(MARGIN, 348, whole.format(minutes), 'minutes of listening', palette, third - 16),
    figure(MARGIN + third, 348, whole.format(summary.figures.plays), 'plays', palette, third - 16),
    figure(
      MARGIN + 2 * third,
      348,
      longestStreak ? whole.format(longestStreak.days) : '0',
      longestStreak?.days === 1 ? 'day in a row' : 'days in a row',
      palette,
      third,
    ),
    monthBars(440, review.months, palette),
    list(MARGIN, 680, 'TOP TRACKS', review.topTracks, palette),
    list(right, 680, 'TOP ARTISTS', review.topArtists, palette),
    `<line x1="${MARGIN}" x2="${WIDTH - MARGIN}" y1="1196" y2="1196" stroke="${palette.bar}" stroke-width="2"/>`,
    textAt(
      MARGIN,
      1244,
      `${counted(summary.distinct.tracks, 'track')} · ${counted(summary.distinct.artists, 'artist')} · ${counted(summary.discovered.artists, 'artist')} heard for the first time`,
      { size: 25, fill: palette.ink },
    ),
    textAt(MARGIN, 1290, 'Made with Spindle · data from Spotify', { size: 22, fill: palette.faint }),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="title desc" font-family="${FONT}"><title id="title">${escapeXml(title)}</title><desc id="desc">${escapeXml(description)}</desc><defs><linearGradient id="ground" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="${palette.from}"/><stop offset="1" stop-color="${palette.to}"/></linearGradient></defs><rect width="${WIDTH}" height="${HEIGHT}" fill="url(#ground)"/>${parts.join('')}</svg>`;
}
