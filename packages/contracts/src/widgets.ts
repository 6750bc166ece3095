import { z } from 'zod';
import { queryFlagSchema } from './primitives.ts';
import { MEASURES, type Measure, RANGES, type RangeName } from './statistics.ts';

/** Cards that the gateway draws as SVG. */
export const WIDGET_KINDS = [
  'now-playing',
  'recently-played',
  'top-tracks',
  'top-artists',
  'grid',
  'summary',
  'streak',
] as const;
export type WidgetKind = (typeof WIDGET_KINDS)[number];

/** `auto` is light or dark as the reader's system is. */
export const WIDGET_THEMES = [
  'auto',
  'light',
  'dark',
  'terminal',
  'midnight',
  'paper',
  'forest',
  'sunset',
  'ocean',
  'candy',
  'nord',
  'dracula',
  'gruvbox',
  'contrast',
  'glass',
] as const;
export type WidgetTheme = (typeof WIDGET_THEMES)[number];

export const WIDGET_LAYOUTS = ['card', 'compact', 'row', 'list'] as const;
export type WidgetLayout = (typeof WIDGET_LAYOUTS)[number];

/** The layouts that each kind has; its first is the one it takes unless told. */
export const LAYOUTS_OF_WIDGET: Readonly<
  Record<WidgetKind, readonly [WidgetLayout, ...(readonly WidgetLayout[])]>
> = {
  'now-playing': ['card', 'compact', 'row'],
  'recently-played': ['list', 'compact', 'row'],
  'top-tracks': ['list', 'compact', 'row'],
  'top-artists': ['list', 'compact', 'row'],
  grid: ['card', 'compact'],
  summary: ['card', 'row'],
  streak: ['card', 'row'],
};

/** Narrowest and widest card, px. */
export const WIDGET_WIDTH = { min: 260, max: 1000 } as const;

const colour = z
  .string()
  .regex(
    /^([0-9a-f]{3}|[0-9a-f]{6}|[0-9a-f]{8})$/i,
    'must be 3, 6 or 8 hexadecimal digits without a #, such as 1db954',
  )
  .transform((digits) => digits.toLowerCase());

const wholeNumber = (min: number, max: number) => {
  const wrong = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,4}$/, wrong)
    .transform(Number)
    .pipe(z.number().min(min, wrong).max(max, wrong));
};

/** What the address of a card may say. All are strings, as addresses have them. */
export const widgetQuery = z.strictObject({
  theme: z.enum(WIDGET_THEMES).optional(),
  layout: z.enum(WIDGET_LAYOUTS).optional(),
  /** px. */
  width: wholeNumber(WIDGET_WIDTH.min, WIDGET_WIDTH.max).optional(),
  /** px. */
  border_radius: wholeNumber(0, 40).optional(),
  show_header: queryFlagSchema.optional(),
  show_artwork: queryFlagSchema.optional(),
  show_album: queryFlagSchema.optional(),
  show_progress: queryFlagSchema.optional(),
  show_times: queryFlagSchema.optional(),
  show_device: queryFlagSchema.optional(),
  show_footer: queryFlagSchema.optional(),
  animate: queryFlagSchema.optional(),
  limit: wholeNumber(1, 10).optional(),
  range: z.enum(RANGES).optional(),
  by: z.enum(MEASURES).optional(),
  bg: colour.optional(),
  text: colour.optional(),
  muted: colour.optional(),
  accent: colour.optional(),
  border: colour.optional(),
  /** Heading instead of the card's own. */
  title: z.string().max(60, 'must be at most 60 characters').optional(),
  /** Means nothing: another value makes image proxies fetch the card anew. */
  v: z.string().max(64, 'must be at most 64 characters').optional(),
});
type WidgetQuery = z.output<typeof widgetQuery>;
export type WidgetOptionName = keyof WidgetQuery;

export const WIDGET_COLOURS = ['bg', 'text', 'muted', 'accent', 'border'] as const;
export type WidgetColour = (typeof WIDGET_COLOURS)[number];

/** How a card is to look, every option decided. */
export interface WidgetOptions {
  readonly theme: WidgetTheme;
  /** Null: the kind's own. */
  readonly layout: WidgetLayout | null;
  /** px; null: the layout's own. */
  readonly width: number | null;
  /** px; null: the theme's own. */
  readonly borderRadius: number | null;
  readonly showHeader: boolean;
  readonly showArtwork: boolean;
  readonly showAlbum: boolean;
  readonly showProgress: boolean;
  readonly showTimes: boolean;
  readonly showDevice: boolean;
  readonly showFooter: boolean;
  readonly animate: boolean;
  readonly limit: number;
  readonly range: RangeName;
  readonly by: Measure;
  /** Hexadecimal digits in lower case without `#`, instead of the theme's. */
  readonly colours: Readonly<Partial<Record<WidgetColour, string>>>;
  readonly title: string | null;
}

/** The card that an address without options shows. */
export const DEFAULT_WIDGET_OPTIONS: WidgetOptions = {
  theme: 'auto',
  layout: null,
  width: null,
  borderRadius: null,
  showHeader: true,
  showArtwork: true,
  showAlbum: true,
  showProgress: true,
  showTimes: true,
  showDevice: false,
  showFooter: true,
  animate: true,
  limit: 5,
  range: 'month',
  by: 'plays',
  colours: {},
  title: null,
};

/** An option as a form shows it. */
export interface WidgetOptionField {
  readonly name: Exclude<WidgetOptionName, 'v'>;
  readonly label: string;
  readonly help?: string;
  readonly input: 'choice' | 'number' | 'switch' | 'colour' | 'text';
  /** Of a choice. */
  readonly choices?: readonly string[];
  /** Of a number: bounds in px or pieces. Of a text: its longest. */
  readonly min?: number;
  readonly max?: number;
  /** As the address would say it; null: the kind or the theme decides. */
  readonly default: string | null;
  /** The kinds it changes. */
  readonly kinds: readonly WidgetKind[];
}

const WITH_ITEMS: readonly WidgetKind[] = ['now-playing', 'recently-played', 'top-tracks', 'top-artists'];
const LISTS: readonly WidgetKind[] = ['recently-played', 'top-tracks', 'top-artists'];
const OF_A_PERIOD: readonly WidgetKind[] = ['top-tracks', 'top-artists', 'grid', 'summary'];

/** Every option, in the order in which a form shows them. */
export const WIDGET_OPTION_FIELDS: readonly WidgetOptionField[] = [
  {
    name: 'theme',
    label: 'Theme',
    help: '“auto” is light or dark as the reader’s system is.',
    input: 'choice',
    choices: WIDGET_THEMES,
    default: 'auto',
    kinds: WIDGET_KINDS,
  },
  {
    name: 'layout',
    label: 'Layout',
    input: 'choice',
    choices: WIDGET_LAYOUTS,
    default: null,
    kinds: WIDGET_KINDS,
  },
  {
    name: 'range',
    label: 'Period',
    input: 'choice',
    choices: RANGES,
    default: DEFAULT_WIDGET_OPTIONS.range,
    kinds: OF_A_PERIOD,
  },
  {
    name: 'by',
    label: 'Ranked by',
    input: 'choice',
    choices: MEASURES,
    default: DEFAULT_WIDGET_OPTIONS.by,
    kinds: ['top-tracks', 'top-artists'],
  },
  { name: 'limit', label: 'Rows', input: 'number', min: 1, max: 10, default: '5', kinds: LISTS },
  { name: 'width', label: 'Width', input: 'number', ...WIDGET_WIDTH, default: null, kinds: WIDGET_KINDS },
  {
    name: 'border_radius',
    label: 'Corner radius',
    input: 'number',
    min: 0,
    max: 40,
    default: null,
    kinds: WIDGET_KINDS,
  },
  {
    name: 'title',
    label: 'Heading',
    help: 'Instead of the card’s own heading.',
    input: 'text',
    max: 60,
    default: null,
    kinds: WIDGET_KINDS,
  },
  { name: 'show_header', label: 'Heading', input: 'switch', default: '1', kinds: WIDGET_KINDS },
  { name: 'show_artwork', label: 'Artwork', input: 'switch', default: '1', kinds: WITH_ITEMS },
  { name: 'show_album', label: 'Album', input: 'switch', default: '1', kinds: ['now-playing'] },
  { name: 'show_progress', label: 'Progress bar', input: 'switch', default: '1', kinds: ['now-playing'] },
  {
    name: 'show_times',
    label: 'Times and counts',
    help: 'How far it is, when it was played, how often.',
    input: 'switch',
    default: '1',
    kinds: WITH_ITEMS,
  },
  { name: 'show_device', label: 'Device', input: 'switch', default: '0', kinds: ['now-playing'] },
  {
    name: 'show_footer',
    label: 'Footer',
    help: 'Without it, the word “Spotify” moves into the heading: Spotify asks to be named.',
    input: 'switch',
    default: '1',
    kinds: WIDGET_KINDS,
  },
  {
    name: 'animate',
    label: 'Movement',
    help: 'Never for readers who asked their system for less of it.',
    input: 'switch',
    default: '1',
    kinds: ['now-playing'],
  },
  { name: 'bg', label: 'Background', input: 'colour', default: null, kinds: WIDGET_KINDS },
  {
    name: 'text',
    label: 'Text',
    help: 'Made darker or lighter where it could not be read on the background.',
    input: 'colour',
    default: null,
    kinds: WIDGET_KINDS,
  },
  { name: 'muted', label: 'Small text', input: 'colour', default: null, kinds: WIDGET_KINDS },
  { name: 'accent', label: 'Accent', input: 'colour', default: null, kinds: WIDGET_KINDS },
  { name: 'border', label: 'Border', input: 'colour', default: null, kinds: WIDGET_KINDS },
];

/** A value as a message may quote it. */
const quoted = (value: unknown): string => {
  const text = typeof value === 'string' ? value : 'several values';
  return `“${[...text.slice(0, 80)].slice(0, 24).join('')}${text.length > 24 ? '…' : ''}”`;
};

function problemOf(name: string, value: unknown, error: z.ZodError): string {
  const issue = error.issues[0];
  if (Array.isArray(value)) return `${name} is given more than once`;
  const must =
    issue?.code === 'invalid_value'
      ? `must be one of ${issue.values.map(String).join(', ')}`
      : issue?.code === 'invalid_union'
        ? 'must be 1 or 0'
        : (issue?.message ?? 'is wrong');
  return `${name} ${must}, not ${quoted(value)}`;
}

/**
 * The options of a card's address. What is wrong is named in `problems`, one sentence each, and left at
 * its default; never throws. With `kind`, a layout that the kind lacks is a problem too.
 */
export function parseWidgetQuery(
  query: Readonly<Record<string, unknown>>,
  kind?: WidgetKind,
): { readonly options: WidgetOptions; readonly problems: string[] } {
  const problems: string[] = [];
  const read: { -readonly [Name in keyof WidgetQuery]: WidgetQuery[Name] } = {};
  const take = <Name extends WidgetOptionName>(name: Name) => {
    if (!Object.hasOwn(query, name)) return;
    const result = widgetQuery.shape[name].safeParse(query[name]);
    if (result.success) read[name] = result.data as WidgetQuery[Name];
    else problems.push(problemOf(name, query[name], result.error));
  };
  for (const name of Object.keys(query)) {
    if (Object.hasOwn(widgetQuery.shape, name)) take(name as WidgetOptionName);
    else problems.push(`${quoted(name)} is no option`);
  }
  if (kind && read.layout && !LAYOUTS_OF_WIDGET[kind].includes(read.layout)) {
    problems.push(
      `layout of ${kind} must be one of ${LAYOUTS_OF_WIDGET[kind].join(', ')}, not ${quoted(read.layout)}`,
    );
    delete read.layout;
  }
  const fallback = DEFAULT_WIDGET_OPTIONS;
  const colours: Partial<Record<WidgetColour, string>> = {};
  for (const name of WIDGET_COLOURS) {
    const value = read[name];
    if (value) colours[name] = value;
  }
  return {
    problems,
    options: {
      theme: read.theme ?? fallback.theme,
      layout: read.layout ?? null,
      width: read.width ?? null,
      borderRadius: read.border_radius ?? null,
      showHeader: read.show_header ?? fallback.showHeader,
      showArtwork: read.show_artwork ?? fallback.showArtwork,
      showAlbum: read.show_album ?? fallback.showAlbum,
      showProgress: read.show_progress ?? fallback.showProgress,
      showTimes: read.show_times ?? fallback.showTimes,
      showDevice: read.show_device ?? fallback.showDevice,
      showFooter: read.show_footer ?? fallback.showFooter,
      animate: read.animate ?? fallback.animate,
      limit: read.limit ?? fallback.limit,
      range: read.range ?? fallback.range,
      by: read.by ?? fallback.by,
      colours,
      title: read.title?.trim() || null,
    },
  };
}
