import type { WidgetColour, WidgetOptions, WidgetTheme } from '@spindle/contracts';
import { type Colour, colourOf, cssOf, groundsOf, mix, readable, readableGround } from './colour.ts';

/** A theme as it is written down: colours as hexadecimal digits. */
interface Palette {
  readonly bg: string;
  /** Where the background runs to, from upper left to lower right. */
  readonly bgTo?: string;
  readonly text: string;
  readonly muted: string;
  readonly accent: string;
  readonly border: string;
}

export type FontName = 'sans' | 'mono' | 'serif';

interface Theme {
  readonly palette: Palette;
  /** Where the reader's system is dark. */
  readonly dark?: Palette;
  readonly font?: FontName;
  /** Corners, px. */
  readonly radius?: number;
}

const LIGHT: Palette = { bg: 'ffffff', text: '1f2328', muted: '59636e', accent: '1a7f45', border: 'd1d9e0' };
const DARK: Palette = { bg: '0d1117', text: 'f0f6fc', muted: '9198a1', accent: '1ed760', border: '30363d' };

const THEMES: Readonly<Record<WidgetTheme, Theme>> = {
  auto: { palette: LIGHT, dark: DARK },
  light: { palette: LIGHT },
  dark: { palette: DARK },
  terminal: {
    palette: { bg: '060b06', text: '4af626', muted: '36b31c', accent: 'a6ff8f', border: '1f4a1a' },
    font: 'mono',
    radius: 8,
  },
  midnight: {
    palette: {
      bg: '1b1846',
      bgTo: '0b0d24',
      text: 'f1efff',
      muted: 'aaa6d8',
      accent: 'a394ff',
      border: '322e6b',
    },
  },
  paper: {
    palette: { bg: 'fbf5e6', text: '3a3226', muted: '756750', accent: 'a8481a', border: 'e2d5b5' },
    font: 'serif',
    radius: 4,
  },
  forest: {
    palette: {
      bg: '153226',
      bgTo: '0c1a14',
      text: 'e9f5ec',
      muted: '9fc2ab',
      accent: '7bd88f',
      border: '28503f',
    },
  },
  sunset: {
    palette: {
      bg: '3a1c4d',
      bgTo: '7a2b3d',
      text: 'fff3ea',
      muted: 'f1c6b8',
      accent: 'ffb866',
      border: '8d4560',
    },
    radius: 16,
  },
  ocean: {
    palette: {
      bg: '06283f',
      bgTo: '0b4260',
      text: 'ebf8ff',
      muted: 'a3cde2',
      accent: '56d4ff',
      border: '1b5677',
    },
    radius: 16,
  },
  candy: {
    palette: {
      bg: 'fff0f6',
      bgTo: 'f1ebff',
      text: '4a1942',
      muted: '865379',
      accent: 'c8127a',
      border: 'f3cbe0',
    },
    radius: 20,
  },
  nord: { palette: { bg: '2e3440', text: 'eceff4', muted: 'b3bccc', accent: '88c0d0', border: '434c5e' } },
  dracula: { palette: { bg: '282a36', text: 'f8f8f2', muted: 'b4b9d4', accent: 'ff79c6', border: '44475a' } },
  gruvbox: { palette: { bg: '282828', text: 'ebdbb2', muted: 'bdae93', accent: 'fabd2f', border: '504945' } },
  contrast: {
    palette: { bg: '000000', text: 'ffffff', muted: 'ffffff', accent: 'ffea00', border: 'ffffff' },
    radius: 0,
  },
  glass: {
    palette: {
      bg: '2a3147cc',
      bgTo: '161a2acc',
      text: 'ffffff',
      muted: 'd3d9e8',
      accent: '9be8ff',
      border: 'ffffff3d',
    },
    radius: 18,
  },
};

/** Colours that parts of a card are filled with, as CSS has them. */
export interface Inks {
  readonly bg: string;
  readonly bgTo: string | null;
  readonly text: string;
  readonly muted: string;
  readonly accent: string;
  readonly border: string;
  /** What bars and cells lie on: little more than the background. */
  readonly track: string;
}

export interface Look {
  readonly inks: Inks;
  readonly darkInks: Inks | null;
  readonly font: FontName;
  readonly radius: number;
  /** Drawn as a terminal's window, with a prompt. */
  readonly terminal: boolean;
}

function inksOf(palette: Palette, own: Readonly<Partial<Record<WidgetColour, string>>>): Inks {
  const bg = readableGround(colourOf(own.bg ?? palette.bg));
  const bgTo = own.bg === undefined && palette.bgTo ? readableGround(colourOf(palette.bgTo)) : null;
  const grounds = groundsOf(bgTo ? [bg, bgTo] : [bg]);
  const ink = (name: 'text' | 'muted' | 'accent'): Colour => {
    const wanted = colourOf(own[name] ?? palette[name]);
    return readable(mix({ ...bg, alpha: 1 }, wanted, wanted.alpha), grounds);
  };
  const text = ink('text');
  return {
    bg: cssOf(bg),
    bgTo: bgTo && cssOf(bgTo),
    text: cssOf(text),
    muted: cssOf(ink('muted')),
    accent: cssOf(ink('accent')),
    border: cssOf(colourOf(own.border ?? palette.border)),
    track: cssOf({ ...text, alpha: 0.13 }),
  };
}

const DEFAULT_RADIUS = 12;

/** The theme of the options with their own colours in it; every text of it can be read. */
export function lookOf({ theme: name, colours, borderRadius }: WidgetOptions): Look {
  const theme = THEMES[name];
  return {
    inks: inksOf(theme.palette, colours),
    darkInks: theme.dark ? inksOf(theme.dark, colours) : null,
    font: theme.font ?? 'sans',
    radius: borderRadius ?? theme.radius ?? DEFAULT_RADIUS,
    terminal: name === 'terminal',
  };
}
